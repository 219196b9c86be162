import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Method } from '../../src/methods/contract';
import { methods } from '../../src/methods/registry';
import { defaultsOf } from '../../src/recipe/fields';
import { useCpu } from '../support/cpu';
import { classMethods, lossAndGradient } from '../support/methods';
import type { Rows } from '../support/methods';
import { expectClose } from '../support/numbers';

beforeAll(useCpu);

const CLASSES = 4;
const RUNS = { numRuns: 40 };
const logit = fc.float({ min: -6, max: 6, noNaN: true, noDefaultInfinity: true });
const vector = fc.array(logit, { minLength: CLASSES, maxLength: CLASSES });
const share = fc.float({ min: 0, max: 1, noNaN: true });

/** One row of everything that any method may need. */
const row = fc.record({
  logits: vector,
  teacher: vector,
  first: vector,
  second: vector,
  share,
  label: fc.nat(CLASSES),
});
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

/** The last label stands for a row that has none. */
const rowsOf = (list: readonly Row[]): Rows => ({
  logits: list.map((r) => r.logits),
  teacher: list.map((r) => r.teacher),
  first: list.map((r) => r.first),
  second: list.map((r) => r.second),
  share: list.map((r) => r.share),
  targets: list.map((r) => r.logits.map((_, c) => (c === r.label ? 1 : 0))),
});

/** Methods that compare what varies, or look for the class that the teacher is surest of: logits must not be all alike. */
const COMPARING = new Set(['dist', 'dkd', 'logit-standard']);

/** Moved apart along rows and classes, so that in every row and in every class the values differ. */
const apart = (list: readonly Row[]): Row[] =>
  list.map((r, i) => {
    const moved = (z: readonly number[], phase: number) =>
      z.map((value, c) => value / 6 + 3 * Math.sin(1.7 * i + 2.3 * c + phase));
    return { ...r, logits: moved(r.logits, 0.4), teacher: moved(r.teacher, 1.1) };
  });

/** Batches that a method can learn from. */
function batchesFor({ id, needs: { rows = 1 } }: Method): fc.Arbitrary<readonly Row[]> {
  const batches = fc.array(row, { minLength: rows, maxLength: 5 });
  return COMPARING.has(id) ? batches.map(apart) : batches;
}

const mapLogits = (list: readonly Row[], map: (z: number[]) => number[]): Row[] =>
  list.map((r) => ({
    ...r,
    logits: map(r.logits),
    teacher: map(r.teacher),
    first: map(r.first),
    second: map(r.second),
  }));

/**
 * Losses of single rows' logits. Others relate rows to each other, look at more than logits, or hand the logits to a network
 * of their own, which knows no symmetry.
 */
const byRow = classMethods.filter(
  ({ needs, auxiliary }) => !needs.taps && !needs.index && auxiliary === undefined,
);

describe.each(byRow)('$id', (method) => {
  const params = defaultsOf(method.params);
  const batch = batchesFor(method);
  const run = (list: readonly Row[]) => lossAndGradient(method, params, rowsOf(list));

  it('does not see a constant added to all logits of a row', () => {
    fc.assert(
      fc.property(batch, fc.integer({ min: -20, max: 20 }), (list, shift) => {
        const [plain, moved] = [run(list), run(mapLogits(list, (z) => z.map((v) => v + shift)))];
        // Float32 logits near 20 hold only 1e-6; temperature squared enlarges it.
        expectClose([moved.loss, ...moved.gradient], [plain.loss, ...plain.gradient], 1e-4);
      }),
      RUNS,
    );
  });

  it('treats all classes alike', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: CLASSES, maxLength: CLASSES });
    fc.assert(
      fc.property(batch, order, (list, classes) => {
        const permuted = mapLogits(list, (z) => classes.map((c) => z[c] ?? NaN)).map((r) => ({
          ...r,
          label: r.label === CLASSES ? CLASSES : classes.indexOf(r.label),
        }));
        const [plain, moved] = [run(list), run(permuted)];
        const wanted = list.flatMap((_, i) =>
          classes.map((c) => plain.gradient[i * CLASSES + c] ?? NaN),
        );
        expectClose([moved.loss, ...moved.gradient], [plain.loss, ...wanted], 1e-5);
      }),
      RUNS,
    );
  });

  it('takes the mean over rows: a batch twice over has the same loss and half the gradient', () => {
    fc.assert(
      fc.property(batch, (list) => {
        const [once, twice] = [run(list), run([...list, ...list])];
        const half = once.gradient.map((g) => g / 2);
        expectClose([twice.loss, ...twice.gradient], [once.loss, ...half, ...half], 1e-5);
      }),
      RUNS,
    );
  });

  it('is never negative', () => {
    fc.assert(
      fc.property(batch, (list) => run(list).loss > -1e-4),
      RUNS,
    );
  });
});

/** The settings that leave the teacher alone. */
const IMITATION: Readonly<Record<string, object>> = {
  dist: { labelWeight: 0 },
  dkd: { labelWeight: 0 },
  'function-matching': {},
  'good-da': { alpha: 1 },
  kd: { alpha: 1 },
  'logit-standard': { labelWeight: 0 },
  'mixed-teacher': {},
  xcl: { labelWeight: 0 },
};

it('every method with a teacher has a setting that leaves the teacher alone', () => {
  const taught = byRow.filter((method) => method.needs.teacher !== 'none');
  expect(taught.map(({ id }) => id).toSorted()).toEqual(Object.keys(IMITATION).toSorted());
});

const settings = (id: string, temperature: number) => ({
  ...defaultsOf(methods.get(id).params),
  ...IMITATION[id],
  temperature,
});

it.each(Object.keys(IMITATION))(
  '%s alone with its teacher is zero where the student answers as the teacher does',
  (id) => {
    const method = methods.get(id);
    fc.assert(
      fc.property(batchesFor(method), fc.constantFrom(1, 2, 4), (list, temperature) => {
        const copied = list.map((r) => ({
          ...r,
          logits: r.teacher,
          first: r.teacher,
          second: r.teacher,
        }));
        const params = settings(id, temperature);
        const { loss, gradient } = lossAndGradient(method, params, rowsOf(copied));
        expectClose([loss, ...gradient], [0, ...gradient.map(() => 0)], 1e-5);
      }),
      RUNS,
    );
  },
);

it.each(['function-matching', 'good-da', 'kd', 'mixed-teacher', 'xcl'])(
  '%s becomes half the mean squared distance of centred logits at high temperatures',
  (id) => {
    const centred = (z: readonly number[]) => {
      const mean = z.reduce((a, b) => a + b) / CLASSES;
      return z.map((value) => value - mean);
    };
    fc.assert(
      fc.property(vector, vector, (s, t) => {
        const rows: Rows = { logits: [s], teacher: [t], first: [t], second: [t], share: [0.3] };
        const { loss, gradient } = lossAndGradient(methods.get(id), settings(id, 50), rows);
        const away = centred(s).map((value, c) => value - (centred(t)[c] ?? NaN));
        const limit = away.reduce((sum, d) => sum + d * d, 0) / (2 * CLASSES);
        // What is left at temperature 50: a term of third order, and rounding times 2,500.
        expectClose([loss], [limit], 0.1);
        expectClose(
          gradient,
          away.map((d) => d / CLASSES),
          0.1,
        );
      }),
      RUNS,
    );
  },
);
