import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { faultOf } from '../../src/recipe/errors';
import type { Inspection, LayersFound, TriedLayers } from '../../src/recipe/inspection';
import type { Layers } from '../../src/recipe/layers';
import { endingOf } from '../../src/upload/inspect/ending';
import { shapesOf, sizeOf, countMacs, countParameters } from '../../src/models/net/graph';
import type { TaskData } from '../../src/tasks/contract';
import { inspect } from '../../src/train/inspect/inspect';
import { rawAnswers, usedAnswers } from '../../src/train/inspect/sample';
import { valueFigures } from '../../src/train/gaussian';
import type { ReadNetwork } from '../../src/upload/given';
import { formed } from '../../src/upload/plain/build';
import { shown } from '../../src/upload/refuse';
import { readGiven } from './teacher-files';
import type { TeacherFiles } from './teacher-files';
import { dataFor } from './teacher-data';

/** Test images whose answers are written down. */
const SAMPLE = 16;
/** Seconds for trying normalisations: nobody waits in front of a page. */
const BUDGET = 180;

/** A normalisation that was tried. */
interface Score {
  readonly name: string;
  readonly images: number;
  /** Share of right answers, or R² for real values. */
  readonly score: number;
  readonly logLikelihood: number | null;
}

/** What `npm run teacher` finds out about one network. */
export interface TeacherReport {
  readonly path: string;
  /** Why it is not used: one sentence and what to do. Everything else is absent then. */
  readonly refused?: string;
  readonly sha256?: string;
  readonly format?: string;
  readonly inputShape?: readonly number[];
  readonly layers?: number;
  readonly parameters?: number;
  readonly macs?: number;
  /** How many numbers it puts out, and their names where the file has them. */
  readonly classes?: { readonly count: number; readonly names: readonly string[] | null };
  /** All outputs with their sizes, and which of several is used and why. */
  readonly all?: readonly { readonly name: string; readonly size: number }[];
  readonly used?: string | null;
  readonly outputs?: Inspection['puts'];
  /** How the task's logits are made of them. */
  readonly how?: string;
  readonly task?: string | null;
  /** Where the file holds weights and not how they are put together: how they were, which `--layers` reads again. */
  readonly assembly?: Layers;
  /** How that was found, and other ways with their scores on examples that none was chosen by. */
  readonly ways?: {
    readonly by: LayersFound['by'];
    readonly verified: boolean;
    readonly alike: readonly string[];
    readonly tried: readonly Omit<TriedLayers, 'layers'>[];
  };
  /** Where the examples came from. */
  readonly from?: string;
  readonly fits?: readonly string[];
  readonly normalisation?: {
    readonly chosen: string;
    readonly by: Inspection['normalisationBy'];
    readonly scores: readonly Score[];
    /** Others that fit about as well: the most usual was chosen. */
    readonly alike: readonly string[];
  } | null;
  readonly order?: Inspection['order'];
  /** On the labelled examples of the validation split. */
  readonly validation?: {
    readonly images: number;
    readonly accuracy: number | null;
    /** How many others normalisation and order were chosen by; null where it was the same. */
    readonly chosenOn: number | null;
  } | null;
  /** On the first test images. For CIFAR-10 with its index the first 500 and the 1,000 after them stand apart, else the first 1,000. */
  readonly accuracy?: number | null;
  readonly images?: number;
  readonly parts?: Readonly<Record<string, number>>;
  /** For real values: root mean squared error in the task's unit on the test images. */
  readonly rmse?: number;
  readonly repairs?: readonly string[];
  readonly remarks?: readonly string[];
  readonly warnings?: readonly string[];
  readonly open?: readonly string[];
  /** Of the first 16 test images: before the last softmax where there is one; and what the file itself puts out. */
  readonly logits?: readonly (readonly number[])[];
  readonly answers?: readonly (readonly number[])[];
  /** Largest difference to the outputs in an expected.json beside it, where there is one for these images. */
  readonly difference?: number;
}

