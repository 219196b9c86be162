import * as tf from '@tensorflow/tfjs';
import type { Student } from '../../src/recipe/recipe';
import { imageTask, planeTask } from './tasks';
import { recipeOf, SGD } from './recipes';
import { drawnTeacher, trainerOf } from './runs';

/** What one training step did: the terms of the loss, and by how much each weight changed. */
export interface Step {
  readonly terms: Readonly<Record<string, number>>;
  readonly changes: ReadonlyMap<string, Float32Array>;
}

/** One step of a student on the current backend, at a learning rate of 1, so that changes are as large as gradients. */
export async function oneStep(student: Student): Promise<Step> {
  const plane = student.model.id === 'mlp';
  const data = plane ? planeTask() : imageTask();
  const teacher = drawnTeacher(data, student.model);
  const optimizer = { ...SGD, rate: 1, nesterov: false };
  const trainer = trainerOf(recipeOf([student], { optimizer, batch: 4 }), data, teacher);
  const { network } = trainer.students[0]!;
  const before = await network.read();
  await trainer.takeStep();
  const [point] = await trainer.trainPoints();
  const after = await network.read();
  trainer.dispose();
  teacher.dispose();
  const changes = new Map(
    [...after].map(([name, values]) => [
      name,
      values.map((value, i) => value - before.get(name)![i]!),
    ]),
  );
  return { terms: point!.terms, changes };
}

/** The same step on the plain JavaScript backend; goes back to the present one. */
export async function oneStepOnCpu(student: Student): Promise<Step> {
  const present = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return await oneStep(student);
  } finally {
    await tf.setBackend(present);
  }
}
