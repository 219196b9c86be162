import * as tf from '@tensorflow/tfjs';
import type { FrozenNetwork } from '../models/net/frozen';
import type { Choice, Recipe } from '../recipe/recipe';
import { Random } from '../recipe/random';
import { isTask } from '../recipe/check';
import { UserError } from '../recipe/errors';
import type { TaskData } from '../tasks/contract';
import { codesOf } from '../samplers/parts/latent';
import type { Pixels } from '../samplers/parts/render';
import { pixelsOf, realRow, renderTensor } from './data';
import { defaultTraining, trainGenerator } from './generate';
import type { Examples, GeneratorTraining } from './generate';
import { Generator, generatorKey } from './generator';
import type { Generators } from './generator';
import { checkedWeights } from './weights-file';
import type { Surroundings } from './prepare';
import type { Teacher } from './teacher';

/** What public/generators/cards.json says of a bundled generator. */
export interface GeneratorCard {
  readonly id: string;
  readonly task: Choice;
  /** How it was trained. */
  readonly training: GeneratorTraining;
  /** Numbers that learn in the decoder, and its multiply-adds for one input. */
  readonly parameters: number;
  readonly macs: number;
  /** What it was trained on and by what, in words. */
  readonly data: string;
  /** Of the processor, in training. */
  readonly seconds: number;
  /** Part of its class-conditional samples on which the bundled teacher answers the class that was asked for. */
  readonly teacherAccuracy: number;
  readonly sha256: string;
  readonly bytes: number;
}

/** Where trained and read generators are found again: the card's file and the weights beside it. */
const CARDS = 'cards.json';

/** The generators that a recipe's samplers need: read from their files, or trained here, one after the other. */
export async function loadGenerators(
  recipe: Recipe,
  data: TaskData,
  teacher: Teacher,
  around: Surroundings,
): Promise<Generators> {
  const found = new Map<string, Generator>();
  try {
    for (const { sampler } of recipe.students) {
      if (sampler.id !== 'generator' || found.has(generatorKey(sampler))) continue;
      const made =
        sampler.params.from === 'bundled'
          ? await readGenerator(recipe.task, data, around)
          : await ownGenerator(sampler, recipe, data, teacher, around);
      found.set(generatorKey(sampler), made);
    }
  } catch (error) {
    for (const generator of found.values()) generator.dispose();
    throw error;
  }
  return found;
}

/** The generator that ships for a task. @throws UserError where there is none, or it is not what its card says */
async function readGenerator(
  task: Choice,
  data: TaskData,
  around: Surroundings,
): Promise<Generator> {
  around.progress('Reading the generator', 0);
  const cards = around.generatorFile
    ? (JSON.parse(new TextDecoder().decode(await around.generatorFile(CARDS))) as GeneratorCard[])
    : [];
  const card = cards.find((entry) => isTask(entry.task, task));
  if (!card || !around.generatorFile)
    throw new UserError(
      'E_GENERATOR',
      'There is no ready-made generator for this task with these settings.',
      'Choose a generator that is trained before the run.',
    );
  const bytes = await around.generatorFile(`${card.id}.safetensors`);
  const weights = await checkedWeights(card, `generator "${card.id}"`, 'E_GENERATOR_DIGEST', bytes);
  return new Generator(card.id, card.training.model, data.shape, data.classes.length, weights);
}

async function ownGenerator(
  { params }: Choice,
  recipe: Recipe,
  data: TaskData,
  teacher: Teacher,
  around: Surroundings,
): Promise<Generator> {
  const training = defaultTraining(data.shape, params.training as number);
  const examples =
    params.from === 'training'
      ? await unlabelled(data, teacher, around)
      : labelled(data, Math.min(recipe.transfer, data.train.count));
  const goesOn = () => around.enough?.() !== true && around.signal?.aborted !== true;
  const { weights } = await trainGenerator(training, examples, recipe.seed, async (share, at) => {
    const bound = at.reconstruction + at.kl;
    around.progress(`Training the generator (step ${at.step}, loss ${bound.toFixed(1)})`, share);
    await around.pause();
    return goesOn();
  });
  around.finished?.('the generator');
  const { shape, classes } = data;
  return new Generator('trained in this run', training.model, shape, classes.length, weights);
}

/** The first rows of the training split with their labels. */
export function labelled(data: TaskData, count: number): Examples {
  return {
    pixels: pixelsOf(data, data.train),
    labels: data.train.y,
    count,
    classes: data.classes.length,
  };
}

/** All training inputs, each with the class that the teacher thinks likeliest; their labels are not looked at. */
export async function unlabelled(
  data: TaskData,
  teacher: Teacher,
  around: Pick<Surroundings, 'progress' | 'pause'>,
): Promise<Examples> {
  const pixels = pixelsOf(data, data.train);
  const { count } = data.train;
  const labels = await hardAnswers(teacher.network, pixels, count, async (share) => {
    around.progress('The teacher names all training inputs', share);
    await around.pause();
  });
  return { pixels, labels, count, classes: data.classes.length };
}

/** Inputs that a network answers at once. */
const BATCH = 250;

/** The likeliest class of each of the first rows by a network. */
async function hardAnswers(
  network: FrozenNetwork,
  pixels: Pixels,
  count: number,
  pause: (share: number) => Promise<void>,
): Promise<Uint8Array> {
  const answers = new Uint8Array(count);
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const plans = Array.from({ length: size }, (_, i) => realRow(from + i));
    const best = tf.tidy(() => tf.argMax(network.predict(renderTensor(pixels, plans)), 1));
    answers.set(await best.data(), from);
    best.dispose();
    await pause((from + size) / count);
  }
  return answers;
}

/**
 * The part of a generator's samples, as many of each class, of which a network says what they were asked to be.
 *
 * @param each samples of each class; latents come from streams of their own, the same each time
 */
export async function namedRight(
  generator: Generator,
  network: FrozenNetwork,
  each: number,
): Promise<number> {
  const { latent, classes } = generator;
  const random = Random.from(1, 'named right');
  let right = 0;
  for (let label = 0; label < classes; label++) {
    const mixes = Array.from({ length: each }, () => {
      const code = { seed: random.integer(2 ** 32), label };
      return { kind: 'generator', code, second: null } as const;
    });
    const codes = codesOf(mixes, latent, classes);
    const best = tf.tidy(() => {
      const x = generator.decode(tf.tensor2d(codes, [each, latent + classes]));
      return tf.argMax(network.predict(x), 1);
    });
    for (const answer of await best.data()) right += answer === label ? 1 : 0;
    best.dispose();
  }
  return right / (each * classes);
}
