import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parentWords, sourceOf } from '../../src/app/stage/answers';
import { disposeConstants } from '../../src/gpu/constants';
import { decoderOf, defaultGenerator, drawSmall, encoderOf } from '../../src/models/generator/vae';
import { countParameters, shapesOf, weightsOf } from '../../src/models/net/graph';
import { readSafetensors } from '../../src/models/net/safetensors';
import { Random } from '../../src/recipe/random';
import { presets } from '../../src/recipe/presets';
import { codesOf } from '../../src/samplers/parts/latent';
import type { RowPlan } from '../../src/samplers/parts/provenance';
import { render } from '../../src/samplers/parts/render';
import { samplers } from '../../src/samplers/registry';
import type { TaskData } from '../../src/tasks/contract';
import { pixelsOf } from '../../src/train/data';
import { defaultTraining, trainGenerator } from '../../src/train/generate';
import type { GeneratorProgress } from '../../src/train/generate';
import { labelled, loadGenerators, namedRight, unlabelled } from '../../src/train/generators';
import type { GeneratorCard } from '../../src/train/generators';
import { loadTask } from '../../src/train/prepare';
import type { Surroundings } from '../../src/train/prepare';
import { Teacher } from '../../src/train/teacher';
import { models } from '../../src/models/registry';
import { checkRecipe } from '../../src/recipe/check';
import { catalogue } from '../support/catalogue';
import { useCpu } from '../support/cpu';
import { drawRows } from '../support/draws';
import { expectClose } from '../support/numbers';
import { choose, recipeOf, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnGenerator, drawnTeacher, quiet, trainerOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

const images = imageTask();
const plane = planeTask();
const sampler = samplers.get('generator');
const digest = (values: ArrayLike<number>) =>
  createHash('sha256').update(Float32Array.from(values)).digest('hex');

beforeAll(useCpu);

describe('codes', () => {
  const plansOf = (params: Record<string, boolean | number>, seed = 1) =>
    drawRows(sampler, { share: 1, ...params }, images, { seed });
  const codes = (plans: readonly RowPlan[]) =>
    codesOf(
      plans.map(({ mix }) => mix as Extract<RowPlan['mix'], { kind: 'generator' }>),
      3,
      5,
    );

  it('of one class are a standard normal latent and the one-hot class', () => {
    const plans = plansOf({ interpolate: false });
    const values = codes(plans);
    plans.forEach(({ mix }, row) => {
      if (mix.kind !== 'generator') throw new Error('not a generated row');
      expect(mix.second).toBeNull();
      const random = new Random(mix.code.seed);
      const latent = [0, 1, 2].map(() => Math.fround(random.normal()));
      const classes = [0, 1, 2, 3, 4].map((label) => (label === mix.code.label ? 1 : 0));
      expect([...values.subarray(row * 8, row * 8 + 8)]).toEqual([...latent, ...classes]);
    });
  });

  it('of two classes lie between them, by the share', () => {
    const plans = plansOf({});
    const values = codes(plans);
    const alone = (code: object) =>
      codes([{ row: 0, view: null, mix: { kind: 'generator', code, second: null } } as RowPlan]);
    plans.forEach(({ mix }, row) => {
      if (mix.kind !== 'generator' || !mix.second) throw new Error('not between two');
      const { share } = mix.second;
      const [first, second] = [alone(mix.code), alone(mix.second)];
      const wanted = first.map((value, i) => share * value + (1 - share) * second[i]!);
      expectClose(values.subarray(row * 8, row * 8 + 8), wanted, 1e-6);
      const mass = values.subarray(row * 8 + 3, row * 8 + 8).reduce((a, b) => a + b);
      expect(mass).toBeCloseTo(1, 6);
    });
  });

  it('are the same for the same seed, through JSON too, and others for another', () => {
    const plans = plansOf({});
    expect(codes(JSON.parse(JSON.stringify(plans)) as RowPlan[])).toEqual(codes(plans));
    expect(plansOf({})).toEqual(plans);
    expect(plansOf({}, 2)).not.toEqual(plans);
  });

  it('draw every class about as often', () => {
    const plans = drawRows(sampler, { share: 1 }, images, { batch: 1000 });
    const counts = [0, 0, 0, 0, 0];
    for (const { mix } of plans) if (mix.kind === 'generator') counts[mix.code.label]! += 1;
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(60);
  });
});

it('a generated row is never rendered as something else', () => {
  const plans = drawRows(sampler, { share: 1 }, images);
  expect(() => render(pixelsOf(images, images.train), plans)).toThrow('without its generator');
});

describe('the networks', () => {
  it.each([[[32, 32, 3]], [[28, 28, 1]], [[2]]])('turn a code into shape %j', (shape) => {
    const model = defaultGenerator(shape);
    const decoder = decoderOf(shape, 10, model);
    expect(shapesOf(decoder).get(decoder.output)).toEqual(shape);
    const encoder = encoderOf(shape, model);
    expect(shapesOf(encoder).get(encoder.output)).toEqual([2 * model.latent]);
    expect(countParameters(decoder) * 4).toBeLessThan(300_000);
  });

  it('refuse images whose sides are no multiples of four', () => {
    expect(() => decoderOf([30, 30, 3], 10, defaultGenerator([30, 30, 3]))).toThrow(
      '30 by 30 pixels',
    );
  });
});

const tiny = imageTask({ side: 4, count: 12 });

describe.each([
  ['images', tiny, { model: { latent: 2, widths: [3, 3, 3] }, spread: 0.5, batch: 6, rate: 0.01 }],
  ['points', plane, { model: { latent: 2, widths: [8] }, spread: 0.3, batch: 30, rate: 0.02 }],
] as const)('training on %s', (_, data: TaskData, setting) => {
  const examples = labelled(data, data.train.count);
  const train = async (steps: number, stopAt = Infinity, seed = 1) => {
    const told: GeneratorProgress[] = [];
    const made = await trainGenerator({ ...setting, steps }, examples, seed, async (_share, at) => {
      told.push(at);
      return at.step < stopAt;
    });
    return { ...made, told };
  };

  it('lowers the bound, and leaves no tensor behind', async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    const { told, weights, steps } = await train(60);
    expect(steps).toBe(60);
    const bounds = told.map((at) => at.reconstruction + at.kl);
    expect(bounds.at(-1)).toBeLessThan(0.85 * bounds[0]!);
    expect(told.every(({ kl }) => kl >= 0)).toBe(true);
    const decoder = decoderOf(data.shape, data.classes.length, setting.model);
    expect([...weights.keys()]).toEqual(weightsOf(decoder).map(({ name }) => name));
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same for the same seed', async () => {
    const { weights } = await train(3);
    expect((await train(3)).weights).toEqual(weights);
    expect((await train(3, Infinity, 2)).weights).not.toEqual(weights);
  });

  it('keeps what is there when it is stopped', async () => {
    const { weights, steps, told } = await train(1000, 20);
    expect([steps, told.length]).toEqual([20, 2]);
    const decoder = decoderOf(data.shape, data.classes.length, setting.model);
    const drawn = drawSmall(decoder, 1).get('out.weight') ?? [];
    const learnt = weights.get('out.weight') ?? [];
    expect(learnt.length).toBe(drawn.length);
    expect([...learnt].every((value, i) => Number.isFinite(value) && value !== drawn[i])).toBe(
      true,
    );
  });
});

