import type { RunEvent } from '../../src/recipe/events';
import type { Choice, Recipe } from '../../src/recipe/recipe';
import { drawWeights } from '../../src/models/net/draw';
import { decoderOf } from '../../src/models/generator/vae';
import { Generator, generatorKeys } from '../../src/train/generator';
import type { Generators } from '../../src/train/generator';
import { models } from '../../src/models/registry';
import { outputsOf } from '../../src/tasks/contract';
import type { TaskData } from '../../src/tasks/contract';
import { Control } from '../../src/train/control';
import { Teacher } from '../../src/train/teacher';
import { train } from '../../src/train/train';
import type { TrainOptions } from '../../src/train/train';
import { Trainer } from '../../src/train/trainer';
import { TINY } from './recipes';

/** A teacher with drawn weights: it knows nothing, but answers. */
export function drawnTeacher(data: TaskData, model: Choice = TINY, seed = 99): Teacher {
  const graph = models.get(model.id).graph(data.shape, outputsOf(data), model.params);
  return new Teacher('drawn', graph, drawWeights(graph, seed));
}

export const quiet = { pause: () => Promise.resolve(), progress: () => undefined };

/** A generator with drawn weights: what it makes is nothing like the task, but it makes something. */
export function drawnGenerator(data: TaskData, seed = 98): Generator {
  const classes = data.classes.length;
  const model = { latent: 3, widths: data.shape.length === 3 ? [4, 5, 4] : [6] };
  const weights = drawWeights(decoderOf(data.shape, classes, model), seed);
  return new Generator('drawn', model, data.shape, classes, weights);
}

/** Drawn generators for the samplers of a recipe. */
const generatorsFor = (recipe: Recipe, data: TaskData): Generators =>
  new Map(
    generatorKeys(recipe.students.map(({ sampler }) => sampler)).map((key) => [
      key,
      drawnGenerator(data),
    ]),
  );

export const trainerOf = (
  recipe: Recipe,
  data: TaskData,
  teacher: Teacher,
  replay = true,
  generators = generatorsFor(recipe, data),
): Trainer => new Trainer(recipe, data, teacher, quiet, replay, generators);

/** All weights of a trainer's students, one list per student. */
export async function weightsOf(trainer: Trainer): Promise<number[][]> {
  const all: number[][] = [];
  for (const { network } of trainer.students)
    all.push([...(await network.read()).values()].flatMap((values) => [...values]));
  return all;
}

/** Runs a trainer to its end and gathers what it says. */
export async function eventsOf(
  trainer: Trainer,
  control = new Control('running'),
  options: Partial<TrainOptions> = {},
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const all = { stage: false, evaluate: false, pause: quiet.pause, ...options };
  for await (const event of train(trainer, control, all)) events.push(event);
  return events;
}
