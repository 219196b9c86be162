import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fence } from '../../src/gpu/fence';
import type { FileStudent } from '../../src/recipe/meaning';
import { loadGivenStudents } from '../../src/train/given-students';
import { Teacher } from '../../src/train/teacher';
import { Trainer } from '../../src/train/trainer';
import { adapt } from '../../src/upload/inspect/adapt';
import { useBackend } from '../support/backends';
import { expectClose } from '../support/numbers';
import { choose, recipeOf, student } from '../support/recipes';
import { drawnTeacher, quiet } from '../support/runs';
import { imageTask } from '../support/tasks';
import { meaningOf, smallNetwork } from '../support/uploads';

/** Networks from files in runs on WebGPU, beside the same runs in plain JavaScript. */

const STEPS = 6;
const data = imageTask();
const net = smallNetwork(5);
const meaning = meaningOf(net, 5, {
  input: { name: '0 to 1', order: 'rgb', scale: 1 / 255, mean: [0], std: [1], perImage: false },
  answers: { kind: 'probabilities', classes: [4, 0, 1, 2, 3] },
  taps: { stage1: 'window' },
});
const xcl = student(choose('method', 'xcl'), choose('sampler', 'interpolation', { share: 0.5 }));

interface Seen {
  readonly losses: readonly number[];
  readonly replays: boolean;
  readonly refusal: string | null;
}

async function taught(): Promise<Seen> {
  const { graph, weights } = adapt(net, data, meaning);
  const teacher = new Teacher('From a file', graph, weights);
  const trainer = new Trainer(recipeOf([xcl], { steps: STEPS, batch: 6 }), data, teacher, quiet);
  const seen = await losses(trainer);
  teacher.dispose();
  return seen;
}

async function learnt(): Promise<Seen> {
  const file: FileStudent = { name: 'net', sha256: 'a'.repeat(64), meaning, weights: 'kept' };
  const recipe = recipeOf([{ ...xcl, file }], { steps: STEPS, batch: 6 });
  const given = await loadGivenStudents(recipe, data, { uploaded: () => net });
  const teacher = drawnTeacher(data);
  const trainer = new Trainer(recipe, data, teacher, quiet, true, new Map(), given);
  const seen = await losses(trainer);
  teacher.dispose();
  return seen;
}

async function losses(trainer: Trainer): Promise<Seen> {
  await trainer.prepare();
  const found: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await trainer.takeStep();
    await fence();
    found.push((await trainer.trainPoints())[0]?.loss ?? NaN);
  }
  const { replays, refusal } = trainer;
  trainer.dispose();
  return { losses: found, replays, refusal };
}

async function onCpu(run: () => Promise<Seen>): Promise<Seen> {
  const present = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return await run();
  } finally {
    await tf.setBackend(present);
  }
}

beforeAll(async () => {
  await useBackend('webgpu');
});

describe('a network from a file', () => {
  it('teaches within the step that is replayed, and the student learns as in plain JavaScript', async () => {
    const seen = await taught();
    expect(seen.refusal).toBeNull();
    expect(seen.replays).toBe(true);
    expectClose([...seen.losses], [...(await onCpu(taught)).losses], 1e-3);
  });

  it('learns as in plain JavaScript', async () => {
    const seen = await learnt();
    expectClose([...seen.losses], [...(await onCpu(learnt)).losses], 1e-3);
    expect(seen.replays || seen.refusal !== null).toBe(true);
  });
});
