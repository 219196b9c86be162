import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Choice } from '../src/recipe/recipe';
import { UserError } from '../src/recipe/errors';
import type { GeneratorTraining } from '../src/train/generate';
import type { GeneratorCard } from '../src/train/generators';
import { backendNamed, startNodeBackend } from './support/backend';
import { main } from './support/main';
import { ProgressLine } from './support/progress';
import { GENERATORS, surroundings } from './support/surroundings';
import { readRecipe } from './support/read-recipe';
import { checkPlace, prepareFolder, writeWhole } from './support/result-file';

/** A generator's recipe: recipes/generators/ID.json. */
interface GeneratorRecipe {
  readonly kind: 'generator';
  readonly version: 1;
  readonly task: Choice;
  /** The bundled teacher that names the inputs, and that is asked about the samples. */
  readonly teacher: string;
  /** Training inputs; their labels are not looked at. */
  readonly trainCount: number;
  readonly seed: number;
  readonly training: GeneratorTraining;
  /** Other settings, to be compared by `--compare` with fewer steps: what each changes. */
  readonly compare?: {
    readonly steps: number;
    readonly trainCount: number;
    readonly changes: readonly Change[];
  };
}

interface Change {
  readonly name: string;
  readonly model?: Partial<GeneratorTraining['model']>;
  readonly training?: Partial<Omit<GeneratorTraining, 'model'>>;
}

const USAGE =
  'npm run generate -- recipes/generators/ID.json [--compare OUT.json] [--backend webgpu|wasm|cpu] [--data DIR]';

/** Samples of each class on which the teacher is asked. */
const EACH = 100;

/**
 * Trains a bundled generator, asks the bundled teacher about its samples, and writes public/generators/ID.safetensors and
 * its card in public/generators/cards.json. With --compare it trains by each of the recipe's settings and writes the
 * teacher's accuracy on the samples and the seconds of the processor instead.
 */