it('a condition is learnt: samples of a class lie where the class does', async () => {
  const training = { ...defaultTraining([2], 100), batch: 30 };
  const { weights } = await trainGenerator(training, labelled(plane, 30), 1, async () => true);
  const { Generator } = await import('../../src/train/generator');
  const generator = new Generator('test', training.model, [2], 3, weights);
  const nearest = {
    predict: (x: tf.Tensor) =>
      tf.matMul(
        x as tf.Tensor2D,
        tf.tensor2d([0, 1, 2].map((k) => [Math.cos(2.0944 * k), Math.sin(2.0944 * k)])),
        false,
        true,
      ),
  } as unknown as Teacher['network'];
  expect(await namedRight(generator, nearest, 50)).toBeGreaterThan(0.85);
  generator.dispose();
});

it('unlabelled inputs are named by the teacher, and their labels are not looked at', async () => {
  const teacher = drawnTeacher(images);
  const blind = { ...images, train: { ...images.train, y: new Uint8Array(40).fill(255) } };
  const { labels, count } = await unlabelled(blind, teacher, quiet);
  const logits = teacher.network.predict(
    tf.tensor(
      render(
        pixelsOf(images, images.train),
        Array.from({ length: 40 }, (_, row) => ({ row, view: null, mix: { kind: 'real' } })),
      ),
      [40, 8, 8, 3],
    ),
  );
  expect(count).toBe(40);
  expect([...labels]).toEqual([...(await tf.argMax(logits, 1).data())]);
  teacher.dispose();
});

