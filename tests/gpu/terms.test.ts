import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { TermLog } from '../../src/train/terms';
import { useBackend } from '../support/backends';

/** Two students' terms at a step: values that name their step and place. */
function put(log: TermLog, step: number): void {
  log.begin(step);
  const one = tf.scalar(step + 0.25);
  const [two, three] = [tf.scalar(2 * step), tf.scalar(-step)];
  log.put(0, { kl: one });
  log.put(1, { ce: two, kl: three });
  tf.dispose([one, two, three]);
}

const wanted = (step: number) => [
  { step, terms: { kl: step + 0.25 } },
  { step, terms: { ce: 2 * step, kl: step === 0 ? -0 : -step } },
];

test('on WebGPU one reading brings every step since the last, up to the 256 that the ring holds', async () => {
  await useBackend('webgpu');
  const log = new TermLog(2);
  expect(await log.read()).toEqual([[], []]);
  put(log, 0);
  put(log, 1);
  const first = await log.read();
  for (const student of [0, 1])
    expect(first[student]).toEqual([0, 1].map((step) => wanted(step)[student]));
  for (let step = 2; step < 300; step++) put(log, step);
  const second = await log.read();
  const steps = Array.from({ length: 256 }, (_, i) => 44 + i);
  for (const student of [0, 1])
    expect(second[student]).toEqual(steps.map((step) => wanted(step)[student]));
  // Nothing new: the last step again, for whoever draws it.
  expect((await log.read()).map((all) => all.map(({ step }) => step))).toEqual([[299], [299]]);
  log.dispose();
});

test('elsewhere it brings the last step', async () => {
  await tf.setBackend('cpu');
  const before = tf.memory().numTensors;
  const log = new TermLog(2);
  put(log, 0);
  put(log, 1);
  expect(await log.read()).toEqual(wanted(1).map((terms) => [terms]));
  log.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
