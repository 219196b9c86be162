import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { headFeatures } from '../../src/methods/parts/taps';
import { NEIGHBOURS } from '../../src/samplers/parts/compose';
import { pixelsOf, realRow, renderTensor } from '../../src/train/data';
import { nearestRows } from '../../src/train/neighbours';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, student, TINY } from '../support/recipes';
import { drawnTeacher, quiet, trainerOf } from '../support/runs';
import { imageTask } from '../support/tasks';

beforeAll(useCpu);

const data = imageTask({ count: 40 });
const pixels = pixelsOf(data, data.train);

it('are the rows whose features are nearest, in order', async () => {
  const before = tf.memory().numTensors;
  const teacher = drawnTeacher(data);
  const found = await nearestRows(teacher, pixels, 40, quiet.pause);
  const features = tf.tidy(() => {
    const plans = Array.from({ length: 40 }, (_, row) => realRow(row));
    return headFeatures(teacher.network.outputs(renderTensor(pixels, plans)).taps).arraySync();
  });
  const distance = (a: number, b: number) =>
    Math.hypot(...(features[a] as number[]).map((v, i) => v - (features[b]?.[i] as number)));
  found.forEach((near, row) => {
    const others = Array.from({ length: 40 }, (_, other) => other).filter((other) => other !== row);
    const wanted = others.map((other) => distance(row, other)).toSorted((a, b) => a - b);
    expect(near.length).toBe(NEIGHBOURS);
    near.forEach((other, i) => {
      expect(other).not.toBe(row);
      // Features of equal distance may change places by rounding: the distances themselves are compared.
      expect(Math.abs(distance(row, other) - (wanted[i] as number))).toBeLessThan(1e-4);
    });
  });
  teacher.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('are who mixed rows are mixed with, where the sampler says so', async () => {
  const teacher = drawnTeacher(data);
  const near = await nearestRows(teacher, pixels, 40, quiet.pause);
  const sampler = choose('sampler', 'interpolation', { pairs: 'neighbours' });
  const recipe = recipeOf([student(choose('method', 'xcl'), sampler, TINY)], { transfer: 40 });
  const trainer = trainerOf(recipe, data, teacher);
  await trainer.prepare();
  for (let step = 0; step < 3; step++) {
    await trainer.takeStep();
    for (const { parents } of await trainer.look(8)) {
      const [first, second] = parents;
      expect([...(near[first!.row] as Int32Array)]).toContain(second!.row);
    }
  }
  trainer.dispose();
  teacher.dispose();
});
