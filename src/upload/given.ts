import type { Weights } from '../models/net/draw';
import type { Graph } from '../models/net/graph';
import type { SideRule } from './net/windows';
import type { LayerPart, Layers } from '../recipe/layers';
import type { Values } from './net/builder';
import type { Chain } from './plain/chain';
import type { Hints } from './plain/hints';

/** A file from a stranger: one that was dropped in the page, lies on disk, or stands in an archive. */
export interface Given {
  /** Its path within what was given, with / between folders: "model/model.json". Only ever shown and compared. */
  readonly path: string;
  readonly size: number;
  /** The bytes from `from` to before `to`; fewer where the file ends. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** What reading needs from its surroundings. */
export interface Reading {
  /** Called with a plain phrase and a share from 0 to 1; also what tells a watchdog that work goes on. */
  progress(what: string, share: number): void;
  /** Aborted where somebody cancelled. */
  readonly signal?: AbortSignal;
}

/** The forms in which teachers are read. */
export type Format =
  | 'tfjs-layers'
  | 'tfjs-graph'
  | 'keras-h5'
  | 'keras-3'
  | 'onnx'
  | 'safetensors'
  | 'pytorch';

/** Network input = (value * scale - mean[channel]) / std[channel], as tasks have it (src/tasks/contract.ts). */
export interface Normalisation {
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Weights that were put together as layers one behind the other: how they may be put together otherwise. */
export interface Plain {
  readonly parts: readonly LayerPart[];
  /** Their order by their sizes; null where only the file's own word says how they follow. */
  readonly chain: Chain | null;
  readonly hints: Hints;
  /** By the file's names, in the order of axes that graphs have. */
  readonly tensors: ReadonlyMap<string, Values>;
  /** As they are put together in the graph beside it. */
  readonly layers: Layers;
  /** Where the file says its layers: the same over images of other sides that fit. */
  readonly ways?: readonly Layers[];
  /**
   * sequence: the file says so itself, as a pickled nn.Sequential does. definition: so a class defines its sequences,
   * whose program may call them otherwise. null: it says nothing.
   */
  readonly known: 'sequence' | 'definition' | null;
}

/**
 * A network read from a file, before anybody has said what its inputs mean. Its graph works on one row in the order
 * [height, width, channels], whatever the file's order was.
 */
export interface ReadNetwork {
  readonly format: Format;
  /** The file's or folder's name without its ending. */
  readonly title: string;
  /** `output` is the first of `outputs`. Its taps are all values that a person may pick, by the file's own names. */
  readonly graph: Graph;
  readonly weights: Weights;
  /** Names of the nodes that the file calls outputs; at least one. */
  readonly outputs: readonly string[];
  /** Order of an image's axes in the file: what is said, not what the graph has. */
  readonly layout: 'NHWC' | 'NCHW' | 'none';
  /** How many of the file's own layers or operators it was made from. */
  readonly layers: number;
  /** Names of the classes, where the file holds them. */
  readonly classes: readonly string[] | null;
  /** How its inputs were normalised, where the file says it; absent or null where it does not. */
  readonly normalisation?: Normalisation | null;
  /**
   * True where the height and width of the graph's input are a mere convention: it ends in a mean over the image, and
   * nothing in the file says which size it learnt from (net/sides.ts brings it to a task's).
   */
  readonly anySize?: boolean;
  /**
   * The sides that the graph's images may have, in order, where several fit what the file holds: the same first dense
   * layer. That of the graph is a convention among them.
   */
  readonly sides?: readonly number[];
  /** How nodes follow from the sides of their images, by their names, where it is more than their own shapes say. */
  readonly sideRules?: ReadonlyMap<string, SideRule>;
  /** Where it was made of weights that say nothing of what happens between them. */
  readonly plain?: Plain;
  /** What was wrong with the file and has been put right, a sentence each; empty where nothing was. */
  readonly repairs: readonly string[];
  /** What else a person should know, a sentence each. */
  readonly remarks: readonly string[];
}