describe('in a run', () => {
  it.each([
    ['images', images, TINY, 1],
    ['images beside real ones', images, TINY, 0.5],
    ['points', plane, SMALL_MLP, 1],
  ] as const)('the teacher is asked on the very pixels: %s', async (_, data, model, share) => {
    const teacher = drawnTeacher(data, model);
    const seen: string[] = [];
    const ask = teacher.ask.bind(teacher);
    teacher.ask = (x: tf.Tensor) => {
      seen.push(digest(x.dataSync()));
      return ask(x);
    };
    const setting = choose('sampler', 'generator', { share });
    // A tenth of an epoch: nothing is worth remembering, so that the teacher is asked about every row.
    const recipe = recipeOf([student(choose('method', 'xcl'), setting, model)], { steps: 1 });
    const trainer = trainerOf(recipe, data, teacher);
    await trainer.prepare();
    seen.length = 0;
    await trainer.takeStep();
    const { plans } = (trainer as unknown as { makers: { plans: RowPlan[] }[] }).makers[0]!;
    const provenance = JSON.parse(JSON.stringify(plans)) as RowPlan[];
    // Another decoder of the same weights rebuilds the batch from the provenance alone.
    const other = drawnGenerator(data);
    expect(seen).toEqual([digest(await other.render(pixelsOf(data, data.train), provenance))]);
    const synthetic = 8 * share;
    const samples = await trainer.look(synthetic);
    expect(samples.length).toBe(synthetic);
    const mixes = plans.slice(8 - synthetic).map(({ mix }) => mix);
    samples.forEach((sample, i) => {
      expect(sample.source).toBe('generator');
      expect(sourceOf(sample.source)).toEqual({ letter: 'G', name: 'generated' });
      expect(sample.parents).toEqual([]);
      const mix = mixes[i]!;
      if (mix.kind !== 'generator' || !mix.second) throw new Error('not between two');
      const words = parentWords(sample, data.classes);
      expect(words).toContain(data.classes[mix.code.label]);
      expect(words).toContain(data.classes[mix.second.label]);
      expect(words).toMatch(/^\d+\u00A0% \w+ \+ \d+\u00A0% \w+$/);
    });
    trainer.dispose();
    teacher.dispose();
    other.dispose();
  });

  it('a run without its generator is refused', () => {
    const recipe = recipeOf([student(choose('method', 'xcl'), choose('sampler', 'generator'))]);
    expect(() => trainerOf(recipe, images, drawnTeacher(images), true, new Map())).toThrow(
      'without the generator',
    );
  });
});

describe('before a run', () => {
  const spiral = presets.find(({ id }) => id === 'spiral')!.recipe;
  const around = (more: Partial<Surroundings> = {}): Surroundings => ({
    ...quiet,
    cards: [],
    sources: () => [],
    teacherFile: () => Promise.reject(new Error('not needed')),
    ...more,
  });
  const recipeFrom = (from: string, steps = 40) => {
    const setting = choose('sampler', 'generator', { from, training: steps });
    const arms = ['a', 'b'].map((name) =>
      student(choose('method', 'xcl'), setting, SMALL_MLP, name),
    );
    return recipeOf(arms, { task: spiral.task, transfer: 30 });
  };

  it.each(['transfer', 'training'])(
    'one generator is trained for equal settings: %s',
    async (from) => {
      const teacher = drawnTeacher(plane, SMALL_MLP);
      const told: string[] = [];
      const progress = (what: string) => told.push(what);
      const recipe = recipeFrom(from);
      const made = await loadGenerators(recipe, plane, teacher, around({ progress }));
      expect(made.size).toBe(1);
      expect(told.at(-1)).toMatch(/^Training the generator \(step 40, loss -?\d+\.\d\)$/);
      expect(told.some((what) => what.includes('teacher names'))).toBe(from === 'training');
      for (const generator of made.values()) generator.dispose();
      teacher.dispose();
    },
  );

  it('a stop ends the training, and the generator is there', async () => {
    const teacher = drawnTeacher(plane, SMALL_MLP);
    let last = '';
    const made = await loadGenerators(recipeFrom('transfer', 100_000), plane, teacher, {
      ...around({ enough: () => true }),
      progress: (what) => (last = what),
    });
    expect(last).toContain('step 1,');
    expect(made.size).toBe(1);
    for (const generator of made.values()) generator.dispose();
    teacher.dispose();
  });

  it('all training inputs are loaded only where a generator wants them', async () => {
    const count = async (from: string) => {
      const task = { id: 'shapes', params: { preset: 'C' } };
      let drawn = 0;
      const stop = new Error('enough was drawn to know');
      const progress = (_what: string, share: number) => {
        if (share === 0 || drawn > 0) return;
        // Held-out images are drawn besides: the share after the first 16 images tells how many there are in all.
        drawn = Math.round(16 / share) - 4000;
        throw stop;
      };
      await loadTask({ ...recipeFrom(from), task }, around({ progress })).catch(() => undefined);
      return drawn;
    };
    expect(await count('transfer')).toBe(30);
    expect(await count('training')).toBe(12_000);
  });

  it.each([
    ['there are no cards', around()],
    ['the task has none', around({ generatorFile: async () => new TextEncoder().encode('[]') })],
  ])('a ready-made one is refused where %s', async (_, surroundings) => {
    const teacher = drawnTeacher(plane, SMALL_MLP);
    await expect(
      loadGenerators(recipeFrom('bundled'), plane, teacher, surroundings),
    ).rejects.toMatchObject({ code: 'E_GENERATOR' });
    teacher.dispose();
  });
});

