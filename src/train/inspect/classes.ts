import type { Inspection } from '../../recipe/inspection';
import type { ClassAnswers, Meaning } from '../../recipe/meaning';
import type { ReadNetwork } from '../../upload/given';
import { endingOf } from '../../upload/inspect/ending';
import type { Ending } from '../../upload/inspect/ending';
import { clearlyBetter, mapByLabels, mapByNames, scoreOf } from '../../upload/inspect/scores';
import type { Labelled } from '../../upload/inspect/scores';
import type { Answered } from './body';
import type { Examples, TwoParts } from './examples';
import type { Fitness } from './tries';

type Kind = ClassAnswers['kind'];
type ClassMap = ClassAnswers['classes'];

/** The least probability that a logarithm is taken of, as behind.ts does. */
const LEAST = 1e-7;
/** How far sums of probabilities may be from 1. */
const ROUNDING = 1e-3;

/** Finds out how a network's outputs answer a task of classes. */
export class ClassReading {
  private readonly output: string;
  private readonly size: number;
  private readonly classes: readonly string[];
  private readonly tried: Examples;
  private readonly judged: Examples;
  private readonly apart: boolean;
  private readonly ending: Ending;
  private readonly given: ClassAnswers | null;
  private readonly named: ClassMap | null;
  private kind: Kind | null = null;

  constructor(
    net: ReadNetwork,
    output: string,
    size: number,
    classes: readonly string[],
    { tried, judged, apart }: TwoParts,
    corrections: Partial<Meaning>,
  ) {
    const { answers } = corrections;
    this.output = output;
    this.size = size;
    this.classes = classes;
    this.tried = tried;
    this.judged = judged;
    this.apart = apart;
    this.ending = endingOf(net.graph, output);
    this.given = answers && answers.kind !== 'values' ? answers : null;
    this.named = mapByNames(net.classes, size, classes);
  }

  /** The values that it has to see. */
  get wanted(): readonly string[] {
    const { before } = this.ending;
    return before === this.output ? [this.output] : [this.output, before];
  }

  readonly judge = (answers: Answered, images: number): Fitness => {
    const found = this.labelled(answers, this.tried, images);
    const map = this.startMap();
    const other = scoreOf(found, mapByLabels(found, this.classes.length));
    const { accuracy, logLikelihood } = map ? scoreOf(found, this.columns(map)) : other;
    return {
      score: accuracy,
      logLikelihood,
      // So few examples fit some order by chance.
      reordered: this.given === null && this.apart ? { score: other.accuracy, ...other } : null,
    };
  };

  /** True where another order of the classes than the first thought explains the answers far better. */
  readonly speaksForOther = (own: number, reordered: number): boolean =>
    clearlyBetter(reordered, own, this.chance);

  get chance(): number {
    return 1 / this.classes.length;
  }

  /**
   * What the outputs mean, by the answers under the best normalisation. An order that is worked out from examples is
   * measured on others.
   *
   * @param images of the examples that were tried @param held the answers on those that it is judged by
   */
  conclude(
    answers: Answered,
    images: number,
    held: Answered,
  ): Pick<Inspection, 'puts' | 'answers' | 'order' | 'open'> & { readonly meaning: ClassAnswers } {
    const start = this.startMap();
    const kind = this.kindOf(answers);
    const found = mapByLabels(this.labelled(answers, this.tried, images), this.classes.length);
    const byLabels = this.placesOf(found);
    const classes = start ?? byLabels;
    const others = this.labelled(held, this.judged, this.judged.count);
    const own = scoreOf(others, this.columns(classes)).accuracy;
    const other = scoreOf(others, found).accuracy;
    const missing = this.classes.filter((_, i) => classes[i] === null);
    const single = this.size === 1;
    const better =
      this.apart && String(byLabels) !== String(classes) && clearlyBetter(other, own, this.chance);
    return {
      puts: kind,
      answers: this.sentence(kind),
      order: {
        by: this.given ? 'person' : this.named ? 'names' : start ? 'place' : 'trying',
        said: start ? null : this.fitted(byLabels, images, own),
        better: better ? { classes: byLabels, accuracy: other, own } : null,
      },
      open:
        missing.length > 0 && !single && this.given === null
          ? [
              `It has no output for ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? `, and ${missing.length - 5} more classes` : ''}; say which outputs stand for which classes, and that these have none.`,
            ]
          : [],
      meaning: { kind, classes },
    };
  }

