import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samplers } from '../../src/samplers/registry';
import type { TaskData } from '../../src/tasks/contract';
import { drawRows } from '../support/draws';
import { imageTask } from '../support/tasks';

const data = imageTask({ count: 50 });
const mixing = samplers.all().filter((sampler) => sampler.labels === 'mixed');

/** Labels of a row and its partner, for many drawn rows. */
function pairs(id: string, policy: string, from: TaskData, batch = 400): [number, number][] {
  return drawRows(samplers.get(id), { pairs: policy }, from, { batch }).map(({ row, mix }) => [
    from.train.y[row]!,
    'partner' in mix ? from.train.y[mix.partner]! : NaN,
  ]);
}

describe.each(mixing)('pairs of $id', ({ id }) => {
  it('of the same class', () => {
    expect(pairs(id, 'same', data).filter(([a, b]) => a !== b)).toEqual([]);
  });

  it('of different classes, every other class about equally often', () => {
    const drawn = pairs(id, 'different', data);
    expect(drawn.filter(([a, b]) => a === b)).toEqual([]);
    for (let shift = 1; shift < 5; shift += 1) {
      const count = drawn.filter(([a, b]) => (b - a + 5) % 5 === shift).length;
      // 400 draws at 1/4: five standard errors.
      expect(Math.abs(count - 100)).toBeLessThan(45);
    }
  });

  it('of any two rows: a fifth of the same class', () => {
    const same = pairs(id, 'any', data).filter(([a, b]) => a === b).length;
    expect(Math.abs(same - 80)).toBeLessThan(40);
  });

  it('that there are none of: falls back to what there is', () => {
    const alone: TaskData = { ...data, train: { ...data.train, y: new Uint8Array(50) } };
    expect(pairs(id, 'different', alone, 20)).toEqual(Array.from({ length: 20 }, () => [0, 0]));
    const y = Uint8Array.from({ length: 50 }, (_, i) => (i === 0 ? 1 : 0));
    const one: TaskData = { ...data, train: { ...data.train, y } };
    fc.assert(
      fc.property(fc.nat(100), (seed) => {
        const [plan] = drawRows(samplers.get(id), { pairs: 'same' }, one, { seed, batch: 1 });
        expect(plan).toMatchObject({ row: 0, mix: { partner: 0 } });
      }),
      { numRuns: 10 },
    );
  });

  it('leave no row of the transfer set out', () => {
    const partners = new Set(
      drawRows(samplers.get(id), {}, data, { batch: 1000 }).map(({ mix }) =>
        'partner' in mix ? mix.partner : -1,
      ),
    );
    expect(partners.size).toBe(50);
  });
});