const FOLDER = 'public/generators';
const cards = existsSync(`${FOLDER}/cards.json`)
  ? (JSON.parse(readFileSync(`${FOLDER}/cards.json`, 'utf8')) as GeneratorCard[])
  : [];

describe.each(cards)('the bundled generator $id', (card) => {
  const file = `${FOLDER}/${card.id}.safetensors`;

  it('is the file that its card describes, and small', () => {
    const bytes = readFileSync(file);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(card.sha256);
    expect(statSync(file).size).toBe(card.bytes);
    expect(card.bytes).toBeLessThan(300_000);
    const recipe = JSON.parse(readFileSync(`recipes/generators/${card.id}.json`, 'utf8')) as {
      task: unknown;
      training: unknown;
    };
    expect(recipe.task).toEqual(card.task);
    expect(recipe.training).toEqual(card.training);
  });
});

it('the bundled generator of the spiral is named by the teacher as its card says', async () => {
  const card = cards.find(({ id }) => id === 'spiral')!;
  const spiral = presets.find(({ id }) => id === 'spiral')!.recipe;
  const teacherCards = JSON.parse(readFileSync('public/teachers/cards.json', 'utf8')) as {
    id: string;
    model: { id: string; params: Record<string, number[]> };
  }[];
  const { model } = teacherCards.find(({ id }) => id === 'spiral')!;
  const { tensors } = readSafetensors(readFileSync('public/teachers/spiral.safetensors'), 'spiral');
  const graph = models.get(model.id).graph([2], 3, model.params);
  const weights = new Map([...tensors].map(([name, { values }]) => [name, values]));
  const teacher = new Teacher('spiral', graph, weights);
  const setting = choose('sampler', 'generator', { from: 'bundled' });
  const recipe = recipeOf([student(choose('method', 'xcl'), setting, SMALL_MLP)], {
    task: spiral.task,
  });
  const surroundings = {
    ...quiet,
    cards: [],
    sources: () => [],
    teacherFile: () => Promise.reject(new Error('not needed')),
  };
  const fileOf = async (name: string) => new Uint8Array(readFileSync(`${FOLDER}/${name}`));
  const found = await loadGenerators(recipe, plane, teacher, {
    ...surroundings,
    generatorFile: fileOf,
  });
  const [generator] = found.values();
  expectClose([await namedRight(generator!, teacher.network, 100)], [card.teacherAccuracy], 0.01);
  generator!.dispose();
  const damaged = async (name: string) =>
    name === 'cards.json' ? fileOf(name) : new Uint8Array(9);
  await expect(
    loadGenerators(recipe, plane, teacher, { ...surroundings, generatorFile: damaged }),
  ).rejects.toMatchObject({ code: 'E_GENERATOR_DIGEST' });
  teacher.dispose();
});

it('tasks without classes have no generator', () => {
  const curve = catalogue.tasks.find(({ asks }) => asks === 'values');
  const setting = choose('sampler', 'generator');
  const recipe = recipeOf([student(choose('method', 'xcl-gaussian'), setting)], {
    task: { id: curve!.id, params: {} },
    teacher: { source: 'bundled', id: 'spiral' },
  });
  expect(checkRecipe(recipe, catalogue).problems.join(' ')).toContain('makes inputs of a class');
});
