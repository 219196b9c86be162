import * as tf from '@tensorflow/tfjs';
import { countMacs, countParameters, shapesOf, sizeOf, tapShapesOf } from '../../models/net/graph';
import { models } from '../../models/registry';
import { methods } from '../../methods/registry';
import type { Inspection } from '../../recipe/inspection';
import type { InputRange, Meaning } from '../../recipe/meaning';
import type { Recipe } from '../../recipe/recipe';
import { outputsOf } from '../../tasks/contract';
import type { TaskData } from '../../tasks/contract';
import type { ReadNetwork } from '../../upload/given';
import { adapt } from '../../upload/inspect/adapt';
import { rangesFor } from '../../upload/inspect/ranges';
import { fitOf } from '../../upload/inspect/shape';
import { pickTaps, tapsOf } from '../../upload/inspect/taps';
import { atSize, sidesSaid, sidesThatFit } from '../../upload/net/sides';
import { refuse, shown } from '../../upload/refuse';
import { answerInUnits } from '../gaussian';
import { Teacher } from '../teacher';
import { activationsOf, batchFor, Body } from './body';
import { ClassReading } from './classes';
import { doubtsOf, isLow } from './doubts';
import { twoParts } from './examples';
import type { Examples } from './examples';
import { assemble } from './layers';
import { likelierOrder, ordersFor, tryOrders } from './orders';
import { outputFor } from './outputs';
import { nearest, tryInputs } from './tries';
import { ValueReading } from './values';

/** The parts of a recipe that an inspection looks at. */
export type Asked = Pick<Recipe, 'students' | 'steps' | 'batch'>;

/** What an inspection needs from its surroundings. `pause` may throw to end it. */
export interface Around {
  progress(what: string, share: number): void;
  pause(): Promise<void>;
  /** Seconds that trying normalisations may take, about; absent is 20. */
  readonly budget?: number;
}

/** Bytes of a batch's activations above which a smaller batch is advised. */
const MUCH = 2 ** 30;

/**
 * Finds out what a network from a file means on a task: by its shapes, its names and its answers on labelled examples.
 *
 * @param corrections what a person says instead
 * @throws UserError where it cannot be used on this task, or a correction does not fit it
 */
export async function inspect(
  given: ReadNetwork,
  sha256: string,
  data: TaskData,
  recipe: Asked,
  corrections: Partial<Meaning>,
  around: Around,
): Promise<Inspection> {
  const file = shown(given.title);
  const examples = twoParts(data);
  const resize = corrections.resize ?? 'bilinear';
  const first = { resize, flatten: corrections.flatten ?? likelierOrder(given) };
  checkFits(file, given, data, corrections);
  const assembled = await assemble(given, data, corrections, first, examples, around);
  const net = atSize(assembled.net, data.shape);
  const fit = fitOf(file, net.graph.input, data);
  const shapes = shapesOf(net.graph);
  const sizes = new Map(net.outputs.map((name) => [name, sizeOf(shapes.get(name) ?? [])]));
  const { output, said: outputSaid } = outputFor(file, sizes, data, corrections.output);
  const size = sizes.get(output) ?? 0;
  const reading = data.targets
    ? new ValueReading(output, sizes, data.targets, examples, corrections)
    : new ClassReading(net, output, size, data.classes, examples, corrections);
  const unknown = reading.wanted.find((name) => !shapes.has(name));
  if (unknown !== undefined)
    throw refuse(
      'E_UPLOAD_MEANING',
      `${file} has no output named ${shown(unknown)}.`,
      'Choose one of its outputs.',
    );
  const said = saidBy(net, corrections);
  const inputs = said.inputs ?? rangesFor(fit.image ? fit.image[2] : null, data);
  const body = new Body(net, reading.wanted);
  let found;
  try {
    found = await tryOrders(
      ordersFor(net, fit, corrections),
      resize,
      (how) => tryInputs(inputs, body, examples.tried, data, how, reading, around),
      async ({ input }, how) => {
        const { judged } = examples;
        const all = { ...how, input };
        return body.answers(judged, 0, judged.count, data, all, () => around.pause());
      },
    );
  } finally {
    body.dispose();
  }
  const { trials, best, how, held } = found;
  const {
    meaning: answers,
    open,
    ...concluded
  } = reading.conclude(best.answers, best.images, held);
  const all = tapsOf(net.graph, output);
  const student = studentTaps(recipe, data);
  const meaning: Meaning = {
    ...(assembled.net.plain && { layers: assembled.net.plain.layers }),
    output,
    ...how,
    input: best.input,
    answers,
    taps: corrections.taps ?? pickTaps(student, all),
  };
  const { used, macs, activations, weights } = await tryAdapted(
    net,
    data,
    meaning,
    examples.judged,
    recipe,
    around,
  );
  const chance = data.targets ? null : 1 / data.classes.length;
  const batch = recipe.batch;
  return {
    name: file,
    sha256,
    format: net.format,
    layout: net.layout,
    inputShape: net.graph.input,
    layers: net.layers,
    parameters: countParameters(net.graph),
    macs,
    repairs: net.repairs,
    remarks: net.remarks,
    fits: [
      ...sidesSaid(assembled.layers ? withSidesOf(assembled.net) : given, data.shape),
      ...fit.sentences,
      ...found.said,
    ],
    outputs: [...sizes].map(([name, of]) => ({ name, size: of })),
    outputSaid,
    fileClasses: net.classes,
    taskClasses: data.targets?.names ?? data.classes,
    ...concluded,
    open: [...assembled.open, ...open],
    assembly: assembled.layers,
    tried: trials.map(({ input, images, score, logLikelihood }) => ({
      input,
      images,
      score,
      logLikelihood: data.targets ? null : logLikelihood,
    })),
    normalisationBy: said.by,
    images: examples.judged.count,
    chosenOn: examples.apart ? best.images : null,
    accuracy: used.accuracy,
    chance,
    values: used.values,
    alike: nearest(trials)
      .filter((trial) => trial !== best)
      .map(({ input }) => input.name),
    warnings: [
      ...assembled.warnings,
      ...warningsOf(
        used,
        chance,
        activations * batch * 4,
        batch,
        doubtsOf({ given, fit, data, by: said.by, tried: trials.length, order: concluded.order }),
      ),
    ],
    speed: {
      imagesPerSecond: used.imagesPerSecond,
      batch: used.batch,
      minutes: (askedRows(recipe) * recipe.steps) / used.imagesPerSecond / 60,
    },
    memory: { weights: 4 * weights, activations: 4 * activations * batch },
    taps: { all, student },
    meaning,
  };
}

