import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import { ANY_BATCH } from './flow';

export interface Row {
  /** Shape of one row, channels last. */
  readonly row: readonly number[];
  /** For each axis of the file, its place in a row; null is the batch. */
  readonly places: readonly (number | null)[];
  readonly layout: 'NHWC' | 'NCHW' | 'none';
  /** How many rows the file takes at once; ANY_BATCH where that is open. */
  readonly batch: number;
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
  again: string,
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
      `${again} Images must have a fixed size; only the number of rows may be open.`,
    );
  const batch = first ?? ANY_BATCH;
  const [a = 1, b = 1, c = 1] = rest as number[];
  if (rest.length === 1) return { row: [a], places: [null, 0], layout: 'none', batch };
  if (rest.length === 2) return { row: [a, b, 1], places: [null, 0, 1], layout: 'none', batch };
  if (channelsFirst) return { row: [b, c, a], places: [null, 2, 0, 1], layout: 'NCHW', batch };
  return { row: [a, b, c], places: [null, 0, 1, 2], layout: 'NHWC', batch };
}
