import type { NetBuilder, Values } from '../../net/builder';
import type { Settings } from '../settings';

/** A weight that a layer needs. */
export interface Wanted {
  readonly part: string;
  /** What another version calls it. */
  readonly also?: string;
  readonly shape: readonly number[];
}

/** One use of a layer: what its rule may read, write and say. */
export interface LayerUse {
  readonly builder: NetBuilder;
  /** The layer's class, and its name in the graph. */
  readonly kind: string;
  readonly name: string;
  readonly settings: Settings;
  /** The values it reads. */
  readonly inputs: readonly string[];
  /** The first of them. */
  readonly input: string;
  /** Whether Keras 3 saved it, where definitions changed. */
  readonly keras3: boolean;
  /** The weights of the layer, each checked against its shape. @throws UserError where one is missing */
  weights(wanted: readonly Wanted[]): Promise<readonly Values[]>;
  /**
   * The input as an image of [height, width, channels], whatever the order of the layer's.
   *
   * @param first whether the layer's has the channels first; by default what its data_format says
   */
  image(first?: boolean): string;
  /** An image that a rule made, in the order of the layer's values. */
  back(image: string, first?: boolean): string;
  remark(sentence: string): void;
  /** The error that refuses the layer. @param why continues "in layer x, ..." */
  wrong(why: string, hint?: string): Error;
}

/** Adds a layer to the graph; gives the name of its value. */
export type Rule = (use: LayerUse) => string | Promise<string>;
export type Rules = readonly (readonly [string, Rule])[];

/** Numbers in a shape. */
export const valuesOf = (shape: readonly number[], values: ArrayLike<number>): Values => ({
  shape,
  values: Float32Array.from(values),
});

/** The same numbers under another shape. */
export const reshaped = (value: Values, shape: readonly number[]): Values => ({
  shape,
  values: value.values,
});

/** The axis of a row that Keras means: its axes count the batch, from either end. @returns -1 where there is none */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis - 1;
  return at >= 0 && at < rank ? at : -1;
}