/** With the sides of images that lead through its layers to what its first dense layer takes. */
function withSidesOf(net: ReadNetwork): ReadNetwork {
  const { input } = net.graph;
  const flat = input.length === 3 && net.plain?.layers.steps.some(({ op }) => op === 'flatten');
  return flat && input[0] === input[1] ? { ...net, sides: sidesThatFit(net.graph) } : net;
}

/** @throws UserError before anything is tried, where no way to put layers together would fit the task */
function checkFits(
  file: string,
  given: ReadNetwork,
  data: TaskData,
  corrections: Partial<Meaning>,
): void {
  if (!given.plain || corrections.layers) return;
  const shapes = shapesOf(given.graph);
  fitOf(file, given.graph.input, data);
  outputFor(
    file,
    new Map(given.outputs.map((name) => [name, sizeOf(shapes.get(name) ?? [])])),
    data,
    corrections.output,
  );
}

/** Normalisations that need no search. */
function saidBy(
  net: ReadNetwork,
  corrections: Partial<Meaning>,
): {
  readonly inputs: readonly InputRange[] | null;
  readonly by: Inspection['normalisationBy'];
} {
  if (corrections.input) return { inputs: [corrections.input], by: 'person' };
  if (!net.normalisation) return { inputs: null, by: 'trying' };
  const own: InputRange = {
    name: 'as the file says',
    order: 'rgb',
    perImage: false,
    ...net.normalisation,
  };
  return { inputs: [own], by: 'file' };
}

/** The inner values of the student that is to be compared with the teacher: the first that looks inside, or the first. */
function studentTaps({ students }: Asked, data: TaskData): Inspection['taps']['student'] {
  const looks = students.find(({ method }) => methods.get(method.id).needs.taps) ?? students[0];
  if (!looks) return [];
  const graph = models.get(looks.model.id).graph(data.shape, outputsOf(data), looks.model.params);
  return Object.entries(tapShapesOf(graph)).map(([name, shape]) => ({ name, shape }));
}

/** Rows that a step asks the teacher about, at most: each sampler setting draws a batch of its own. */
function askedRows({ students, batch }: Asked): number {
  const asking = students.filter(({ method }) => methods.get(method.id).needs.teacher !== 'none');
  return batch * new Set(asking.map(({ sampler }) => JSON.stringify(sampler))).size;
}

interface Used {
  readonly accuracy: number | null;
  readonly values: Inspection['values'];
  readonly imagesPerSecond: number;
  readonly batch: number;
}

