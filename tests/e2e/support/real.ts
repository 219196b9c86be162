/** What holds for figures of networks that really ran. */
import { expect } from 'vitest';
import type { Answers } from './page';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** KL(p || q) in nats. */
function divergence(p: readonly number[], q: readonly number[]): number {
  return sum(p.map((share, i) => (share > 0 ? share * Math.log(share / (q[i] ?? 0)) : 0)));
}

/**
 * Distributions sum to 1, and each student's KL is that of its distribution from the teacher's. Where the least likely
 * classes stand as one line, the KL of the lines can only be smaller.
 */
export function expectDistributions(
  { teacher, students, kl }: Answers,
  names: readonly string[],
): void {
  expect(Object.keys(students)).toEqual(names);
  const whole = teacher.length < 6;
  for (const answer of [teacher, ...Object.values(students)]) {
    expect(answer.length).toBe(teacher.length);
    expect(Math.min(...answer)).toBeGreaterThanOrEqual(0);
    expect(sum(answer)).toBeCloseTo(1, 4);
  }
  for (const name of names) {
    const shown = kl[name] ?? NaN;
    const lines = divergence(teacher, students[name] ?? []);
    expect(shown).toBeGreaterThanOrEqual(0);
    expect(lines).toBeLessThanOrEqual(shown + 1e-4);
    if (whole) expect(lines).toBeCloseTo(shown, 4);
  }
}

/** A curve of every student: finite, rising steps, and nobody's line is flat. */
export function expectCurve(
  {
    steps,
    values,
  }: { steps: readonly number[]; values: Readonly<Record<string, readonly number[]>> },
  names: readonly string[],
): void {
  expect(Object.keys(values)).toEqual(names);
  expect(steps.length).toBeGreaterThan(1);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  for (const name of names) {
    const line = values[name] ?? [];
    expect(line.length).toBe(steps.length);
    expect(line.filter((value) => !Number.isFinite(value))).toEqual([]);
    expect(new Set(line).size, `${name} learns`).toBeGreaterThan(1);
  }
}
