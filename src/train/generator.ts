import * as tf from '@tensorflow/tfjs';
import { LiveRows } from '../gpu/ops/live';
import type { Choice } from '../recipe/recipe';
import { decoderOf } from '../models/generator/vae';
import type { GeneratorModel } from '../models/generator/vae';
import type { Weights } from '../models/net/draw';
import { FrozenNetwork } from '../models/net/frozen';
import { weightsOf } from '../models/net/graph';
import { codesOf } from '../samplers/parts/latent';
import { render } from '../samplers/parts/render';
import type { Pixels } from '../samplers/parts/render';
import type { Mix, RowPlan } from '../samplers/parts/provenance';
import type { Part } from '../gpu/kernels/batch';
import type { Rows } from './rows';

/** Where the generator of a sampler setting comes from: settings with equal keys share one. */
export function generatorKey({ params }: Choice): string {
  return params.from === 'bundled'
    ? 'bundled'
    : `${String(params.from)}/${String(params.training)}`;
}

/** True where a sampler's generator learns from more inputs than the transfer set. */
export const usesAllInputs = ({ id, params }: Choice): boolean =>
  id === 'generator' && params.from === 'training';

/** The keys of all generators that samplers need, each once. */
export function generatorKeys(samplers: readonly Choice[]): readonly string[] {
  return [...new Set(samplers.filter(({ id }) => id === 'generator').map(generatorKey))];
}

/** The generators of a run by their keys. */
export type Generators = ReadonlyMap<string, Generator>;

/** A frozen decoder: it makes inputs of a task, in normalised units, out of codes. */
export class Generator {
  readonly title: string;
  readonly latent: number;
  readonly classes: number;
  private readonly network: FrozenNetwork;

  /** @param weights the decoder's, in memory; copied to the backend here @throws Error where one is missing */
  constructor(
    title: string,
    model: GeneratorModel,
    shape: readonly number[],
    classes: number,
    weights: Weights,
  ) {
    this.title = title;
    this.latent = model.latent;
    this.classes = classes;
    const graph = decoderOf(shape, classes, model);
    const shapes = new Map(weightsOf(graph).map(({ name, shape: dims }) => [name, dims]));
    let network: FrozenNetwork | null = null;
    tf.tidy(() => {
      network = new FrozenNetwork(graph, (name) => {
        const values = weights.get(name);
        if (!values) throw new Error(`the generator's weight ${name} is missing`);
        return tf.tensor(values, [...(shapes.get(name) ?? [])]);
      });
    });
    this.network = network as unknown as FrozenNetwork;
  }

  /** The codes of rows that a generator makes, [rows, latent + classes]. @throws Error where one is not such a row */
  codes(plans: readonly RowPlan[]): Float32Array<ArrayBuffer> {
    return codesOf(plans.map(generatedOf), this.latent, this.classes);
  }

  /** Inputs [rows, ...shape] of codes. The caller disposes of them. */
  decode(codes: tf.Tensor2D): tf.Tensor {
    return this.network.predict(codes);
  }

  /** Rebuilds rows from their provenance, in normalised units; those that it did not make, as ever. */
  async render(pixels: Pixels, plans: readonly RowPlan[]): Promise<Float32Array> {
    const size = pixels.shape.reduce((a, b) => a * b, 1);
    const out = new Float32Array(plans.length * size);
    const made = plans.flatMap(({ mix }, row) => (mix.kind === 'generator' ? row : []));
    const others = plans.flatMap(({ mix }, row) => (mix.kind === 'generator' ? [] : row));
    const place = (rows: readonly number[], values: Float32Array) =>
      rows.forEach((row, i) => out.set(values.subarray(i * size, (i + 1) * size), row * size));
    const at = (rows: readonly number[]) => rows.map((row) => plans[row] as RowPlan);
    place(others, render(pixels, at(others)));
    if (made.length > 0) {
      const decoded = tf.tidy(() => {
        const columns = this.latent + this.classes;
        return this.decode(tf.tensor2d(this.codes(at(made)), [made.length, columns]));
      });
      place(made, (await decoded.data()) as Float32Array);
      decoded.dispose();
    }
    return out;
  }

  /** Rows whose synthetic part, which stands last, this generator makes. @param rows two, to be freed with the new ones */
  rows(all: Rows, real: Rows): Rows {
    return new GeneratedRows(this, all, real);
  }

  dispose(): void {
    this.network.dispose();
  }
}

function generatedOf({ mix }: RowPlan): Extract<Mix, { kind: 'generator' }> {
  if (mix.kind !== 'generator') throw new Error(`a generator was asked for a row of ${mix.kind}`);
  return mix;
}

/** Rows of the data set, then rows that a generator makes; per step its codes are uploaded. */
class GeneratedRows implements Rows {
  private readonly generator: Generator;
  /** All rows, for everything but their pixels; and the real ones. */
  private readonly all: Rows;
  private readonly real: Rows;
  private readonly codes = new LiveRows();
  private count = 0;

  constructor(generator: Generator, all: Rows, real: Rows) {
    this.generator = generator;
    this.all = all;
    this.real = real;
  }

  get plans(): readonly RowPlan[] {
    return this.all.plans;
  }

  /** Another number of generated rows is another buffer of codes. */
  get form(): string {
    return `${this.all.form}, the first ${this.count > 0 ? this.real.form : 'none'} of the set`;
  }

  set(plans: readonly RowPlan[]): void {
    const first = plans.findIndex(({ mix }) => mix.kind === 'generator');
    this.count = first < 0 ? plans.length : first;
    this.all.set(plans);
    if (this.count > 0) this.real.set(plans.slice(0, this.count));
    const { latent, classes } = this.generator;
    if (first >= 0) this.codes.set(this.generator.codes(plans.slice(first)), latent + classes);
  }

  inputs(part: Part): tf.Tensor {
    if (part !== 'mixed') return this.all.inputs(part);
    const { count, plans } = this;
    if (count === plans.length) return this.real.inputs(part);
    if (count === 0) return this.generator.decode(this.codes.tensor);
    return tf.tidy(() =>
      tf.concat([this.real.inputs(part), this.generator.decode(this.codes.tensor)]),
    );
  }

  targets(mixed: boolean): tf.Tensor2D {
    return this.all.targets(mixed);
  }

  lookUp(table: tf.Tensor2D, part: 'first' | 'second', count: number): tf.Tensor2D {
    return this.all.lookUp(table, part, count);
  }

  store(table: tf.Tensor2D, lines: tf.Tensor2D): tf.Tensor2D {
    return this.all.store(table, lines);
  }

  shares(): tf.Tensor2D {
    return this.all.shares();
  }

  dispose(): void {
    this.all.dispose();
    this.real.dispose();
    this.codes.dispose();
  }
}
