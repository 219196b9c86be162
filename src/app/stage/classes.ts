/** Classes on the plane have colours and marks of their own, none of which is a student's. */

const COLOURS = ['--class-1', '--class-2', '--class-3', '--class-4', '--class-5', '--class-6'];

type Points = readonly (readonly [number, number])[];

const disc: Points = Array.from({ length: 20 }, (_, at) => {
  const angle = (at * Math.PI) / 10;
  return [0.8 * Math.cos(angle), 0.8 * Math.sin(angle)];
});

const plus: Points = [
  [-1, -0.35],
  [-0.35, -0.35],
  [-0.35, -1],
  [0.35, -1],
  [0.35, -0.35],
  [1, -0.35],
  [1, 0.35],
  [0.35, 0.35],
  [0.35, 1],
  [-0.35, 1],
  [-0.35, 0.35],
  [-1, 0.35],
];

const times: Points = plus.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]);

const MARKS: readonly Points[] = [disc, plus, times];

/** The custom property that holds a class's colour. */
export function classColour(label: number): string {
  return COLOURS[label % COLOURS.length] ?? '--class-1';
}

/** The outline of a class's mark: a polygon within -1 to 1. */
export function classMark(label: number): Points {
  return MARKS[label % MARKS.length] ?? disc;
}

export const CLASS_COLOURS: readonly string[] = COLOURS;
