import { LEAST_LOG_VARIANCE } from '../../gpu/kernels/gaussian';
import type { Inspection } from '../../recipe/inspection';
import type { Meaning, Spread, ValueAnswers } from '../../recipe/meaning';
import type { Targets } from '../../tasks/contract';
import type { Answered } from './body';
import type { Examples, TwoParts } from './examples';
import type { Fitness } from './tries';

/** R² that a usual change of units may lack to the best one and still be taken for it. */
const NEAR = 0.01;

interface Line {
  readonly scale: number;
  readonly shift: number;
  readonly r2: number;
}

/** Finds out how a network's outputs answer a task of real values. */
export class ValueReading {
  private readonly output: string;
  private readonly targets: Targets;
  private readonly tried: Examples;
  private readonly judged: Examples;
  private readonly given: ValueAnswers | null;
  /** Where it may say how sure it is: another output, or the second half of the same. */
  private readonly second: string | null;
  private readonly sizes: ReadonlyMap<string, number>;

  /** @param sizes of all outputs by their names */
  constructor(
    output: string,
    sizes: ReadonlyMap<string, number>,
    targets: Targets,
    { tried, judged }: TwoParts,
    corrections: Partial<Meaning>,
  ) {
    const d = targets.names.length;
    this.output = output;
    this.sizes = sizes;
    this.targets = targets;
    this.tried = tried;
    this.judged = judged;
    this.given = corrections.answers?.kind === 'values' ? corrections.answers : null;
    const other = [...sizes].find(([name, size]) => name !== output && size === d)?.[0];
    this.second = (sizes.get(output) ?? 0) >= 2 * d ? output : (other ?? null);
    const spread = this.given?.spread;
    if (spread) this.second = spread.kind === 'constant' ? null : spread.output;
  }

  get wanted(): readonly string[] {
    return [...new Set([this.output, ...(this.second === null ? [] : [this.second])])];
  }

  readonly judge = (answers: Answered, images: number): Fitness => {
    const lines = this.lines(answers, images);
    const score = lines.reduce((sum, { r2 }) => sum + r2, 0) / lines.length;
    return {
      // Under a wrong normalisation a network may answer with no numbers at all.
      score: Number.isFinite(score) ? score : -Number.MAX_VALUE,
      logLikelihood: 0,
      reordered: null,
    };
  };

  readonly speaksForOther = (): boolean => false;

  /**
   * What the outputs mean. Units come from the examples that were tried, how sure it is from both parts.
   *
   * @param images of the examples that were tried @param held the answers on those that it is judged by
   */
  conclude(
    answers: Answered,
    images: number,
    held: Answered,
  ): Pick<Inspection, 'puts' | 'answers' | 'order' | 'open'> & { readonly meaning: ValueAnswers } {
    const lines = this.lines(answers, images);
    const shown = [
      { answers, examples: this.tried, images },
      { answers: held, examples: this.judged, images: this.judged.count },
    ];
    const spread = this.given?.spread ?? this.spreadOf(lines, shown);
    const { names, unit } = this.targets;
    const units = lines.map(({ scale, shift }, k) => {
      const change =
        scale === 1 && shift === 0 ? 'as it is' : `times ${short(scale)} plus ${short(shift)}`;
      return `${names[k]}${unit && ` (${unit})`} is output ${k} ${change}`;
    });
    const sure = {
      constant:
        'it says nothing of how sure it is, so a constant variance stands for that, from its errors on the validation examples',
      variance: 'it puts out variances too',
      'log-variance': 'it puts out log-variances too',
      deviation: 'it puts out standard deviations too',
    }[spread.kind];
    return {
      puts: 'values',
      answers: `It puts out real values: ${units.join('; ')}; ${sure}.`,
      order: null,
      open: [],
      meaning: {
        kind: 'values',
        scale: lines.map(({ scale }) => scale),
        shift: lines.map(({ shift }) => shift),
        spread,
      },
    };
  }

  /** For each target the change of units: the given one, a usual one that does as well as any, or the best one. */
  private lines(answers: Answered, images: number): readonly Line[] {
    const { mean, std } = this.targets;
    return mean.map((_, k) => {
      const own = this.column(answers, this.output, k, images);
      const wanted = this.truth(this.tried, k, images);
      if (this.given) {
        const [scale, shift] = [this.given.scale[k] ?? 1, this.given.shift[k] ?? 0];
        return { scale, shift, r2: r2Of(own, wanted, scale, shift) };
      }
      const best = leastSquares(own, wanted);
      const usual = [
        [1, 0],
        [std[k] as number, mean[k] as number],
        [180 / Math.PI, 0],
      ] as const;
      const found = usual
        .map(([scale, shift]) => ({ scale, shift, r2: r2Of(own, wanted, scale, shift) }))
        .find(({ r2 }) => r2 >= best.r2 - NEAR);
      return found ?? best;
    });
  }

