import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { Detector } from '../../src/anomaly/detector';
import { destseg } from '../../src/recipe/anomaly';
import { useBackend } from '../support/backends';
import { expectRelative, wave } from '../support/numbers';

const LEVELS = [
  { side: 8, channels: 4 },
  { side: 4, channels: 6 },
];

/** Both losses before and after a step of each part, and the maps, on whatever backend is in use. */
async function twoSteps(): Promise<number[]> {
  const start = { warmup: 0, rate: 0.05 };
  const recipe = {
    ...destseg,
    student: { ...destseg.student, optimizer: { ...destseg.student.optimizer, ...start } },
    segmentation: {
      ...destseg.segmentation,
      optimizer: { ...destseg.segmentation.optimizer, ...start },
    },
  };
  const detector = new Detector(recipe, true, 16, LEVELS);
  const x = tf.tensor4d(wave([2, 16, 16, 3], [0.37, 0.2, 1]), [2, 16, 16, 3]);
  const mask = tf.tensor4d(
    Float32Array.from({ length: 512 }, (_, at) => (at % 16 < 6 ? 1 : 0)),
    [2, 16, 16, 1],
  );
  const teacher = LEVELS.map(({ side, channels }, i) =>
    tf.tensor4d(wave([2, side, side, channels], [0.7 + i, 0.3, 1, 0.5]), [2, side, side, channels]),
  );
  const losses: number[] = [];
  for (let step = 0; step < 2; step += 1) {
    detector.learnFeatures(x, teacher, 0);
    losses.push(await detector.lastLoss());
  }
  for (let step = 0; step < 2; step += 1) {
    detector.learnMasks(x, teacher, mask, 0);
    losses.push(await detector.lastLoss());
  }
  const { student, segmentation } = await detector.maps(x, teacher);
  const out = [...losses, ...student.slice(0, 64), ...segmentation.slice(0, 64)];
  detector.dispose();
  tf.dispose([x, mask, ...teacher]);
  return out;
}

let wanted: number[] = [];

beforeAll(async () => {
  await tf.setBackend('cpu');
  wanted = await twoSteps();
});

it.each(['webgpu', 'wasm'] as const)('both parts learn on %s as on cpu', async (name) => {
  await useBackend(name);
  expect(wanted[1]).not.toBeCloseTo(wanted[0] as number, 4);
  expectRelative(await twoSteps(), wanted, 1e-3);
});