export interface ReportOptions {
  readonly data: string | undefined;
  readonly task: string | null;
  /** Most test images. */
  readonly images: number;
  /** How the weights are put together; null leaves it to the file and to trying. */
  readonly layers: Layers | null;
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads one network and finds out what it means; what goes wrong becomes its sentence. */
export async function reportOn(
  files: TeacherFiles,
  options: ReportOptions,
  progress: (what: string, share: number) => void,
): Promise<TeacherReport> {
  const read = await readGiven(files.paths, progress)
    .then(({ network, sha256 }) => ({
      network: formed(network, options.layers ?? undefined),
      sha256,
    }))
    .catch((thrown: unknown) => refusal(files, thrown));
  if ('refused' in read) return read;
  const { network, sha256 } = read;
  // Data that are not there or not known are nobody's fault but the command's: this ends it.
  const looked =
    options.data === undefined
      ? null
      : await dataFor(options.data, options.task, network.graph.input);
  const fixed = {
    path: files.name,
    sha256,
    format: network.format,
    inputShape: network.graph.input,
    layers: network.layers,
    parameters: countParameters(network.graph),
    macs: countMacs(network.graph),
    classes: { count: sizeAt(network, network.graph.output), names: network.classes },
    all: network.outputs.map((name) => ({ name: shown(name), size: sizeAt(network, name) })),
    repairs: network.repairs,
    remarks: network.remarks,
  };
  if (!looked) return { ...fixed, ...withoutData(network, options.layers !== null) };
  try {
    const { task, data, folder } = looked;
    const found = await withData(network, sha256, task, data, files, options, progress);
    return { ...fixed, from: folder, ...found };
  } catch (thrown) {
    return refusal(files, thrown);
  }
}

/** Why a network is not used. @throws Error where it is no refusal but a fault of ours */
function refusal(files: TeacherFiles, thrown: unknown): TeacherReport & { refused: string } {
  const { code, message, hint, detail } = faultOf(thrown);
  if (code === 'E_UNEXPECTED') throw new Error(`${files.name}: ${detail}`, { cause: thrown });
  return { path: files.name, refused: `${message} ${hint}`.trim() };
}

const sizeAt = ({ graph }: ReadNetwork, name: string): number =>
  sizeOf(shapesOf(graph).get(name) ?? []);

/** What is said of layers that no example was shown. */
const UNVERIFIED =
  'Not verified: how its layers are put together was guessed by their sizes. With --data DIR it is tried on labelled examples; --layers FILE.json says it.';

/** What can be said without any example. */
function withoutData(
  { graph, outputs, plain }: ReadNetwork,
  said: boolean,
): Partial<TeacherReport> {
  const { op } = endingOf(graph, graph.output);
  const guessed = plain && !plain.known && !said;
  const several = outputs.length > 1;
  return {
    ...(several
      ? {
          used: `It has ${outputs.length} outputs. Which of them answers depends on the task: --data says it.`,
        }
      : {
          outputs: op === 'softmax' ? 'probabilities' : op === 'sigmoid' ? 'sigmoid' : 'logits',
        }),
    task: null,
    normalisation: null,
    accuracy: null,
    ...(plain && { assembly: plain.layers }),
    warnings: [
      'Without --data nothing was tried: normalisation and accuracy are not known.',
      ...(guessed ? [UNVERIFIED] : []),
    ],
  };
}

async function withData(
  network: ReadNetwork,
  sha256: string,
  task: string,
  data: TaskData,
  files: TeacherFiles,
  options: ReportOptions,
  progress: (what: string, share: number) => void,
): Promise<Partial<TeacherReport>> {
  const asked = { students: [], steps: 1, batch: 64 };
  const found = await inspect(
    network,
    sha256,
    data,
    asked,
    options.layers ? { layers: options.layers } : {},
    { progress, pause, budget: BUDGET },
  );
  const { meaning } = found;
  const used = await usedAnswers(network, data, meaning, data.test, options.images, (share) => {
    progress('Answering test images', share);
    return pause();
  });
  const { assembly } = found;
  const rows = used.logits.length / used.classes;
  const sample = await rawAnswers(
    formed(network, meaning.layers),
    data,
    meaning,
    data.test,
    SAMPLE,
    pause,
  );
  const right = Uint8Array.from({ length: data.targets ? 0 : rows }, (_, row) => {
    const list = used.logits.subarray(row * used.classes, (row + 1) * used.classes);
    return list.indexOf(Math.max(...list)) === data.test.y[row] ? 1 : 0;
  });
  const share = (from: number, to: number) =>
    right.subarray(from, to).reduce((a, b) => a + b, 0) / Math.max(1, Math.min(to, rows) - from);
  const figures =
    data.targets && data.test.values
      ? valueFigures(used, used, data.test.values, data.targets)
      : null;
  return {
    outputs: found.puts,
    how: found.answers,
    classes: { count: sizeAt(network, meaning.output), names: network.classes },
    used: found.outputSaid,
    task,
    ...(meaning.layers && { assembly: meaning.layers, inputShape: meaning.layers.input }),
    ...(assembly && {
      ways: {
        by: assembly.by,
        verified: assembly.verified,
        alike: assembly.alike,
        tried: assembly.tried.map(({ what, images, score, logLikelihood }) => ({
          what,
          images,
          score,
          logLikelihood: logLikelihood === null ? null : rounded(logLikelihood),
        })),
      },
    }),
    fits: found.fits,
    normalisation: {
      chosen: meaning.input.name,
      by: found.normalisationBy,
      alike: found.alike,
      scores: found.tried.map(({ input, images, score, logLikelihood }) => ({
        name: input.name,
        images,
        score,
        logLikelihood: logLikelihood === null ? null : rounded(logLikelihood),
      })),
    },
    order: found.order,
    validation: {
      images: found.images,
      accuracy: found.accuracy,
      chosenOn: found.chosenOn,
    },
    accuracy: figures ? null : share(0, rows),
    images: rows,
    ...(task === 'cifar10' &&
      rows >= 1500 && { parts: { first500: share(0, 500), next1000: share(500, 1500) } }),
    ...(task === 'images' && rows >= 1000 && { parts: { first1000: share(0, 1000) } }),
    ...(figures && { rmse: figures.rmse }),
    warnings: found.warnings,
    open: found.open,
    logits: sample.logits.map((list) => list.map(rounded)),
    answers: sample.answers.map((list) => list.map(rounded)),
    ...differenceTo(files, task, sample.answers),
  };
}

const rounded = (n: number): number => Number(n.toPrecision(7));

/** An entry of an expected.json: what a file's own framework answers. */
interface Expected {
  readonly input_file: string;
  readonly model_input: string;
  readonly outputs: readonly (readonly number[])[];
}

/** Compares with an expected.json beside the file, where it tells of these images. */
function differenceTo(
  { paths: [at = ''], name }: TeacherFiles,
  task: string,
  answers: readonly (readonly number[])[],
): { readonly difference?: number } {
  const folder = statSync(at).isDirectory() ? at : path.dirname(at);
  const file = path.join(folder, 'expected.json');
  if (!existsSync(file)) return {};
  const entries = JSON.parse(readFileSync(file, 'utf8')) as readonly Expected[];
  const base = path.basename(name);
  const entry =
    entries.find(({ model_input }) => model_input.includes(base)) ??
    (entries.length === 1 ? entries[0] : undefined);
  const set = task === 'images' ? 'mnist' : task;
  if (!entry?.input_file.startsWith(set)) return {};
  let most = 0;
  entry.outputs.forEach((row, i) =>
    row.forEach((n, k) => {
      most = Math.max(most, Math.abs(n - (answers[i]?.[k] ?? Infinity)));
    }),
  );
  return { difference: rounded(most) };
}

/** JSON with lists of numbers on one line each. */
export function jsonOf(reports: readonly TeacherReport[]): string {
  const text = JSON.stringify(reports, null, 2);
  return `${text.replaceAll(/\[[\s\d.,e+-]+\]/g, (list) => list.replaceAll(/\s+/g, ' '))}\n`;
}