  /** What is said of a map that was worked out from examples. */
  private fitted(map: ClassMap, images: number, accuracy: number): string {
    const pairs = this.classes.flatMap((name, i) =>
      map[i] === null ? [] : [`${name} is output ${map[i]}`],
    );
    const some = pairs.slice(0, 12).join(', ') + (pairs.length > 12 ? ', ...' : '');
    const where = this.apart
      ? `on ${this.judged.count} others, which it was not worked out from,`
      : 'on the same, as there are no more,';
    return `It has ${this.size} outputs for ${this.classes.length} classes. Which stands for which was worked out from ${images} labelled examples: ${some}; ${where} it is right in ${(100 * accuracy).toFixed(1)} % of cases.`;
  }

  /** The map that is believed before any label is looked at; null where there is none. */
  private startMap(): ClassMap | null {
    if (this.given) return this.given.classes;
    if (this.named) return this.named;
    if (this.size === 1) return [null, 0];
    return this.size === this.classes.length ? this.classes.map((_, i) => i) : null;
  }

  /** A single output's answers count as two columns: its own and that of the other class. */
  private columns(map: ClassMap): ClassMap {
    return this.size === 1 ? map.map((place) => (place === null ? 1 : 0)) : map;
  }

  private placesOf(columns: ClassMap): ClassMap {
    return this.size === 1 ? columns.map((column) => (column === 1 ? null : 0)) : columns;
  }

  private kindOf(answers: Answered): Kind {
    if (this.given) return this.given.kind;
    this.kind ??= this.guess(answers.get(this.output) ?? new Float32Array());
    return this.kind;
  }

  private guess(out: Float32Array): Kind {
    if (this.ending.op === 'softmax') return 'probabilities';
    if (this.ending.op === 'sigmoid' || this.size === 1) return 'sigmoid';
    for (let row = 0; row < out.length; row += this.size) {
      const list = out.subarray(row, row + this.size);
      const sum = list.reduce((a, b) => a + b, 0);
      if (Math.abs(sum - 1) > ROUNDING || list.some((n) => n < -ROUNDING)) return 'logits';
    }
    return 'probabilities';
  }

  /** Answers as logits, as the adapted network will have them. */
  private labelled(answers: Answered, examples: Examples, images: number): Labelled {
    const kind = this.kindOf(answers);
    const out = answers.get(this.output) ?? new Float32Array();
    const before = answers.get(this.ending.before) ?? out;
    const { op } = this.ending;
    let logits = out;
    if (kind === 'probabilities')
      logits = op === 'softmax' ? before : out.map((p) => Math.log(Math.max(p, LEAST)));
    if (kind === 'sigmoid')
      logits =
        op === 'sigmoid'
          ? before
          : out.map((p) => {
              const share = Math.min(Math.max(p, LEAST), 1 - LEAST);
              return Math.log(share) - Math.log(1 - share);
            });
    const labels = examples.labels.subarray(0, images);
    if (this.size > 1) return { logits, size: this.size, labels };
    const two = Float32Array.from({ length: 2 * images }, (_, i) =>
      i % 2 === 0 ? (logits[i / 2] as number) : 0,
    );
    return { logits: two, size: 2, labels };
  }

  private sentence(kind: Kind): string {
    const softmax = this.ending.op === 'softmax';
    switch (kind) {
      case 'logits':
        return this.ending.op === 'logSoftmax'
          ? 'It puts out logarithms of probabilities, which serve as logits: a softmax does not see what all share.'
          : 'It puts out logits.';
      case 'probabilities':
        return softmax
          ? 'It puts out probabilities; the softmax at its end is taken off, so its logits are exact.'
          : 'It puts out probabilities; their logarithms serve as logits, exact but for those that were rounded to nothing.';
      case 'sigmoid':
        return this.size === 1
          ? 'It puts out how likely the second class is; its log-odds serve as that class’s logit.'
          : 'Each of its outputs is a probability of its own; their log-odds serve as logits, which is not quite what it was trained for.';
    }
  }
}
