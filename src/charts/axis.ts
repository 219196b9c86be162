import { averageKey, lineKey, rawKey, type CurveRow } from './curves';

/** An axis of numbers: its ends and where its marks stand, all of them round. */
export interface Axis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10];
/** So many marks at most, or one more. */
const MOST = 5;

/** Marks at equal round distances, from at or below the least value to at or above the largest. */
export function linearAxis(least: number, largest: number): Axis {
  const span = Math.max(largest - least, Math.abs(largest) * 1e-3, 1e-6);
  const size = 10 ** Math.floor(Math.log10(span / MOST));
  const by = (STEPS.find((step) => span / (step * size) <= MOST) ?? 10) * size;
  const from = Math.floor(least / by + 1e-9);
  const to = Math.max(from + 1, Math.ceil(largest / by - 1e-9));
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => round((from + i) * by));
  return { domain: [ticks[0] as number, ticks.at(-1) as number], ticks };
}

/** Room beyond the outermost values of a logarithmic axis, as a factor: their marks are drawn whole. */
const ROOM = 1.2;

/** Marks at 1, 2 and 5 of every power of ten within the values, or at the powers alone where those are many. */
export function logAxis(least: number, largest: number): Axis {
  const domain: [number, number] = [least / ROOM, largest * ROOM];
  const [low, high] = domain.map(Math.log10) as [number, number];
  const powers = Array.from(
    { length: Math.ceil(high) - Math.floor(low) + 1 },
    (_, i) => Math.floor(low) + i,
  );
  const within = (value: number) => value >= domain[0] && value <= domain[1];
  const marks = (of: readonly number[]) =>
    powers.flatMap((power) => of.map((one) => round(one * 10 ** power))).filter(within);
  const every = Math.max(1, Math.ceil((high - low) / MOST));
  const rough = marks([1]).filter((_, i) => i % every === 0);
  const fine = marks([1, 2, 5]);
  return { domain, ticks: fine.length <= MOST + 2 ? fine : rough };
}

const round = (value: number) => Number(value.toPrecision(12));

/** The least and the largest value that is drawn of so many students; null where there is none. */
export function extentOf(
  rows: readonly CurveRow[],
  students: number,
): readonly [number, number] | null {
  let [least, largest] = [Infinity, -Infinity];
  for (const row of rows)
    for (let student = 0; student < students; student += 1)
      for (const key of [lineKey(student), rawKey(student), averageKey(student)]) {
        const value = row[key];
        if (typeof value !== 'number') continue;
        least = Math.min(least, value);
        largest = Math.max(largest, value);
      }
  return least <= largest ? [least, largest] : null;
}
