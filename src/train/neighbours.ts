import * as tf from '@tensorflow/tfjs';
import { Belongings } from '../gpu/belongings';
import { headFeatures } from '../methods/parts/taps';
import { NEIGHBOURS } from '../samplers/parts/compose';
import type { Pixels } from '../samplers/parts/render';
import { realRow, renderTensor } from './data';
import type { Teacher } from './teacher';

/** Rows whose features, and whose distances to all others, are computed at once. */
const BLOCK = 250;

/**
 * For each of the first `count` rows its nearest others in the features that the teacher's head reads, nearest first:
 * [count, min(NEIGHBOURS, count - 1)], by squared distance; the lower row first where two are equally near.
 *
 * @param pause told the share that is done; awaited, so that it may let messages in
 */
export async function nearestRows(
  teacher: Teacher,
  pixels: Pixels,
  count: number,
  pause: (share: number) => Promise<void>,
): Promise<readonly Int32Array[]> {
  const blocks = Array.from({ length: Math.ceil(count / BLOCK) }, (_, i) => ({
    from: i * BLOCK,
    size: Math.min(BLOCK, count - i * BLOCK),
  }));
  const kept = new Belongings();
  const found: Int32Array[] = [];
  try {
    const parts: tf.Tensor2D[] = [];
    for (const { from, size } of blocks) {
      const plans = Array.from({ length: size }, (_, i) => realRow(from + i));
      parts.push(
        kept.add(
          tf.tidy(() => tf.keep(headFeatures(teacher.explain(renderTensor(pixels, plans)).taps))),
        ),
      );
      await pause((0.5 * (from + size)) / count);
    }
    const all = kept.add(tf.tidy(() => tf.keep(tf.concat(parts))));
    const lengths = kept.add(tf.tidy(() => tf.keep(tf.sum(tf.square(all), 1))));
    for (const [i, { from, size }] of blocks.entries()) {
      // |a - b|^2 less |a|^2, which is the same for all of a's neighbours.
      const distances = tf.tidy(() =>
        tf.sub(lengths, tf.mul(tf.matMul(parts[i] as tf.Tensor2D, all, false, true), 2)),
      );
      const values = (await distances.data()) as Float32Array;
      distances.dispose();
      for (let row = 0; row < size; row++)
        found.push(smallest(values.subarray(row * count, (row + 1) * count), from + row));
      await pause(0.5 + (0.5 * (from + size)) / count);
    }
  } finally {
    kept.dispose();
  }
  return found;
}

/** Places of the smallest values in order, one place left out. */
function smallest(values: Float32Array, without: number): Int32Array {
  const kept: number[] = [];
  const value = (at: number | undefined) => (at === undefined ? Infinity : (values[at] as number));
  for (let at = 0; at < values.length; at++) {
    if (at === without || (kept.length === NEIGHBOURS && value(at) >= value(kept.at(-1)))) continue;
    let place = kept.length;
    while (place > 0 && value(at) < value(kept[place - 1])) place -= 1;
    kept.splice(place, 0, at);
    if (kept.length > NEIGHBOURS) kept.pop();
  }
  return Int32Array.from(kept);
}
