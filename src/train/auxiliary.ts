import type * as tf from '@tensorflow/tfjs';
import { whole } from '../gpu/belongings';
import { GraphBuilder } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import type { AuxiliaryNetwork } from '../methods/contract';
import { drawWeights } from '../models/net/draw';
import type { Optimizer as OptimizerRecipe } from '../recipe/recipe';
import { learnerOf } from './learner';
import type { Learner } from './learner';

/** Keeps the weights of one auxiliary network from being those of another. */
const SEED_STEP = 7919;

/**
 * The networks that a method trains beside the student: projections, transforms, discriminators. They take the student's
 * optimizer and rate, in the same pass; after the run they are dropped.
 */
export class Auxiliaries {
  readonly learners: readonly Learner[];
  private readonly byName: ReadonlyMap<string, Learner>;
  private seen = new Map<string, { readonly input: number; readonly output: tf.Tensor }>();

  constructor(
    networks: Readonly<Record<string, AuxiliaryNetwork>>,
    seed: number,
    optimizer: OptimizerRecipe,
  ) {
    this.byName = whole(
      (parts) =>
        new Map(
          Object.entries(networks).map(([name, network], i) => {
            const graph = graphOf(network);
            const weights = drawWeights(graph, (seed + SEED_STEP * (i + 1)) % 2 ** 31);
            return [name, parts.add(learnerOf(graph, weights, optimizer, true))];
          }),
        ),
    );
    this.learners = [...this.byName.values()];
  }

  /** Sets what differs from step to step. */
  begin(rate: number): void {
    for (const learner of this.learners) learner.begin(rate, 0);
  }

  /** Forgets the last step's outputs: a new pass begins. */
  renew(): void {
    this.seen = new Map();
  }

  /**
   * The output of a network for x; asked again about the same x, the same tensor.
   *
   * @throws Error where there is no such network, or it has seen another input in this step
   */
  run(name: string, x: tf.Tensor): tf.Tensor {
    const known = this.seen.get(name);
    if (known?.input === x.id) return known.output;
    const learner = this.byName.get(name);
    if (!learner) throw new Error(`the method has no auxiliary network ${name}`);
    if (known) throw new Error(`auxiliary network ${name} was given two inputs in one step`);
    // A network gives its last node's value as "logits", whatever it is here.
    const { logits: output } = learner.forward(x);
    this.seen.set(name, { input: x.id, output });
    return output;
  }

  dispose(): void {
    for (const learner of this.learners) learner.dispose();
  }
}

function graphOf({ input, layers }: AuxiliaryNetwork): Graph {
  const b = new GraphBuilder();
  let output = 'input';
  for (const [i, layer] of layers.entries()) {
    const name = `layer${i + 1}`;
    if (layer.op === 'conv') output = b.conv(name, output, layer.filters, layer.kernel, 1);
    else if (layer.op === 'dense') output = b.dense(name, output, layer.units);
    else if (layer.op === 'norm') output = b.norm(name, output);
    else output = b.activate(layer.op, name, output);
  }
  return { input, nodes: b.nodes, output, taps: {} };
}