  /** How it says how sure it is: of what the second numbers could be, what makes the true values likeliest. */
  private spreadOf(lines: readonly Line[], shown: readonly Shown[]): Spread {
    const { second, targets } = this;
    const errors = lines.map(({ scale, shift }, k) => {
      return joined(
        shown.map(({ answers, examples, images }) => {
          const own = this.column(answers, this.output, k, images);
          const wanted = this.truth(examples, k, images);
          return wanted.map((value, row) => value - (own[row] as number) * scale - shift);
        }),
      );
    });
    const logVariance = errors.map((list, k) => {
      const square = list.reduce((sum, error) => sum + error ** 2, 0) / list.length;
      const std = targets.std[k] as number;
      return Math.max(Math.log(square / std ** 2), LEAST_LOG_VARIANCE);
    });
    const constant: Spread = { kind: 'constant', logVariance };
    if (second === null) return constant;
    const from = second === this.output ? targets.names.length : 0;
    const numbers = targets.names.map((_, k) =>
      joined(shown.map(({ answers, images }) => this.column(answers, second, from + k, images))),
    );
    const kinds = ['log-variance', 'variance', 'deviation'] as const;
    const losses = kinds.map((kind) =>
      errors.reduce(
        (sum, list, k) => sum + lossOf(list, numbers[k] as Float64Array, kind, lines[k] as Line),
        0,
      ),
    );
    const least = Math.min(...losses);
    const kind = kinds[losses.indexOf(least)];
    return Number.isFinite(least) && kind ? { kind, output: second } : constant;
  }

  private column(answers: Answered, output: string, k: number, images: number): Float64Array {
    const list = answers.get(output) ?? new Float32Array();
    const size = this.sizes.get(output) ?? 1;
    return Float64Array.from({ length: images }, (_, row) => list[row * size + k] ?? 0);
  }

  private truth(examples: Examples, k: number, images: number): Float64Array {
    const d = this.targets.names.length;
    return Float64Array.from({ length: images }, (_, row) => examples.values[row * d + k] ?? 0);
  }
}

/** Answers on some of the examples. */
interface Shown {
  readonly answers: Answered;
  readonly examples: Examples;
  readonly images: number;
}

const joined = (lists: readonly Float64Array[]): Float64Array =>
  Float64Array.from(lists.flatMap((list) => [...list]));

const short = (n: number): string => String(Number(n.toPrecision(4)));

/** Twice the mean negative log-likelihood of errors in the task's unit, but for a constant; Infinity where it is none. */
function lossOf(
  errors: Float64Array,
  numbers: Float64Array,
  kind: 'log-variance' | 'variance' | 'deviation',
  { scale }: Line,
): number {
  let sum = 0;
  errors.forEach((error, row) => {
    const n = numbers[row] as number;
    const own = kind === 'log-variance' ? n : kind === 'variance' ? Math.log(n) : 2 * Math.log(n);
    const log = own + 2 * Math.log(Math.abs(scale));
    sum += log + error ** 2 * Math.exp(-log);
  });
  return Number.isFinite(sum) ? sum / errors.length : Infinity;
}

function r2Of(own: Float64Array, wanted: Float64Array, scale: number, shift: number): number {
  const mean = wanted.reduce((a, b) => a + b, 0) / wanted.length;
  let [rest, all] = [0, 0];
  wanted.forEach((value, row) => {
    rest += (value - (own[row] as number) * scale - shift) ** 2;
    all += (value - mean) ** 2;
  });
  return all > 0 ? 1 - rest / all : 0;
}

/** The line through (own, wanted) with the least squares; a flat one where own is the same everywhere. */
function leastSquares(own: Float64Array, wanted: Float64Array): Line {
  const n = own.length;
  const [a, b] = [own, wanted].map((list) => list.reduce((x, y) => x + y, 0) / n) as [
    number,
    number,
  ];
  let [cross, square] = [0, 0];
  own.forEach((value, row) => {
    cross += (value - a) * ((wanted[row] as number) - b);
    square += (value - a) ** 2;
  });
  const scale = square > 0 && cross !== 0 ? cross / square : 1;
  const shift = b - scale * a;
  return { scale, shift, r2: r2Of(own, wanted, scale, shift) };
}
