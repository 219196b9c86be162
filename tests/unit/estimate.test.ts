import { expect, it } from 'vitest';
import { Estimate } from '../../src/train/estimate';
import { Keep } from '../../src/train/keep';

it('the time left follows the pace of the piece that goes on, from a second on', () => {
  const estimate = new Estimate();
  const shares: readonly (readonly [string, number, number])[] = [
    ['a', 0, 0],
    ['a', 0.05, 0.5],
    ['a', 0.25, 2],
    ['a', 1, 8],
    ['b', 0.5, 8],
    ['b', 0.6, 10],
    // The same words again, from the beginning.
    ['b', 0, 11],
    ['b', 0.1, 13],
  ];
  const left = shares.map(([what, share, now]) => estimate.left(what, share, now));
  expect(left.map((s) => s && Math.round(s * 1e6) / 1e6)).toEqual([
    null,
    null,
    6,
    0,
    null,
    8,
    null,
    18,
  ]);
});

it('what is kept is found again, and the oldest goes first', () => {
  const keep = new Keep();
  for (let i = 0; i < 13; i++) keep.put(`${i}`, i);
  expect([keep.get('0'), keep.get('1'), keep.get('12')]).toEqual([undefined, 1, 12]);
  keep.clear();
  expect(keep.get('12')).toBeUndefined();
});
