import type { Normalisation } from '../../given';
import type { NetBuilder } from '../../net/builder';
import type { TorchLayers } from './layers';

/** Shapes of tensors by name, without the prefixes of wrappers. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** What a file of ours says beside its weights. */
export interface Told {
  readonly classes: readonly string[] | null;
  readonly normalisation: Normalisation | null;
}

/** A network that a file's names and shapes fit. */
export interface Proposal {
  /** What it is: "ResNet-20 for small images". */
  readonly title: string;
  /** By what it was recognised: the end of a sentence. */
  readonly reason: string;
  /** What names and shapes cannot tell and the family's convention does, a sentence each. */
  readonly assumed: readonly string[];
  /** The larger, the more of it was recognised; the first of several is built. */
  readonly rank: number;
  /** Shape of one input: [height, width, channels] or [features]. */
  readonly input: readonly number[];
  /** True where the side of the images is a convention alone. */
  readonly anySize?: boolean;
  /** The sides of images that give its first dense layer the same numbers, where there are several; that of `input` among them. */
  readonly sides?: readonly number[];
  /** Order of an image's axes in the network that the file comes from. */
  readonly layout: 'NHWC' | 'NCHW' | 'none';
  /** What the file says of its inputs and classes, where it does. */
  readonly told?: Told;
  /** Writes the network. @returns the value that is its answer */
  build(net: NetBuilder, layers: TorchLayers): string;
}

/** A family of networks: looks whether names and shapes are those of a member. Never throws for foreign names. */
export interface Family {
  propose(shapes: Shapes, metadata: ReadonlyMap<string, string>): Proposal | null;
}

/** Shape of a tensor with so many axes, or null. */
export function shapeWith(shapes: Shapes, name: string, axes: number): readonly number[] | null {
  const shape = shapes.get(name);
  return shape?.length === axes && shape.every((n) => n >= 1) ? shape : null;
}

/** What is said where nothing in a file tells the size of its images. */
export const ANY_SIZE =
  'It takes images of any size; where no task says one, 32 by 32 pixels were assumed.';

export const pluralOf = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;
