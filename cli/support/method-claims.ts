import * as v from 'valibot';
import { UserError } from '../../src/recipe/errors';

const figureOf = {
  arm: v.pipe(v.string(), v.minLength(1)),
  figure: v.pipe(v.string(), v.minLength(1)),
};

/** One inequality between two arms' figures, or a figure and a number, written down before the run. */
const claimSchema = v.strictObject({
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

/** A figure over seeds; `se` is null where it is a single number. */
export interface Measured {
  readonly mean: number;
  readonly se: number | null;
}

/** A claim held against a result: what stands on either side, means over seeds. */
export interface Checked {
  readonly left: Measured;
  readonly right: Measured;
  readonly met: boolean;
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

/** A figure as mean and standard error: a number, or {mean, se}; null for anything else. JSON writes NaN as null. */
export function measuredFrom(figure: unknown): Measured | null {
  if (typeof figure === 'number') return { mean: figure, se: null };
  const { mean, se } = (figure ?? {}) as { mean?: unknown; se?: unknown };
  if (typeof mean !== 'number' && mean !== null) return null;
  return { mean: mean ?? NaN, se: typeof se === 'number' ? se : null };
}

/** @throws UserError where the result has no such arm, or the arm no such figure */
function figure(result: Arms, { arm, figure }: MethodClaim['left'], file: string): Measured {
  const found =
    result.arms.find(({ name }) => name === arm) ??
    (arm.toLowerCase() === 'teacher' ? result.teacher : undefined);
  if (!found) {
    const names = result.arms.map(({ name }) => name).join(', ');
    throw new UserError('E_CLAIM_FILE', `${file} names the arm "${arm}"; the result has ${names}.`);
  }
  const measured = measuredFrom(found[figure]);
  if (measured) return measured;
  const names = Object.keys(found).filter((key) => measuredFrom(found[key]) !== null);
  throw new UserError(
    'E_CLAIM_FILE',
    `${file} names the figure "${figure}"; the arm "${arm}" has ${names.join(', ')}.`,
  );
}

/** Holds a claim against a result. A figure that is not finite meets nothing. */
export function checkClaim(claim: MethodClaim, result: Arms, file: string): Checked {
  const left = figure(result, claim.left, file);
  const right = rightSide(claim.right, result, file);
  return { left, right, met: COMPARE[claim.relation](left.mean, right.mean) };
}

function rightSide(side: MethodClaim['right'], result: Arms, file: string): Measured {
  if ('value' in side) return { mean: side.value, se: null };
  const { mean, se } = figure(result, side, file);
  return {
    mean: side.times * mean + side.plus,
    se: se === null ? null : Math.abs(side.times) * se,
  };
}
