import * as tf from '@tensorflow/tfjs';
import type { Compression, Stored, Subject, WeightChange } from '../compression/contract';
import { compressions } from '../compression/registry';
import type { Weights } from '../models/net/draw';
import { countMacs, sizeOf, weightsOf } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import type { Footprint, WeightSpread } from '../recipe/events';
import type { AnyValues } from '../recipe/fields';
import type { Choice, Recipe } from '../recipe/recipe';
import type { Learner } from './learner';
import { spreadOf } from './spread';

/** What a turn of the compression leaves to be done: nothing, other launches, or another network. */
export type Turned =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'rebuilt'; readonly graph: Graph; readonly weights: Weights };

/** How one student is made smaller in the course of a run. */
export class Compressor {
  private readonly compression: Compression;
  private readonly params: AnyValues;
  private readonly run: Recipe;
  private readonly tapped: boolean;
  /** The steps before which something is done, in order. */
  private readonly turns: readonly number[];
  private taken = 0;
  private changed: WeightChange | null = null;
  private stored: { readonly last: Stored; readonly average: Stored | null } | null = null;
  /** The layer whose weights are shown; null where none is changed. */
  private readonly shown: string | null;

  /**
   * @param tapped true where the method reads inner outputs
   * @throws UserError where there is nothing in the network that it could compress
   */
  constructor(choice: Choice | undefined, graph: Graph, run: Recipe, tapped: boolean) {
    this.compression = compressions.get(choice?.id ?? 'none');
    this.params = choice?.params ?? {};
    this.run = run;
    this.tapped = tapped;
    const { compression, params } = this;
    const begin = Math.round(Number(params.start ?? 1) * run.steps);
    const count = compression.turns?.(params) ?? 1;
    const inTraining = compression.kind === 'during' || compression.kind === 'rebuild';
    this.turns = inTraining
      ? Array.from({ length: count }, (_, i) =>
          Math.round(begin + (i * (run.steps - begin)) / count),
        )
      : [];
    const layers = compression
      .layers(graph, params)
      .toSorted((a, b) => sizeOf(b.shape) - sizeOf(a.shape));
    this.shown = compression.kind === 'rebuild' ? null : (layers[0]?.name ?? null);
  }

  /** Sets what differs from step to step. */
  begin(step: number): void {
    const from = this.turns[0] ?? 0;
    this.changed?.begin((step - from) / Math.max(1, this.run.steps - 1 - from));
  }

  /** Does what is due before a step. @param step counted from 0 */
  async turn(step: number, learner: Learner): Promise<Turned> {
    const due = this.turns[this.taken];
    if (due === undefined || step < due) return { kind: 'nothing' };
    const subject = await this.subjectOf(learner);
    const { compression, params } = this;
    const turn = this.taken;
    this.taken += 1;
    if (compression.rebuild)
      return { kind: 'rebuilt', ...compression.rebuild(subject, params, this.tapped) };
    if (!compression.during) return { kind: 'nothing' };
    this.changed?.dispose();
    this.changed = compression.during(subject, params, turn);
    learner.change(this.changed);
    return { kind: 'changed' };
  }

  /** The weights as they stand; those that an earlier turn changed as it would store them. */
  private async subjectOf(learner: Learner): Promise<Subject> {
    const weights = new Map(await learner.read());
    for (const name of this.changed?.names ?? []) {
      const snapped = tf.tidy(() => this.stand(name, learner.weight(name)));
      weights.set(name, Float32Array.from((await snapped.data()) as Float32Array));
      snapped.dispose();
    }
    return { graph: learner.graph, weights, seed: this.run.seed };
  }

  /** Does what comes after the last step. @param averaged true where there is a weight average */
  async finish(learner: Learner, averaged: boolean): Promise<void> {
    const { after } = this.compression;
    if (!after) return;
    const subject = await this.subjectOf(learner);
    const last = after(subject, this.params);
    this.stored = { last, average: null };
    if (!averaged) return;
    const weights = new Map<string, Float32Array>();
    for (const { name } of learner.specs) {
      const average = tf.tidy(() => tf.clone(learner.average(name)));
      weights.set(name, Float32Array.from((await average.data()) as Float32Array));
      average.dispose();
    }
    this.stored = { last, average: after({ ...subject, weights }, this.params) };
  }

  /** A weight as it stands in its stored form, once there is one. Call inside a tidy. */
  stand(name: string, weight: tf.Tensor, average = false): tf.Tensor {
    const { changed, stored } = this;
    const values = (average ? stored?.average : stored?.last)?.weights.get(name);
    if (values) return tf.tensor(values, weight.shape);
    return changed?.names.includes(name) ? changed.snap(name, weight) : weight;
  }

  /** What the student takes as it stands. */
  footprint(graph: Graph): Footprint {
    const specs = weightsOf(graph);
    const plain = (names: ReadonlySet<string>) =>
      specs
        .filter(({ name }) => !names.has(name))
        .reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
    const { changed, stored } = this;
    const bytes = stored
      ? stored.last.bytes + plain(new Set(stored.last.weights.keys()))
      : (changed?.bytes ?? 0) + plain(new Set(changed?.names));
    return { bytes, macs: countMacs(graph) };
  }

  /** How the weights of one layer are spread; null where nothing changes them. */
  async spread(learner: Learner): Promise<WeightSpread | null> {
    const { shown, changed } = this;
    if (shown === null) return null;
    const [learnt, used, stand] = tf.tidy(() => {
      const weight = learner.weight(shown);
      const computed = changed ? changed.apply(shown, weight).used : weight;
      return [tf.clone(weight), tf.clone(computed), tf.clone(this.stand(shown, weight))];
    });
    const read = async (tensor: tf.Tensor) => (await tensor.data()) as Float32Array;
    try {
      return spreadOf(shown, await read(learnt), await read(used), await read(stand));
    } finally {
      tf.dispose([learnt, used, stand]);
    }
  }

  dispose(): void {
    this.changed?.dispose();
  }
}
