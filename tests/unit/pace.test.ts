import { describe, expect, it } from 'vitest';
import { Fineness } from '../../src/train/pace';

const SHARE = 0.15;

/** Draws pictures that cost `cost(halvings)`, with so much other work between them; gives the halvings of each. */
function drawings(
  count: number,
  between: number,
  cost: (halvings: number, first: boolean) => number,
): number[] {
  const fineness = new Fineness();
  const drawn: number[] = [];
  let now = 0;
  for (let i = 0; i < count; i += 1) {
    const { halvings } = fineness;
    const started = (now += between);
    now += cost(halvings, !drawn.includes(halvings));
    fineness.took(halvings, started, now, SHARE);
    drawn.push(halvings);
  }
  return drawn;
}

describe('the fineness of pictures', () => {
  it('stays the finest where drawing is cheap, however dear the first picture was', () => {
    const drawn = drawings(40, 1000, (_, first) => (first ? 60_000 : 50));
    expect(new Set(drawn)).toEqual(new Set([0]));
  });

  it('falls until pictures take no more than their share, and stays there', () => {
    const drawn = drawings(80, 1000, (halvings) => 1600 / 4 ** halvings);
    expect(drawn[0]).toBe(0);
    expect(new Set(drawn.slice(20))).toEqual(new Set([2]));
  });

  it('ends at an eighth of the cells a side where nothing helps', () => {
    const drawn = drawings(80, 10, () => 500);
    expect(new Set(drawn.slice(20))).toEqual(new Set([3]));
  });

  it('rises again where there is time', () => {
    const fineness = new Fineness();
    let now = 0;
    const draw = (between: number, cost: number) => {
      now += between + cost;
      fineness.took(fineness.halvings, now - cost, now, SHARE);
    };
    for (let i = 0; i < 30; i += 1) draw(10, 100);
    expect(fineness.halvings).toBe(3);
    for (let i = 0; i < 40; i += 1) draw(1000, 2);
    expect(fineness.halvings).toBe(0);
  });
});
