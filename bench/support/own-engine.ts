import { startBackend } from '../../src/gpu/backend';
import { fence } from '../../src/gpu/fence';
import { weightsOf } from '../../src/models/net/graph';
import { writeSafetensors } from '../../src/models/net/safetensors';
import { requireRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { TeacherCard } from '../../src/recipe/recipe';
import { catalogueOf } from '../../src/train/catalogue';
import { loadTeacher } from '../../src/train/prepare';
import type { Surroundings } from '../../src/train/prepare';
import { Trainer } from '../../src/train/trainer';
import { studentOf, teacherOf } from './cells';
import type { Place, Run, Setup, Tensors } from './cells';
import { countingDevice } from './counting-device';
import { MOMENTUM, problemOf } from './problem';
import type { Problem } from './problem';
import { finishStock } from './stock-backend';
import { wasmFiles } from './wasm-files';

/**
 * A run of the project's own engine, made and stepped as the page and the command line do it: a preset's recipe with one
 * student, a teacher read from a file, the teacher's answers remembered where that pays, then step by step.
 *
 * @param optimizer 'preset': the preset's own
 */
export async function ownRun(
  setup: Setup,
  place: Place,
  optimizer: 'momentum' | 'preset',
): Promise<Run> {
  const faults: string[] = [];
  await startEngine(place, (fault) => faults.push(fault));
  const problem = problemOf(setup);
  const { data, recipe: preset } = problem;
  const { card, bytes } = await teacherFile(problem);
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
      transfer: data.train.count,
      teacher: { source: 'bundled', id: card.id },
      students: [studentOf(setup)],
      optimizer: optimizer === 'momentum' ? MOMENTUM : preset.optimizer,
      batch: setup.batch,
      // What an evaluation leaves in tfjs's pool of buffers is not the step's.
      evaluation: { ...preset.evaluation, images: 1 },
    },
    catalogueOf(around.cards),
  );
  const teacher = await loadTeacher(recipe, data, around);
  const trainer = new Trainer(recipe, data, teacher, around);
  await trainer.prepare();
  return {
    // It makes its batches itself, out of the set, as a part of the step.
    prepare: () => undefined,
    step: () => trainer.takeStep(),
    submit: fence,
    async finish() {
      await finishStock();
      if (faults.length > 0) throw new Error(`the GPU refused a command: ${faults[0]}`);
    },
    results: () => trainable(problem, trainer),
  };
}

async function trainable({ student }: Problem, trainer: Trainer): Promise<Tensors> {
  const weights = await trainer.students[0]?.network.read();
  return new Map(
    weightsOf(student.graph)
      .filter((spec) => spec.trainable)
      .map(({ name, shape }) => [
        name,
        { shape, values: weights?.get(name) ?? new Float32Array() },
      ]),
  );
}

/**
 * Starts the engine's backend as a run does, with whatever it puts in the place of tfjs's own. A device that computes
 * nothing cannot pass the self-test at the end of it, so that the refusal is no failure there.
 */
async function startEngine(place: Place, broken: (fault: string) => void): Promise<void> {
  const wanted = place === 'mock' ? 'webgpu' : place;
  try {
    await startBackend({
      wanted,
      broken: ({ message, cause }) => broken(`${message} ${String(cause)}`),
      ...(wasmFiles.paths && { wasmPaths: wasmFiles.paths }),
    });
  } catch (refused) {
    const selfTest =
      refused instanceof UserError && refused.message.includes('computes wrong gradients');
    if (place !== 'mock' || !selfTest) throw refused;
  }
  if (place === 'mock') countingDevice();
}

/** A teacher as it ships: a file of (drawn) weights and its card. */
async function teacherFile({ setup, recipe, teacher }: Problem): Promise<{
  card: TeacherCard;
  bytes: Uint8Array;
}> {
  const tensors = new Map(
    weightsOf(teacher.graph).map(({ name, shape }) => [
      name,
      { shape, values: teacher.weights.get(name) ?? new Float32Array() },
    ]),
  );
  const bytes = writeSafetensors({ tensors, metadata: {} });
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  const card: TeacherCard = {
    id: 'drawn',
    title: 'Drawn',
    task: recipe.task,
    model: teacherOf(setup),
    parameters: 0,
    macs: 0,
    examples: 0,
    data: '',
    accuracy: {},
    sha256: [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join(''),
    bytes: bytes.byteLength,
  };
  return { card, bytes };
}
