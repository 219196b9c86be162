import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Order } from '../../src/train/order';

it('gives every row once before any comes again, whatever the batch', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 60 }),
      (count, batch) => {
        const order = new Order(count, 1);
        const rows: number[] = [];
        while (rows.length < 3 * count) rows.push(...order.next(batch));
        for (let epoch = 0; epoch < 3; epoch += 1) {
          const seen = new Set(rows.slice(epoch * count, (epoch + 1) * count));
          expect(seen.size).toBe(count);
          expect(Math.max(...seen)).toBe(count - 1);
        }
      },
    ),
  );
});

it('is another order in every epoch and for every seed, and the same for the same seed', () => {
  const epochs = (seed: number) => {
    const order = new Order(50, seed);
    return [order.next(50), order.next(50)].map(String);
  };
  expect(epochs(1)).toEqual(epochs(1));
  expect(new Set([...epochs(1), ...epochs(2)]).size).toBe(4);
});
