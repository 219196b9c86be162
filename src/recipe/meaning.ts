import type { Layers } from './layers';

/**
 * What the numbers of a network from a file mean on a task: plain data that stands in a recipe. It is found by
 * inspection (train/inspect), may be corrected by a person, and turns the file's graph into one that reads the task's
 * inputs and answers with the task's logits or Gaussians (upload/inspect/adapt.ts).
 */

/** In which numbers a network wants its inputs: (value scale - mean[channel]) / std[channel]. */
export interface InputRange {
  /** What a person reads: "0 to 1". */
  readonly name: string;
  /** Order of an image's colours in the network. */
  readonly order: 'rgb' | 'bgr';
  /** Of a pixel 0..255, or of a coordinate as the task has it. */
  readonly scale: number;
  /** One for each channel of the network in its order, or one for all. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /**
   * Each image by its own numbers; scale, mean and std do not count then. true: less its mean, by its standard deviation;
   * "channels": the same for each colour alone; "range": stretched from its least to its largest number, 0 to 1.
   */
  readonly perImage: boolean | 'channels' | 'range';
}

/** What the answers are on a task of classes. */
export interface ClassAnswers {
  /**
   * logits: as they are. probabilities: a softmax at the end is taken off; where there is none, their logarithm stands
   * for the logits. sigmoid: each output's log-odds stand for its logit; with a single output, class 0 has the logit 0.
   */
  readonly kind: 'logits' | 'probabilities' | 'sigmoid';
  /** For each class of the task its place among the outputs; null where no output stands for it. */
  readonly classes: readonly (number | null)[];
}

/** How a network says how sure it is of a real value. */
export type Spread =
  /** Not at all: the same log-variance for every input, for each target, in the task's standardised units. */
  | { readonly kind: 'constant'; readonly logVariance: readonly number[] }
  /**
   * By an output of its own, or by the second half of the same one, in the network's own unit.
   */
  | { readonly kind: 'variance' | 'log-variance' | 'deviation'; readonly output: string };

/** What the answers are on a task of real values: value[k] = output[k] scale[k] + shift[k] in the task's unit. */
export interface ValueAnswers {
  readonly kind: 'values';
  readonly scale: readonly number[];
  readonly shift: readonly number[];
  readonly spread: Spread;
}

export interface Meaning {
  /** How the weights of a file that holds nothing else are put together; absent where the file says it itself. */
  readonly layers?: Layers;
  /** Which of the file's outputs is the answer. */
  readonly output: string;
  /** How an image is brought to the network's size, where that is another one. */
  readonly resize: 'bilinear' | 'nearest';
  /** Where the network reads an image as a list: pixel by pixel, or one colour after the other. */
  readonly flatten: 'pixels' | 'colours';
  readonly input: InputRange;
  readonly answers: ClassAnswers | ValueAnswers;
  /** Which of the network's values methods see that look inside: {stage1: 'conv2d_3'}, in order of depth, pool last. */
  readonly taps: Readonly<Record<string, string>>;
}

/** A network from a file as a recipe names it. */
export interface FileNetwork {
  /** The file's or folder's name without its ending. */
  readonly name: string;
  /** Of the given files' content (upload/digest.ts). */
  readonly sha256: string;
  readonly meaning: Meaning;
}

/** A network from a file as a student's architecture. */
export interface FileStudent extends FileNetwork {
  /** kept: it starts from the file's weights. fresh: they are drawn anew by the seed; constants stay the file's. */
  readonly weights: 'kept' | 'fresh';
}
