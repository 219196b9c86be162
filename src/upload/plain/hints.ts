import type { LayerStep } from '../../recipe/layers';

type Conv = Extract<LayerStep, { op: 'conv' }>;
export type PoolStep = Extract<LayerStep, { op: 'pool' }>;
export type ActivationStep = Extract<LayerStep, { op: 'activation' }>;

/** What a pickled model says of its layers, though not of the order in which its program calls them. */
export interface Hints {
  readonly convs: ReadonlyMap<string, Pick<Conv, 'stride' | 'padding' | 'dilation'>>;
  /** Of batch norms. */
  readonly epsilons: ReadonlyMap<string, number>;
  /** Activations and pools that it has as layers of their own, in the order of the file. */
  readonly activations: readonly ActivationStep[];
  readonly pools: readonly PoolStep[];
  /** How it makes a list of an image, where it has a layer for that. */
  readonly ends: readonly ('flatten' | 'mean' | 'max')[];
}

export const NO_HINTS: Hints = {
  convs: new Map(),
  epsilons: new Map(),
  activations: [],
  pools: [],
  ends: [],
};
