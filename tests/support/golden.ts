import { readdirSync, readFileSync } from 'node:fs';
import type { AnyValues } from '../../src/recipe/fields';
import type { ClassFigures } from '../../src/recipe/figures';
import type { Rows } from './methods';

export type Wave = readonly [number, number, number, number];

export interface LossCase {
  readonly method: string;
  readonly params: AnyValues;
  readonly rows: Rows;
  readonly loss: number;
  readonly gradient: readonly number[];
}

export interface NormCase {
  readonly shape: readonly number[];
  readonly waves: Readonly<Record<'x' | 'gamma' | 'beta' | 'mean' | 'variance' | 'dy', Wave>>;
  readonly y: readonly number[];
  readonly dx: readonly number[];
  readonly dGamma: readonly number[];
  readonly dBeta: readonly number[];
  /** Moving statistics after the pass. */
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

export interface ConvCase {
  readonly shape: readonly [number, number, number, number];
  readonly kernel: number;
  readonly filters: number;
  readonly stride: number;
  readonly pad: number;
  readonly waves: Readonly<Record<'x' | 'w' | 'dy', Wave>>;
  readonly y: readonly number[];
  readonly dx: readonly number[];
  readonly dw: readonly number[];
}

/** A long list by every `step`-th value, its norm, and its product with the wave sin(0.317 i + 0.4). */
export interface Digest {
  readonly step: number;
  readonly values: readonly number[];
  readonly norm: number;
  readonly probe: number;
}

export interface NetworkCase {
  readonly shape: readonly number[];
  readonly classes: number;
  readonly temperature: number;
  readonly optimizer: {
    readonly rate: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
  };
  readonly waves: Readonly<Record<'x' | 'teacher', Wave>>;
  readonly weights: Readonly<Record<string, Wave>>;
  /** Logits in inference mode before the first step and after each. */
  readonly inference: readonly (readonly number[])[];
  readonly steps: readonly {
    readonly logits: readonly number[];
    readonly loss: number;
    readonly gradients: Readonly<Record<string, Digest>>;
    readonly weights: Readonly<Record<string, Digest>>;
    readonly statistics: Readonly<Record<string, readonly number[]>>;
  }[];
}

export interface OptimizerCase {
  readonly recipe: {
    readonly kind: 'sgd' | 'adam';
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
  };
  readonly rates: readonly number[];
  readonly waves: Readonly<Record<'kernel' | 'bias' | 'curvature' | 'target', Wave>>;
  readonly trace: readonly {
    readonly kernel: readonly number[];
    readonly bias: readonly number[];
  }[];
}

interface Golden {
  readonly losses: readonly LossCase[];
  readonly batchNorm: readonly NormCase[];
  readonly convolution: readonly ConvCase[];
  readonly network: NetworkCase;
  readonly optimizers: readonly OptimizerCase[];
  readonly figures: {
    readonly classes: number;
    readonly student: readonly number[];
    readonly teacher: readonly number[];
    readonly labels: readonly number[];
    readonly wanted: ClassFigures;
  };
}

const folder = new URL('../golden/', import.meta.url);
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Partial<Golden>;
const values = read('golden.json');
/** Loss cases of every family of methods: a script of its own writes each file. */
const allLosses = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => read(name).losses ?? []);

/** A part of the values that scripts/torch/golden.py wrote. Throws where it is not there. */
export function golden<K extends keyof Golden>(part: K): Golden[K] {
  const found = values[part];
  if (found === undefined || (Array.isArray(found) && found.length === 0))
    throw new Error(`golden.json has no ${part}: run scripts/torch/golden.py`);
  return found;
}

/** An entry of a table of golden values. Throws where it is not there. */
export function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T {
  const found = table[key];
  if (found === undefined) throw new Error(`golden.json has no value for ${key}`);
  return found;
}

/** The three cases of a method. Throws where it has another number: a new method needs golden values. */
export function lossCases(method: string): readonly LossCase[] {
  const cases = allLosses.filter((entry) => entry.method === method);
  if (cases.length !== 3) throw new Error(`tests/golden has ${cases.length} cases of ${method}`);
  return cases;
}

/** Methods whose cases are in golden.json; families of methods have files of their own. */
export const lossMethods = [...new Set(golden('losses').map(({ method }) => method))];
