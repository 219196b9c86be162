import type { AnyValues, Fields } from './fields';
import type { FileNetwork, FileStudent } from './meaning';

/** The version of the recipe's form. It rises when an old recipe would mean something else. */
export const RECIPE_VERSION = 1;

/** Most characters of a student's name. */
export const LONGEST_NAME = 40;

/** A thing chosen from a catalogue, with its parameters: {id: "kd", params: {temperature: 4}}. */
export interface Choice {
  readonly id: string;
  readonly params: AnyValues;
}

export interface Optimizer {
  readonly kind: 'sgd' | 'adam';
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Coupled L2, added to the gradient, as in PyTorch's SGD. */
  readonly weightDecay: number;
  readonly schedule: 'cosine' | 'constant';
  /** Steps of linear warm-up. */
  readonly warmup: number;
}

/** A frozen teacher: one that ships under public/teachers, one that is trained before the run, or one from a file. */
export type Teacher =
  | { readonly source: 'bundled'; readonly id: string }
  | {
      readonly source: 'train';
      readonly model: Choice;
      readonly augment: 'none' | 'crop-flip';
      readonly pad: number;
      readonly batch: number;
      readonly steps: number;
      readonly optimizer: Optimizer;
      /** For classes: weight of the spread of its answers over the wrong classes; absent is 0. */
      readonly nonTargetEntropy?: number;
      /** For real-valued targets: so many networks, merged into one Gaussian by its moments; absent is one. */
      readonly members?: number;
      /** For real-valued targets: the share of the steps in which the mean alone is learnt; absent is a quarter. */
      readonly meanWarmup?: number;
    }
  | ({ readonly source: 'file' } & FileNetwork);

/** One student: its name in curves and tables, and what it is, how it learns, and from which inputs. */
export interface Student {
  readonly name: string;
  readonly model: Choice;
  /** A network from a file in the model's place; the model stands for it where a recipe travels without the file. */
  readonly file?: FileStudent;
  readonly method: Choice;
  readonly sampler: Choice;
  /** How it is made smaller; absent where it is not. */
  readonly compression?: Choice;
  /** The share of the steps in which it learns by labels alone, before its method begins; 0 where absent. */
  readonly warmStart?: number;
}

/** Whether a student is made smaller: then it is no reference for others. */
export const isCompressed = ({ compression }: Pick<Student, 'compression'>): boolean =>
  compression !== undefined && compression.id !== 'none';

/** The one serialisable description of a run. */
export interface Recipe {
  readonly version: typeof RECIPE_VERSION;
  /** The preset it started from; a link carries only what differs from it. */
  readonly preset: string;
  readonly task: Choice;
  /** How many training examples the students get (the transfer set): the first of the training split. */
  readonly transfer: number;
  /** True: each seed also redraws a generated task's data (and a trained teacher). For studies over seeds. */
  readonly redraw: boolean;
  readonly teacher: Teacher;
  /** More teachers of the run, for methods that ask several; others ask the first alone. */
  readonly companions: readonly Teacher[];
  /**
   * How often the first student is trained: before the run once less, each time with its predecessor as its only teacher
   * (the first time with all teachers of the recipe), and the last one teaches the run. 1 where absent.
   */
  readonly generations?: number;
  readonly students: readonly Student[];
  readonly optimizer: Optimizer;
  readonly steps: number;
  readonly batch: number;
  readonly evaluation: {
    /** Steps between evaluations on the validation split. */
    readonly every: number;
    /** At most this many validation examples. */
    readonly images: number;
    /** At most this many test examples at the end. */
    readonly testImages: number;
  };
  /** Decay of the labelled weight average that may be drawn beside the raw weights; 0 switches it off. */
  readonly averageDecay: number;
  /** Convolutions multiply in 16 bits where the GPU has shader-f16. */
  readonly halfPrecision: boolean;
  /** Losses are summed by subgroups where the GPU has them. */
  readonly subgroups: boolean;
  readonly seed: number;
}

/** What a person reads about a thing in a catalogue. */
export interface Citation {
  readonly authors: string;
  readonly year: number;
  readonly title: string;
  readonly venue: string;
  readonly url: string;
}

export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly oneLine: string;
  readonly params: Fields;
  readonly cite: readonly Citation[];
}

/** What kind of input a task has: an image, a point on the plane, a number. */
export type InputKind = 'image' | 'plane' | 'line';