main(
  {
    what: 'Trains a generator that ships with the page, tests it and writes it with its card.',
    usage: USAGE,
  },
  async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        compare: { type: 'string' },
        backend: { type: 'string' },
        data: { type: 'string' },
      },
    });
    const file = positionals[0];
    if (!file) throw new UserError('E_USAGE', 'Give one generator recipe.', `Usage: ${USAGE}`);
    const wanted = backendNamed(values.backend);
    const recipe = readRecipe(file) as GeneratorRecipe;
    if (recipe.kind !== 'generator')
      throw new UserError(
        'E_RECIPE_FILE',
        `${file} is not a generator's recipe.`,
        `Usage: ${USAGE}`,
      );
    if (values.compare === undefined) prepareFolder(GENERATORS);
    else {
      prepareFolder(path.dirname(values.compare), 'The folder of --compare');
      checkPlace(values.compare, '--compare');
    }
    const device = await startNodeBackend(wanted);
    const { tasks } = await import('../src/tasks/registry');
    const { models } = await import('../src/models/registry');
    const { decoderOf } = await import('../src/models/generator/vae');
    const { countMacs, countParameters, weightsOf } = await import('../src/models/net/graph');
    const { readSafetensors, writeSafetensors } = await import('../src/models/net/safetensors');
    const { trainGenerator } = await import('../src/train/generate');
    const { Generator } = await import('../src/train/generator');
    const { namedRight, unlabelled } = await import('../src/train/generators');
    const { Teacher } = await import('../src/train/teacher');

    const id = path.basename(file, '.json');
    const compare = values.compare === undefined ? null : (recipe.compare ?? null);
    const trainCount = compare?.trainCount ?? recipe.trainCount;
    const line = new ProgressLine();
    const around = surroundings(values.data, (what, share) => line.show(what, share, null));
    const task = tasks.get(recipe.task.id);
    const data = await task.load(recipe.task.params, {
      trainCount,
      seed: undefined,
      sources: around.sources(task.id),
      progress: (what, share) => around.progress(what, share),
    });
    const card = around.cards.find((entry) => entry.id === recipe.teacher);
    if (!card)
      throw new UserError('E_TEACHER', `There is no bundled teacher named "${recipe.teacher}".`);
    const { shape } = data;
    const classes = data.classes.length;
    const { tensors } = readSafetensors(await around.teacherFile(card.id), card.id);
    const teacher = new Teacher(
      card.title,
      models.get(card.model.id).graph(shape, classes, card.model.params),
      new Map([...tensors].map(([name, tensor]) => [name, tensor.values])),
    );
    const train = { ...data.train, count: Math.min(trainCount, data.train.count) };
    const examples = await unlabelled({ ...data, train }, teacher, around);

    /** Trains by some settings; the teacher's accuracy on the samples, and the seconds of training. */
    const made = async (training: GeneratorTraining, label: string) => {
      const began = performance.now();
      const used = process.cpuUsage();
      const passed = () => (performance.now() - began) / 1000;
      let last = { reconstruction: NaN, kl: NaN };
      const { weights } = await trainGenerator(
        training,
        examples,
        recipe.seed,
        async (share, at) => {
          last = at;
          const bound = (at.reconstruction + at.kl).toFixed(1);
          line.show(`${label}, loss ${bound}`, share, (passed() / share) * (1 - share));
          await around.pause();
          return true;
        },
      );
      // Of the processor, since others may be at work on the machine.
      const { user, system } = process.cpuUsage(used);
      const seconds = Math.round((user + system) / 1e5) / 10;
      line.done();
      const generator = new Generator(id, training.model, shape, classes, weights);
      const teacherAccuracy = await namedRight(generator, teacher.network, EACH);
      generator.dispose();
      const { reconstruction, kl } = last;
      return { weights, seconds, teacherAccuracy, reconstruction, kl };
    };

    if (compare && values.compare !== undefined) {
      const rows = [];
      // The first steps of a process are slower than all later ones.
      await made({ ...recipe.training, steps: 30 }, 'warming up');
      for (const { name, model, training } of compare.changes) {
        const setting: GeneratorTraining = {
          ...recipe.training,
          steps: compare.steps,
          ...training,
          model: { ...recipe.training.model, ...model },
        };
        const { seconds, teacherAccuracy, reconstruction, kl } = await made(setting, name);
        const perSecond = Number((teacherAccuracy / seconds).toPrecision(3));
        rows.push({ name, setting, teacherAccuracy, seconds, perSecond, reconstruction, kl });
        console.log(
          `${name}: ${teacherAccuracy.toFixed(3)} in ${seconds} s, ${perSecond} a second`,
        );
      }
      const { backend, adapter } = device;
      const inputs = examples.count;
      const result = { task: recipe.task, teacher: card.id, inputs, backend, adapter, rows };
      writeWhole(values.compare, `${JSON.stringify(result, null, 2)}\n`);
      return;
    }

    const { weights, seconds, teacherAccuracy, reconstruction, kl } = await made(
      recipe.training,
      'training the generator',
    );
    const graph = decoderOf(shape, classes, recipe.training.model);
    const bytes = writeSafetensors({
      tensors: new Map(
        weightsOf(graph).map(({ name, shape: dims }) => [
          name,
          { shape: dims, values: weights.get(name) as Float32Array },
        ]),
      ),
      metadata: { model: JSON.stringify(recipe.training.model), classes: String(classes) },
    });
    const entry: GeneratorCard = {
      id,
      task: recipe.task,
      training: recipe.training,
      parameters: countParameters(graph),
      macs: countMacs(graph),
      data: `${examples.count} training inputs of ${task.title} without labels, named by the teacher ${card.id}; seed ${recipe.seed}; trained by npm run generate on ${device.backend}`,
      seconds,
      teacherAccuracy,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.byteLength,
    };
    writeWhole(path.join(GENERATORS, `${id}.safetensors`), bytes);
    const cardsFile = path.join(GENERATORS, 'cards.json');
    const before = existsSync(cardsFile)
      ? (JSON.parse(readFileSync(cardsFile, 'utf8')) as GeneratorCard[])
      : [];
    const cards = [...before.filter((other) => other.id !== id), entry].sort((a, b) =>
      a.id.localeCompare(b.id),
    );
    writeWhole(cardsFile, `${JSON.stringify(cards, null, 2)}\n`);
    console.log(JSON.stringify({ id, teacherAccuracy, reconstruction, kl, seconds }, null, 2));
  },
);
