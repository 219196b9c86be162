import * as tf from '@tensorflow/tfjs';
import { Ensemble } from '../models/net/ensemble';
import type { FrozenNetwork } from '../models/net/frozen';
import type { Weights } from '../models/net/draw';
import { countMacs, countParameters, weightsOf } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import type { Outputs } from '../models/net/network';
import { labelOf } from '../samplers/parts/provenance';
import type { RowPlan } from '../samplers/parts/provenance';
import type { Pixels } from '../samplers/parts/render';
import type { Generation } from './generations';
import { realRow, renderTensor } from './data';
import type { Part } from '../gpu/kernels/batch';
import type { Rows } from './rows';

/** Rows the teacher answers at once when it fills its cache. */
const CACHE_BATCH = 250;

/**
 * A frozen teacher: inference mode, outside any gradient tape, its weights never handed out. It counts what it is asked,
 * and remembers its answers on untouched rows of the transfer set where that saves work.
 */
export class Teacher {
  readonly title: string;
  readonly graph: Graph;
  readonly parameters: number;
  readonly macs: number;
  readonly network: FrozenNetwork;
  /** Where it is the last of several generations: those before it and itself, in order; else empty. */
  line: readonly Generation[] = [];
  private others: readonly Teacher[] = [];
  private tally = { calls: 0, rows: 0 };
  private cache: tf.Tensor2D | null = null;

  /**
   * @param weights in memory; copied to the backend here
   * @param others weights of further networks with Gaussian heads, which answer together with the first as one
   */
  constructor(title: string, graph: Graph, weights: Weights, others: readonly Weights[] = []) {
    const members = 1 + others.length;
    this.title = title;
    this.graph = graph;
    this.parameters = members * countParameters(graph);
    this.macs = members * countMacs(graph);
    let network: Ensemble | null = null;
    tf.tidy(() => {
      const tensors = [weights, ...others].map((of) => tensorsOf(graph, of));
      network = new Ensemble(
        graph,
        tensors.map((of) => (name: string) => of.get(name) as tf.Tensor),
      );
    });
    this.network = network as unknown as Ensemble;
  }

  /** How often it and its companions were called. */
  get calls(): number {
    return this.tally.calls;
  }

  /** How many rows it and its companions have answered. */
  get rows(): number {
    return this.tally.rows;
  }

  /**
   * More teachers of the same run: methods for several teachers ask them too. From now on they count what they are asked
   * on this one's account, and they are freed with it.
   */
  set companions(others: readonly Teacher[]) {
    this.others = others;
    for (const other of others) other.tally = this.tally;
  }

  get companions(): readonly Teacher[] {
    return this.others;
  }

  /** Logits [n, classes] on rendered inputs. The caller disposes of them. */
  ask(x: tf.Tensor): tf.Tensor2D {
    this.count({ calls: 1, rows: x.shape[0] ?? 0 });
    return this.network.predict(x);
  }

  /** Logits and taps on rendered inputs. The caller disposes of them. */
  explain(x: tf.Tensor): Outputs {
    this.count({ calls: 1, rows: x.shape[0] ?? 0 });
    return this.network.outputs(x);
  }

  /** Counts what was asked: by `ask` itself, or by a replayed step. */
  count(asked: { readonly calls: number; readonly rows: number }): void {
    this.tally.calls += asked.calls;
    this.tally.rows += asked.rows;
  }

  /** Fills the cache with the answers on the first `count` rows, untouched. */
  async remember(
    pixels: Pixels,
    count: number,
    pause: (share: number) => Promise<void>,
  ): Promise<void> {
    const size = Math.min(CACHE_BATCH, count);
    const parts: tf.Tensor2D[] = [];
    try {
      for (let from = 0; from < count; from += size) {
        const plans = Array.from({ length: size }, (_, i) =>
          realRow(Math.min(from + i, count - 1)),
        );
        const x = renderTensor(pixels, plans);
        try {
          parts.push(this.ask(x));
        } finally {
          x.dispose();
        }
        await pause(Math.min(1, (from + size) / count));
      }
      this.cache = tf.tidy(() => tf.keep(tf.slice(tf.concat(parts), [0, 0], [count, -1])));
    } finally {
      tf.dispose(parts);
    }
  }

  /** For how many rows of a batch, counted from the first, it has its answer already. */
  known(plans: readonly RowPlan[], part: Part): number {
    if (!this.cache) return 0;
    const asked = plans.findIndex((plan) => !untouched(plan, part));
    return asked < 0 ? plans.length : asked;
  }

  /**
   * Logits for the rows of a batch, [n, classes]: remembered ones for untouched real rows, which stand first, and one
   * call for the rest.
   *
   * @param part which rows are meant @param x their inputs
   */
  answer(rows: Rows, part: Part, x: tf.Tensor): tf.Tensor2D {
    const { cache } = this;
    const { plans } = rows;
    const real = this.known(plans, part);
    if (!cache || real === 0) return this.ask(x);
    return tf.tidy(() => {
      const remembered = rows.lookUp(cache, part === 'second' ? 'second' : 'first', real);
      if (real === plans.length) return remembered;
      const rest = tf.slice(x, [real], [plans.length - real]);
      return tf.concat([remembered, this.ask(rest)]);
    });
  }

  dispose(): void {
    this.network.dispose();
    this.cache?.dispose();
    this.cache = null;
    for (const companion of this.companions) companion.dispose();
  }
}

/** @throws Error where a weight is missing */
function tensorsOf(graph: Graph, weights: Weights): Map<string, tf.Tensor> {
  const tensors = new Map<string, tf.Tensor>();
  for (const { name, shape } of weightsOf(graph)) {
    const values = weights.get(name);
    if (!values) throw new Error(`the teacher's weight ${name} is missing`);
    tensors.set(name, tf.tensor(values, [...shape]));
  }
  return tensors;
}

/** True where a row is shown as it lies in the set. */
function untouched({ view, mix }: RowPlan, part: Part): boolean {
  if (part === 'second' && 'partner' in mix) return mix.partnerView === null;
  if (labelOf(mix) === 'none') return false;
  return view === null && (part !== 'mixed' || mix.kind === 'real');
}
