import type * as tf from '@tensorflow/tfjs';
import type { Weights } from '../models/net/draw';
import type { Graph, WeightSpec } from '../models/net/graph';
import type { AnyValues } from '../recipe/fields';
import type { CompressionEntry } from '../recipe/recipe';

/**
 * What a network computes with while it trains, in place of the weights that learn: w' = f(w) for some weights by name.
 * Each step calls `settle` for every weight, then `apply` (differentiated for w), then `carry`: the same launches each
 * time, so that a step can be replayed. What differs from step to step is written over in place.
 */
export interface WeightChange {
  readonly names: readonly string[];
  /** Sets what differs from step to step. @param share of the compressed part of the run that is over, 0 to 1 */
  begin(share: number): void;
  /** Looks at a weight before the pass, off the tape: what `apply` takes for constant is set here. */
  settle(name: string, w: tf.Tensor): void;
  /** The weight that the network computes with, of w's shape, and what the next step goes on with. */
  apply(name: string, w: tf.Tensor): { readonly used: tf.Tensor; readonly state: tf.Tensor | null };
  /** Takes over what `apply` left, after the backward pass. */
  carry(name: string, state: tf.Tensor): void;
  /** The weight as it would be stored, of w's shape. Call inside a tidy. */
  snap(name: string, w: tf.Tensor): tf.Tensor;
  /** Bytes of the stored form of its weights. */
  readonly bytes: number;
  dispose(): void;
}

/** What a compression is told of the network that it compresses. */
export interface Subject {
  readonly graph: Graph;
  /** All weights as they stand, moving statistics included. */
  readonly weights: Weights;
  readonly seed: number;
}

/** Weights in their stored form, read back as numbers, and the bytes that the stored form takes. */
export interface Stored {
  readonly weights: Weights;
  readonly bytes: number;
}

/**
 * A way to make a network smaller. It works at one of three moments: `during` training from the share `start` of the run
 * on (the weights are changed, the same ones learn on), `after` the last step (they are stored otherwise), or by a
 * `rebuild` of the network at that share (another graph with converted weights trains on).
 */
export interface Compression extends CompressionEntry {
  /** Which weights it would change: the ones the page shows. */
  readonly layers: (graph: Graph, params: AnyValues) => readonly WeightSpec[];
  /** @param turn which of its turns this is, counted from 0; weights that an earlier turn changed come as it left them */
  readonly during?: (subject: Subject, params: AnyValues, turn: number) => WeightChange;
  /** How many turns it takes, spread evenly over the rest of the run; one where absent. */
  readonly turns?: (params: AnyValues) => number;
  /** Only the weights that are stored otherwise. */
  readonly after?: (subject: Subject, params: AnyValues) => Stored;
  /** @param tapped true where the method reads inner outputs, whose shapes must then stay */
  readonly rebuild?: (
    subject: Subject,
    params: AnyValues,
    tapped: boolean,
  ) => { readonly graph: Graph; readonly weights: Weights };
}
