import { createHash } from 'node:crypto';
import { startBackend } from '../../src/gpu/backend';
import { fence } from '../../src/gpu/fence';
import { drawWeights } from '../../src/models/net/draw';
import { weightsOf } from '../../src/models/net/graph';
import { writeSafetensors } from '../../src/models/net/safetensors';
import { models } from '../../src/models/registry';
import { requireRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { TeacherCard } from '../../src/recipe/recipe';
import { catalogueOf } from '../../src/train/catalogue';
import { loadTeacher } from '../../src/train/prepare';
import type { Surroundings } from '../../src/train/prepare';
import { Trainer } from '../../src/train/trainer';
import { dataOf, presetOf, studentOf, teacherOf } from './cells';
import type { Cell, Run } from './cells';
import { countingDevice } from './counting-device';

/** The smallest transfer set that every task allows. */
const FEWEST = 50;

/**
 * A run of the project's own engine, made and stepped as the page and the command line do it: a preset's recipe with one
 * student, a teacher read from a file, the teacher's answers remembered where that pays, then step by step.
 */
export async function ownRun(cell: Cell): Promise<Run> {
  await startEngine();
  const count = Math.max(FEWEST, cell.batch);
  const data = dataOf(cell, count);
  const preset = presetOf(cell);
  const { card, bytes } = teacherFile(cell, data.shape, data.classes.length);
  const around: Surroundings = {
    cards: [card],
    sources: () => [],
    teacherFile: () => Promise.resolve(bytes),
    pause: () => Promise.resolve(),
    progress: () => undefined,
  };
  const recipe = requireRecipe(
    {
      ...preset,
      transfer: count,
      teacher: { source: 'bundled', id: card.id },
      students: [studentOf(cell)],
      batch: cell.batch,
      // What an evaluation leaves in tfjs's pool of buffers is not the step's.
      evaluation: { ...preset.evaluation, images: 1 },
    },
    catalogueOf(around.cards),
  );
  const teacher = await loadTeacher(recipe, data, around);
  const trainer = new Trainer(recipe, data, teacher, around);
  await trainer.prepare();
  return {
    async step() {
      await trainer.takeStep();
      await fence();
    },
  };
}

/**
 * Starts the engine's backend as a run does, with whatever it puts in the place of tfjs's own. A device that computes
 * nothing cannot pass the self-test at the end of it, so that the refusal is no failure here.
 */
async function startEngine(): Promise<void> {
  try {
    await startBackend({ wanted: 'webgpu' });
  } catch (refused) {
    const selfTest =
      refused instanceof UserError && refused.message.includes('computes wrong gradients');
    if (!selfTest) throw refused;
  }
  countingDevice();
}

/** A teacher as it ships: a file of (drawn) weights and its card. */
function teacherFile(
  cell: Cell,
  shape: readonly number[],
  classes: number,
): { card: TeacherCard; bytes: Uint8Array } {
  const model = teacherOf(cell);
  const graph = models.get(model.id).graph(shape, classes, model.params);
  const weights = drawWeights(graph, 2);
  const tensors = new Map(
    weightsOf(graph).map(({ name, shape: size }) => [
      name,
      { shape: size, values: weights.get(name) ?? new Float32Array() },
    ]),
  );
  const bytes = writeSafetensors({ tensors, metadata: {} });
  const card: TeacherCard = {
    id: 'drawn',
    title: 'Drawn',
    task: presetOf(cell).task,
    model,
    parameters: 0,
    macs: 0,
    data: '',
    accuracy: {},
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.byteLength,
  };
  return { card, bytes };
}