/** The network as it will be used: its figures on the examples, and how fast it is. */
async function tryAdapted(
  net: ReadNetwork,
  data: TaskData,
  meaning: Meaning,
  examples: Examples,
  recipe: Asked,
  around: Around,
): Promise<{
  readonly used: Used;
  readonly macs: number;
  readonly activations: number;
  readonly weights: number;
}> {
  const { graph, weights } = adapt(net, data, meaning);
  const teacher = new Teacher(net.title, graph, weights);
  try {
    const width = outputsOf(data);
    const logits = new Float32Array(examples.count * width);
    const batch = batchFor(graph, Math.max(1, Math.min(recipe.batch, examples.count)));
    let seconds = Infinity;
    // One batch more than needed: the first one may be slow.
    for (let at = -batch; at < examples.count; at += batch) {
      around.progress('Asking it as it will be used', Math.max(0, at) / examples.count);
      const x = examples.inputs(Math.max(0, at), batch);
      const began = performance.now();
      const out = teacher.ask(x);
      const list = (await out.data()) as Float32Array;
      if (at >= 0) seconds = Math.min(seconds, (performance.now() - began) / 1000);
      tf.dispose([x, out]);
      if (at >= 0) logits.set(list.subarray(0, logits.length - at * width), at * width);
      await around.pause();
    }
    const bad = logits.findIndex((n) => !Number.isFinite(n));
    if (bad >= 0)
      throw refuse(
        'E_UPLOAD_NOT_FINITE',
        `${shown(net.title)} answers with ${logits[bad]} on some of the task’s inputs.`,
        'Choose another normalisation, or check the file where it was trained.',
      );
    const answers = { logits, classes: width };
    return {
      used: {
        accuracy: data.targets ? null : accuracyOf(logits, examples.labels, width),
        values: data.targets
          ? fitnessOf(
              examples.values,
              data.targets.names.map((_, k) =>
                Float64Array.from(
                  { length: examples.count },
                  (__, row) =>
                    answerInUnits(
                      answers,
                      data.targets as NonNullable<typeof data.targets>,
                      null,
                      row,
                    ).mean[k] as number,
                ),
              ),
            )
          : null,
        imagesPerSecond: batch / Math.max(seconds, 1e-6),
        batch,
      },
      macs: countMacs(graph),
      activations: activationsOf(graph),
      weights: [...weights.values()].reduce((sum, { length }) => sum + length, 0),
    };
  } finally {
    teacher.dispose();
  }
}

function accuracyOf(logits: Float32Array, labels: Uint8Array, classes: number): number {
  let right = 0;
  labels.forEach((label, row) => {
    const list = logits.subarray(row * classes, (row + 1) * classes);
    if (list.indexOf(Math.max(...list)) === label) right += 1;
  });
  return right / labels.length;
}

/** R² and root mean squared error of each target. @param means for each target all rows */
function fitnessOf(
  wanted: Float32Array,
  means: readonly Float64Array[],
): NonNullable<Inspection['values']> {
  const d = means.length;
  const each = means.map((list, k) => {
    const truth = Array.from(list, (_, row) => wanted[row * d + k] as number);
    const mean = truth.reduce((a, b) => a + b, 0) / truth.length;
    const rest = truth.reduce((sum, value, row) => sum + (value - (list[row] as number)) ** 2, 0);
    const all = truth.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { r2: all > 0 ? 1 - rest / all : 0, rmse: Math.sqrt(rest / truth.length) };
  });
  return { r2: each.map(({ r2 }) => r2), rmse: each.map(({ rmse }) => rmse) };
}

function warningsOf(
  { accuracy, values }: Used,
  chance: number | null,
  bytes: number,
  batch: number,
  doubts: string,
): string[] {
  const warnings: string[] = [];
  if (accuracy !== null && chance !== null && isLow(accuracy, chance))
    warnings.push(
      `It is right on ${percent(accuracy)} of the labelled examples, and guessing on ${percent(chance)}. If it should do better, it may be that ${doubts}.`,
    );
  if (values && Math.min(...values.r2) < 0.1)
    warnings.push(
      'It says hardly more of the values than their mean does: this may be another unit, scaling or task.',
    );
  if (bytes > MUCH)
    warnings.push(
      `A batch of ${batch} takes ${(bytes / 2 ** 30).toFixed(1)} GiB inside it; a batch of ${Math.max(1, Math.floor((batch * MUCH) / bytes))} takes less than one.`,
    );
  return warnings;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
