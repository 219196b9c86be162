import { UserError } from '../recipe/errors';
import type { RateOf } from '../recipe/errors';
import type { StepTerms } from './terms';

/** A loss is far above where it began from so many times that on. */
const FAR = 6;
/** A run has left for good where so many of so many steps in a row were far above. */
const WINDOW = 32;
const MOST_OF_IT = 24;
/** From so many times its beginning on, a loss does not have to stay there for long. */
const VERY_FAR = 1000;
const FEW = 4;
/** Losses begin near 1 in what they are measured by; of one that begins near 0 little is many times as much. */
const LEAST = 1;

/** A loss that left: from which step on, where it was then and where it had begun. */
export interface Departure {
  /** Counted from 0. */
  readonly step: number;
  readonly loss: number;
  readonly began: number;
}

/**
 * Watches one network's loss, step by step, for training that came apart: a loss that is not finite, or that stays far
 * above where it began. A spike that passes, as after a warm-up, is neither. What it says depends on the losses alone, not
 * on when they are read.
 */
export class LossWatch {
  private seen = -1;
  /** Each term's first value: what a weighted loss is measured by, whatever the weights are by then. */
  private readonly first = new Map<string, number>();
  /** The last readings, each with how many times above its beginning the loss was. */
  private recent: (Departure & { readonly times: number })[] = [];
  private doubted = -1;

  /** The last step, counted from 0, whose loss was far above where it began: so many steps' weights are not to be trusted. -1 where none was. */
  get lastDoubt(): number {
    return this.doubted;
  }

  /**
   * Takes a step's terms; a step that was seen before counts once.
   *
   * @param weights of the terms in that step; 1 where absent
   * @returns how the loss left, null where it has not
   */
  add(
    { step, terms }: StepTerms,
    weights: Readonly<Record<string, number>> = {},
  ): Departure | null {
    if (step <= this.seen) return null;
    this.seen = step;
    let loss = 0;
    let began = 0;
    let scale = 0;
    for (const [name, value] of Object.entries(terms)) {
      const weight = weights[name] ?? 1;
      const first = this.first.get(name) ?? value;
      this.first.set(name, first);
      loss += weight * value;
      began += weight * first;
      scale += Math.abs(weight * first);
    }
    const reading = { step, loss, began, times: Math.abs(loss) / Math.max(LEAST, scale) };
    if (!(reading.times <= FAR)) this.doubted = step;
    if (!Number.isFinite(loss)) return reading;
    this.recent.push(reading);
    if (this.recent.length > WINDOW) this.recent = this.recent.slice(-WINDOW);
    return this.left(FAR, MOST_OF_IT) ?? this.left(VERY_FAR, FEW);
  }

  /** The same at the end of a run, which may be short: a loss that ends far above where it began has left. */
  end(): Departure | null {
    return this.doubted === this.seen ? this.left(FAR, Math.min(FEW, this.recent.length)) : null;
  }

  private left(times: number, steps: number): Departure | null {
    const above = this.recent.filter((reading) => reading.times > times);
    return above.length < steps ? null : (above[0] ?? null);
  }
}

/** Training that came apart. It says which learning rate led there. */
export class Diverged extends UserError {
  /** Counted from 1. */
  readonly step: number;

  /** @param whose as in "of KD" @param rate the learning rate to lower; null where the recipe has none for it */
  constructor(whose: string, { step, loss, began }: Departure, rate: RateOf | null) {
    super(
      'E_DIVERGED',
      Number.isFinite(loss)
        ? `The loss ${whose} ran away: it began at ${digits(began)}, was ${digits(loss)} at step ${step + 1} and stayed far above.`
        : `The loss ${whose} is no finite number any more from step ${step + 1} on.`,
      rate === null
        ? 'Start again with another seed, or choose another sampler.'
        : 'Steps that are too large do this most often: lower the learning rate, first to a tenth.',
      { rate },
    );
    this.name = 'Diverged';
    this.step = step + 1;
  }
}

/** About three digits: "1.2", "4,130", "4.49e6". */
function digits(value: number): string {
  if (Math.abs(value) >= 1e6) return value.toExponential(2).replace('e+', 'e');
  return Number(value.toPrecision(3)).toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}