export interface MethodEntry extends CatalogueEntry {
  /**
   * What the networks put out: logits of classes (where absent), a Gaussian for each real-valued target, or such a
   * Gaussian of which only the mean is learnt.
   */
  readonly outputs?: 'classes' | 'gaussian' | 'mean';
  /**
   * What is minimised, in LaTeX. Letters mean the same on every card: S student, T teacher, z logits, p their softmax,
   * \tau the temperature (p^{\tau} is the softmax of z / \tau), x input, y label, B batch size, C number of classes. Where it
   * says nothing else, a mean over the batch is left out.
   */
  readonly formula: string;
  /** What is known and from where: one or two sentences that a source bears out. */
  readonly known: string;
  /** What is our reading and not the source's: one or two sentences; null where nothing is. */
  readonly reading: string | null;
  readonly costs: {
    /** What is trained beside the student and dropped afterwards, as a short phrase; "none". */
    readonly parameters: string;
    /** Teacher passes for each step, as a short phrase; "none". */
    readonly passes: string;
  };
  readonly needs: {
    /** 'parents': the teacher's answers on both parents of a mixed row, instead of on the row itself. */
    readonly teacher: 'none' | 'logits' | 'parents';
    /** Which labels its loss uses: none, hard labels of rows that have one, or labels mixed as the inputs are. */
    readonly labels: 'none' | 'hard' | 'mixed';
    readonly index: boolean;
    /** True where it looks at inner outputs of teacher and student. */
    readonly taps?: true;
    /** True where it compares feature maps, which only networks for images have. */
    readonly maps?: true;
    /** True where it asks the companions of the teacher too. */
    readonly several?: true;
    /** The fewest rows of a batch that it can learn from; absent where one is enough. */
    readonly rows?: number;
  };
}

export interface SamplerEntry extends CatalogueEntry {
  /** What becomes of a row's label: it stays true, it is a mix of two, or there is none. */
  readonly labels: 'kept' | 'mixed' | 'none';
  /** True where it draws inputs of a class: for tasks that have classes. */
  readonly byClass?: true;
  /** Which kinds of input it can draw. */
  readonly inputs: readonly InputKind[];
}

export interface CompressionEntry extends CatalogueEntry {
  /** When it works: in training from some step on, after the last one, or by going on with another network. */
  readonly kind: 'none' | 'during' | 'after' | 'rebuild';
  /** What becomes of the weights, in LaTeX: W are those of a layer, \tilde W what takes their place, b bits. */
  readonly formula: string;
  /** What is known and from where: one or two sentences that a source bears out. */
  readonly known: string;
  /** What is our reading and not the source's; null where nothing is. */
  readonly reading: string | null;
  readonly costs: {
    /** What the stored student holds, as a short phrase. */
    readonly bytes: string;
    /** What becomes of its arithmetic, as a short phrase. */
    readonly macs: string;
  };
}

export interface ModelEntry extends CatalogueEntry {
  readonly inputs: readonly InputKind[];
}

export interface TaskEntry extends CatalogueEntry {
  readonly kind: InputKind;
  /** What is asked of the networks: a class (where absent), or real values. */
  readonly asks?: 'classes' | 'values';
  readonly licence: string;
  readonly source: string;
  /** True where the user brings the files. */
  readonly needsFiles: boolean;
  /** The inputs' shape, and how many classes or real values are asked for; absent where the files decide. */
  readonly form?: { readonly shape: readonly number[]; readonly outputs: number };
  readonly transfer: { readonly default: number; readonly min: number; readonly max: number };
  /** The class that a plain rectangle belongs to, where there is one: what CutMix pastes is a rectangle too. */
  readonly rectangle?: string;
}

/** Everything a recipe may name, as plain data: sent to the page, read by the validator and the docs. */
export interface Catalogue {
  readonly tasks: readonly TaskEntry[];
  readonly models: readonly ModelEntry[];
  readonly methods: readonly MethodEntry[];
  readonly samplers: readonly SamplerEntry[];
  readonly compressions: readonly CompressionEntry[];
  /** Ids of the teachers under public/teachers, with the task each belongs to. */
  readonly teachers: readonly TeacherCard[];
}

/** A bundled teacher's card. */
export interface TeacherCard {
  readonly id: string;
  readonly title: string;
  readonly task: Choice;
  readonly model: Choice;
  readonly parameters: number;
  /** Multiply-adds for one input. */
  readonly macs: number;
  /** What it was trained on and how, in words. */
  readonly data: string;
  /** Training examples that it has seen. */
  readonly examples: number;
  readonly accuracy: Readonly<Record<string, number>>;
  readonly sha256: string;
  readonly bytes: number;
}
