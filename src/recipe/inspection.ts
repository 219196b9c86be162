import type { LayerPart, Layers } from './layers';
import type { InputRange, Meaning } from './meaning';

/** A normalisation that was tried on labelled examples. */
export interface Tried {
  readonly input: InputRange;
  /** How many examples it was tried on: the hopeless ones see fewer. */
  readonly images: number;
  /** Share of right answers; for real values R² after the best change of units. */
  readonly score: number;
  /** Mean log-likelihood of the labels in nats; null for real values. */
  readonly logLikelihood: number | null;
}

/** Another order of the classes that fits the labelled examples clearly better. */
export interface OtherOrder {
  readonly classes: readonly (number | null)[];
  /** On labelled examples that it was not worked out from; and that of the order in use on the same. */
  readonly accuracy: number;
  readonly own: number;
}

/** A way to put weights together as layers that was tried on labelled examples. */
export interface TriedLayers {
  readonly layers: Layers;
  /** In words: "32 x 32, max pool 2x2 behind conv1, conv2, ReLU". */
  readonly what: string;
  /** As of a normalisation, on examples that no way was chosen by. */
  readonly images: number;
  readonly score: number;
  readonly logLikelihood: number | null;
}

/** How the weights of a file that does not say it were put together. */
export interface LayersFound {
  /** What the file holds: every part stands in the layers once. */
  readonly parts: readonly LayerPart[];
  /** file: a pickled sequence says it. definition: a pickled model defines it so. sizes: they leave one usual way. trying: labelled examples chose. */
  readonly by: 'file' | 'definition' | 'sizes' | 'trying' | 'person';
  /** The way that is used, then others that were tried. */
  readonly tried: readonly TriedLayers[];
  /** Others that fit about as well: the most usual was taken. */
  readonly alike: readonly string[];
  /** Whether labelled examples speak for the way that is used: it answers them clearly better than by guessing. */
  readonly verified: boolean;
}

/** An inner value of a network. */
export interface Tap {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * What was found out about a network from a file on a task: everything that a person is shown before using it. What
 * may be corrected stands in `meaning`; corrections go back as a part of it, and the rest is found anew.
 */
export interface Inspection {
  readonly name: string;
  readonly sha256: string;
  readonly format: string;
  readonly layout: 'NHWC' | 'NCHW' | 'none';
  readonly inputShape: readonly number[];
  /** Layers or operators of the file. */
  readonly layers: number;
  readonly parameters: number;
  /** Multiply-adds for one input, as adapted. */
  readonly macs: number;
  /** What was put right in the file, and what else there is to know of it. */
  readonly repairs: readonly string[];
  readonly remarks: readonly string[];
  /** What is done to the task's inputs for it, as sentences. */
  readonly fits: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly size: number }[];
  /** Which of several outputs is used and why, as a sentence; null where there is one. */
  readonly outputSaid: string | null;
  /** What the chosen output puts out. */
  readonly puts: 'logits' | 'probabilities' | 'sigmoid' | 'values';
  /** How the task's logits or Gaussians are made of it: one sentence. */
  readonly answers: string;
  /** Names of the outputs where the file holds them; names of the task's classes or targets. */
  readonly fileClasses: readonly string[] | null;
  readonly taskClasses: readonly string[];
  /** How it is known which output stands for which class; null for real values. */
  readonly order: {
    readonly by: 'place' | 'names' | 'trying' | 'person';
    /** A sentence where the map was worked out from labelled examples, else null. */
    readonly said: string | null;
    /** Offered where the labelled examples speak for it; taking it is a correction. */
    readonly better: OtherOrder | null;
  } | null;
  /** Where the file holds weights and not how they are put together; else null. */
  readonly assembly: LayersFound | null;
  /** All normalisations that were tried, the best first. */
  readonly tried: readonly Tried[];
  /** Others that fit about as well on so few examples: the most usual of them was taken. */
  readonly alike: readonly string[];
  /** Why this normalisation: it fits best, the file says it, or a person does. */
  readonly normalisationBy: 'trying' | 'file' | 'person';
  /** Labelled examples, of the validation split, on which it was judged as it will be used. */
  readonly images: number;
  /** How many others normalisation and order were tried on; null where there are too few for two parts, and all serve for both. */
  readonly chosenOn: number | null;
  /** Share of right answers; null for real values. */
  readonly accuracy: number | null;
  /** That of guessing. */
  readonly chance: number | null;
  /** For real values: R² and the root of the mean squared error in the task's unit, for each target. */
  readonly values: { readonly r2: readonly number[]; readonly rmse: readonly number[] } | null;
  /** What a person has to decide before it can be used, as sentences; mostly none. */
  readonly open: readonly string[];
  /** What looks wrong, as sentences; it may be used all the same. */
  readonly warnings: readonly string[];
  readonly speed: {
    readonly imagesPerSecond: number;
    /** Inputs that were asked about at once. */
    readonly batch: number;
    /** What its answers cost the whole run, in minutes. */
    readonly minutes: number;
  };
  /** In bytes; activations are those of a batch. */
  readonly memory: { readonly weights: number; readonly activations: number };
  /** What methods that look inside can be shown: all of its inner values, and what the student compares them to. */
  readonly taps: { readonly all: readonly Tap[]; readonly student: readonly Tap[] };
  /** As it will be used. */
  readonly meaning: Meaning;
}
