import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Choice, TeacherCard } from '../src/recipe/recipe';
import { UserError } from '../src/recipe/errors';
import type { Training } from '../src/train/teach';
import { backendNamed, startNodeBackend } from './support/backend';
import { main } from './support/main';
import { ProgressLine } from './support/progress';
import { losslessRows, readCards, surroundings, TEACHERS } from './support/surroundings';
import { readRecipe } from './support/read-recipe';
import { prepareFolder, writeWhole } from './support/result-file';

/** A teacher recipe: recipes/teachers/ID.json. */
interface TeacherRecipe extends Training {
  readonly kind: 'teacher';
  readonly version: 1;
  readonly title: string;
  readonly task: Choice;
  readonly trainCount: number;
  readonly seed: number;
}

const USAGE =
  'npm run teach -- recipes/teachers/ID.json [--weights FILE.safetensors] [--backend webgpu|wasm|cpu] [--data DIR]';

/**
 * Trains a bundled teacher (or takes its weights from a file that the PyTorch twin wrote), tests it with this engine, and
 * writes public/teachers/ID.safetensors and its card in public/teachers/cards.json.
 */
main(
  {
    what: 'Trains a teacher that ships with the page, tests it and writes it with its card.',
    usage: USAGE,
  },
  async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        weights: { type: 'string' },
        backend: { type: 'string' },
        data: { type: 'string' },
      },
    });
    const file = positionals[0];
    if (!file) throw new UserError('E_USAGE', 'Give one teacher recipe.', `Usage: ${USAGE}`);
    const wanted = backendNamed(values.backend);
    const recipe = readRecipe(file) as TeacherRecipe;
    if (recipe.kind !== 'teacher')
      throw new UserError('E_RECIPE_FILE', `${file} is not a teacher's recipe.`, `Usage: ${USAGE}`);
    prepareFolder(TEACHERS);
    const device = await startNodeBackend(wanted);
    const { tasks } = await import('../src/tasks/registry');
    const { models } = await import('../src/models/registry');
    const { countMacs, countParameters, weightsOf } = await import('../src/models/net/graph');
    const { readSafetensors, writeSafetensors } = await import('../src/models/net/safetensors');
    const { teach } = await import('../src/train/teach');
    const { testTeacher } = await import('./support/test-teacher');

    const id = path.basename(file, '.json');
    const line = new ProgressLine();
    const around = surroundings(values.data, (what, share) => line.show(what, share, null));
    const task = tasks.get(recipe.task.id);
    const data = await task.load(recipe.task.params, {
      trainCount: recipe.trainCount,
      seed: undefined,
      sources: around.sources(task.id),
      progress: (what, share) => around.progress(what, share),
    });
    const graph = models
      .get(recipe.model.id)
      .graph(data.shape, data.classes.length, recipe.model.params);
    const began = performance.now();
    const weights = values.weights
      ? new Map(
          [...readSafetensors(readFileSync(values.weights), values.weights).tensors].map(
            ([name, tensor]) => [name, tensor.values],
          ),
        )
      : (
          await teach(recipe, data, recipe.seed, async (share, loss) => {
            const passed = (performance.now() - began) / 1000;
            line.show(`teaching, loss ${loss.toFixed(3)}`, share, (passed / share) * (1 - share));
            await around.pause();
          })
        ).weights;
    line.done();
    const seconds = Math.round((performance.now() - began) / 1000);
    const { accuracy, figures } = await testTeacher(
      graph,
      weights,
      data,
      losslessRows(task.id, values.data),
    );
    const bytes = writeSafetensors({
      tensors: new Map(
        weightsOf(graph).map(({ name, shape }) => [
          name,
          { shape, values: weights.get(name) as Float32Array },
        ]),
      ),
      metadata: { model: JSON.stringify(recipe.model), classes: String(data.classes.length) },
    });
    const trainedBy = values.weights
      ? 'the PyTorch twin, scripts/torch/train_teacher.py'
      : `npm run teach on ${device.backend}, ${seconds} s`;
    const card: TeacherCard = {
      id,
      title: recipe.title,
      task: recipe.task,
      model: recipe.model,
      parameters: countParameters(graph),
      macs: countMacs(graph),
      examples: recipe.trainCount,
      data: `${recipe.trainCount} training examples of ${task.title}; ${recipe.steps} steps of ${recipe.batch}, seed ${recipe.seed}; trained by ${trainedBy}`,
      accuracy,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.byteLength,
    };
    writeWhole(path.join(TEACHERS, `${id}.safetensors`), bytes);
    const cards = [...readCards().filter((other) => other.id !== id), card].sort((a, b) =>
      a.id.localeCompare(b.id),
    );
    writeWhole(path.join(TEACHERS, 'cards.json'), `${JSON.stringify(cards, null, 2)}\n`);
    console.log(JSON.stringify({ id, accuracy, nll: figures.nll, ece: figures.ece }, null, 2));
  },
);
