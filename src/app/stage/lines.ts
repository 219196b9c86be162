import type { LineAnswer, TaskReport } from '../../worker/protocol';

/** Half the width of the central 90 % interval, in standard deviations. */
const NINETY = 1.6449;
const WIDTH = 320;
const HEIGHT = 180;
/** Room above and below what has to be seen, as a part of its height. */
const MARGIN = 0.08;

/** How inputs and values are placed on a plot. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  x(input: number): number;
  y(value: number): number;
}

/** The frame that holds the training points and the teacher's band: the same for every network, so that they compare. */
export function frameOf(
  examples: TaskReport['examples'],
  places: readonly number[],
  teacher: LineAnswer | null,
): Frame {
  const inputs = [...examples.map(({ pixels }) => pixels[0] ?? 0), ...places];
  const values = [
    ...examples.map(({ values: own }) => own?.[0] ?? 0),
    ...(teacher?.mean.flatMap((mean, i) => edges(mean, teacher.sd?.[i])) ?? []),
  ];
  const [left, right] = span(inputs);
  const [low, high] = span(values);
  const room = MARGIN * (high - low);
  return {
    width: WIDTH,
    height: HEIGHT,
    x: (input) => ((input - left) / (right - left)) * WIDTH,
    y: (value) => (1 - (value - low + room) / (high - low + 2 * room)) * HEIGHT,
  };
}

/** Least and largest of some numbers; never one place. */
function span(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low ? [low, high] : [0, 1];
}

const edges = (mean: number, sd = 0): [number, number] => [mean - NINETY * sd, mean + NINETY * sd];

/** The mean along the line as an SVG path. */
export function meanPath({ x, y }: Frame, places: readonly number[], answer: LineAnswer): string {
  return pathOf(places.map((place, i) => [x(place), y(answer.mean[i] ?? NaN)]));
}

/** The central 90 % interval along the line as a closed SVG path; empty where no deviation is known. */
export function bandPath({ x, y }: Frame, places: readonly number[], answer: LineAnswer): string {
  const { mean, sd } = answer;
  if (!sd) return '';
  const edge = (side: 0 | 1) =>
    places.map((place, i): [number, number] => [x(place), y(edges(mean[i] ?? NaN, sd[i])[side])]);
  return `${pathOf([...edge(1), ...edge(0).toReversed()])}Z`;
}

function pathOf(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
}
