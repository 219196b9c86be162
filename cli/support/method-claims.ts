import * as v from 'valibot';
import { UserError } from '../../src/recipe/errors';
import { meanInterval } from '../../src/train/intervals';
import type { Interval } from '../../src/train/intervals';

const figureOf = {
  arm: v.pipe(v.string(), v.minLength(1)),
  figure: v.pipe(v.string(), v.minLength(1)),
};

/** One inequality between two arms' figures, or a figure and a number, written down before the run. */
export const claimSchema = v.strictObject({
  says: v.pipe(v.string(), v.minLength(1)),
  left: v.strictObject(figureOf),
  relation: v.picklist(['<', '<=', '>', '>=']),
  right: v.union(
    [
      v.strictObject({
        ...figureOf,
        times: v.optional(v.number(), 1),
        plus: v.optional(v.number(), 0),
      }),
      v.strictObject({ value: v.number() }),
    ],
    'neither {arm, figure, times, plus} nor {value}',
  ),
});

export type MethodClaim = v.InferOutput<typeof claimSchema>;

/** A figure over seeds; `se` and `seeds` are null where it is a single number. */
export interface Measured {
  readonly mean: number;
  readonly se: number | null;
  readonly seeds: readonly number[] | null;
}

/** Met and not met need the whole interval on one side; with the bound inside it, or without one, nothing is decided. */
export type Outcome = 'met' | 'not met' | 'not decided';

/** A claim held against a result: what stands on either side, means over seeds, and how far they are apart. */
export interface Checked {
  readonly left: Measured;
  readonly right: Measured;
  /** Left minus right; over the same seeds, 95 % by Student's t, or Fieller's where the left side is a gap closed. */
  readonly difference: number;
  readonly interval: Interval | null;
  readonly outcome: Outcome;
  /** What the means alone would say. */
  readonly byMeans: boolean;
}

/** The figures of a result that a claim may name. Other kinds of result have figures of other names. */
export interface Arms {
  readonly arms: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
  readonly teacher?: Readonly<Record<string, unknown>> | undefined;
}

const COMPARE = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
};

/** Reads a claim. @throws UserError with the file's name where it is none */
export function claimFrom(input: unknown, file: string): MethodClaim {
  const parsed = v.safeParse(claimSchema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue) ?? 'the whole';
  throw new UserError(
    'E_CLAIM_FILE',
    `${file} is not a claim: ${place}: ${issue.message}.`,
    'A claim has says, left {arm, figure}, relation, and right {arm, figure, times, plus} or {value}.',
  );
}

/** A figure: a number, or {mean, se, seeds}; null for anything else. JSON writes NaN as null. */
export function measuredFrom(figure: unknown): Measured | null {
  if (typeof figure === 'number') return { mean: figure, se: null, seeds: null };
  const { mean, se, seeds } = (figure ?? {}) as { mean?: unknown; se?: unknown; seeds?: unknown };
  if (typeof mean !== 'number' && mean !== null) return null;
  return {
    mean: mean ?? NaN,
    se: typeof se === 'number' ? se : null,
    seeds: seedsFrom(seeds),
  };
}

function seedsFrom(seeds: unknown): readonly number[] | null {
  if (!Array.isArray(seeds)) return null;
  return seeds.map((value: unknown) => (typeof value === 'number' ? value : NaN));
}

type Named = Readonly<Record<string, unknown>>;

/** @throws UserError where the result has no such arm */
function armOf(result: Arms, name: string, file: string): Named {
  const found =
    result.arms.find((arm) => arm.name === name) ??
    (name.toLowerCase() === 'teacher' ? result.teacher : undefined);
  if (found) return found;
  const names = result.arms.map((arm) => arm.name).join(', ');
  throw new UserError('E_CLAIM_FILE', `${file} names the arm "${name}"; the result has ${names}.`);
}

/** @throws UserError where the result has no such arm, or the arm no such figure */
function figure(result: Arms, { arm, figure }: MethodClaim['left'], file: string): Measured {
  const found = armOf(result, arm, file);
  // No gap, no share of it.
  if (isGap(figure) && found[figure] === null) return { mean: NaN, se: null, seeds: null };
  const measured = measuredFrom(found[figure]);
  // A teacher's accuracy has its seeds beside it.
  if (measured) return { ...measured, seeds: measured.seeds ?? seedsFrom(found[`${figure}Seeds`]) };
  const names = Object.keys(found).filter((key) => measuredFrom(found[key]) !== null);
  throw new UserError(
    'E_CLAIM_FILE',
    `${file} names the figure "${figure}"; the arm "${arm}" has ${names.join(', ')}.`,
  );
}

/** Shares of a gap are ratios over all seeds: they have an interval of their own instead of seeds. */
export const isGap = (figure: string): boolean => figure.startsWith('gapClosed');

/** Holds a claim against a result. */
export function checkClaim(claim: MethodClaim, result: Arms, file: string): Checked {
  const left = figure(result, claim.left, file);
  const right = rightSide(claim.right, result, file);
  const interval = isGap(claim.left.figure)
    ? shifted(armOf(result, claim.left.arm, file)[`${claim.left.figure}Interval`], right)
    : apart(left, right, 'value' in claim.right);
  return {
    left,
    right,
    difference: left.mean - right.mean,
    interval,
    outcome: outcomeOf(claim.relation, interval),
    byMeans: COMPARE[claim.relation](left.mean, right.mean),
  };
}

/** The interval of left - right; a number that was claimed is the same at every seed. */
function apart(left: Measured, right: Measured, number: boolean): Interval | null {
  const { seeds } = left;
  const others = number ? seeds?.map(() => right.mean) : right.seeds;
  if (!seeds || others?.length !== seeds.length) return null;
  return finite(meanInterval(seeds.map((value, i) => value - (others[i] ?? NaN))));
}

/** The interval of a share of a gap, less the number that was claimed. */
function shifted(interval: unknown, { mean }: Measured): Interval | null {
  const [low, high] = Array.isArray(interval) ? (interval as unknown[]) : [];
  return finite([Number(low ?? NaN) - mean, Number(high ?? NaN) - mean]);
}

const finite = (interval: Interval | null): Interval | null =>
  interval?.every((end) => Number.isFinite(end)) ? interval : null;

function outcomeOf(relation: MethodClaim['relation'], interval: Interval | null): Outcome {
  if (!interval) return 'not decided';
  const held = interval.filter((end) => COMPARE[relation](end, 0)).length;
  return held === 2 ? 'met' : held === 0 ? 'not met' : 'not decided';
}

function rightSide(side: MethodClaim['right'], result: Arms, file: string): Measured {
  if ('value' in side) return { mean: side.value, se: null, seeds: null };
  const { mean, se, seeds } = figure(result, side, file);
  return {
    mean: side.times * mean + side.plus,
    se: se === null ? null : Math.abs(side.times) * se,
    seeds: seeds && seeds.map((value) => side.times * value + side.plus),
  };
}
