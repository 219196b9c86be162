import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import { ANY_BATCH } from './flow';
import type { AxisPlace } from './flow';

export interface Row {
  /** Shape of one row, channels last. */
  readonly row: readonly number[];
  /** For each axis of the file, its place in a row; null is the batch, and "one" an axis of size one that no row has. */
  readonly places: readonly AxisPlace[];
  readonly layout: 'NHWC' | 'NCHW' | 'none';
  /** How many rows the file takes at once; ANY_BATCH where that is open. */
  readonly batch: number;
  /** What had to be understood, a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * What one row of a network's input is.
 *
 * @param channelsFirst whether the file's images have their channels before their sides
 * @throws UserError where it is neither an image nor a list of features of fixed size
 */
export function rowOf(
  { name, shape }: { readonly name: string; readonly shape: readonly (number | null)[] | null },
  channelsFirst: boolean,
  where: string,
): Row {
  const [first = null, ...rest] = shape ?? [];
  const said = (shape ?? []).map((n) => n ?? '?').join(', ');
  if (rest.length < 1 || rest.length > 3)
    throw refuse(
      'E_UPLOAD_INPUT',
      `The input ${shown(name)} of ${where} has the shape [${said}].`,
      'A network is needed that takes images, [rows, channels, height, width] or [rows, height, width, channels], or lists of features, [rows, features].',
    );
  if (rest.includes(null) || (first ?? 1) > LIMITS.files)
    throw refuse(
      'E_UPLOAD_INPUT',
      `The input ${shown(name)} of ${where} has the shape [${said}], in which the sizes marked ? are not fixed.`,
      'Give its input a fixed size where the network is built, before it is saved or exported; only the number of rows, and the sides of images, may be open.',
    );
  if (rest.some((n) => n !== null && n < 1))
    throw refuse(
      'E_UPLOAD_INPUT',
      `The input ${shown(name)} of ${where} has the shape [${said}].`,
      'The file is damaged or was changed: export the network anew.',
    );
  const batch = first ?? ANY_BATCH;
  const [a = 1, b = 1, c = 1] = rest as number[];
  const remarks: string[] = [];
  const list = listIn(rest as number[]);
  if (list) {
    remarks.push(listRemark(said, list.size));
    const places = rest.map((_, axis) => (axis === list.axis ? 0 : 'one'));
    return { row: [list.size], places: [null, ...places], layout: 'none', batch, remarks };
  }
  const common = { batch, remarks };
  if (rest.length === 1) return { row: [a], places: [null, 0], layout: 'none', ...common };
  if (rest.length === 2)
    return {
      row: areSides(a, b) ? [a, b, 1] : [a, b],
      places: [null, 0, 1],
      layout: 'none',
      ...common,
    };
  if (channelsFirst) return { row: [b, c, a], places: [null, 2, 0, 1], layout: 'NCHW', ...common };
  return { row: [a, b, c], places: [null, 0, 1, 2], layout: 'NHWC', ...common };
}

/**
 * The list that a row of several axes is where at most one of them is longer than one: [784, 1] holds 28 x 28 pixels in a
 * list, and [1, 1, 5] five numbers of a table, no image of one row.
 */
export function listIn(
  row: readonly number[],
): { readonly size: number; readonly axis: number } | null {
  if (row.length < 2 || row.filter((n) => n !== 1).length > 1) return null;
  const axis = row.findIndex((n) => n !== 1);
  return axis < 0 ? { size: 1, axis: 0 } : { size: row[axis] as number, axis };
}

/** Whether two axes are the sides of a picture: a list of pixels with their colours, or a sequence, is much longer one way. */
export const areSides = (a: number, b: number): boolean =>
  Math.max(a, b) <= 4 * Math.min(a, b) && Math.min(a, b) > 3;

/** @param said the file's own shape */
export const listRemark = (said: string, size: number): string =>
  `Its input has the shape [${said}]; this was read as a list of ${size} number${size === 1 ? '' : 's'}.`;
