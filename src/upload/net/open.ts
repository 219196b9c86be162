import { UserError } from '../../recipe/errors';
import type { ReadNetwork } from '../given';
import { refuse } from '../refuse';
import { Unfit } from './constant';
import { rangesOf, sidesThatFit, withSides } from './sides';

/** Sides that are tried where a file leaves them open: those of well-known data sets and networks, then all small ones. */
const USUAL = [32, 28, 64, 224, 96, 48, 128, 80, 112, 160, 192, 256];
const SMALL = Array.from({ length: 61 }, (_, i) => i + 4).filter((side) => !USUAL.includes(side));
const SIDES: readonly number[] = [...USUAL, ...SMALL];
/** Channels that are tried where they are open too. */
const CHANNELS = [3, 1] as const;
/** Codes of refusals that another size may not meet. */
const OF_SIZE: ReadonlySet<string> = new Set([
  'E_UPLOAD_LAYER',
  'E_UPLOAD_OPERATOR',
  'E_UPLOAD_GRAPH',
  'E_UPLOAD_WEIGHTS_SHAPE',
]);

const isOfSize = (cause: unknown): cause is Error =>
  cause instanceof Unfit || (cause instanceof UserError && OF_SIZE.has(cause.code));

type OpenRow = readonly (number | null)[];

/** Whether it is an image that has an open size. */
export const isOpenImage = (row: OpenRow): boolean =>
  row.length === 3 && row.includes(null) && row.every((n) => n === null || n >= 1);

/**
 * A network whose images have a size that its file leaves open. It is read at the first usual size at which its layers go
 * together. Which others fit is worked out from its nodes; that holds only if reading it at one of them gives just the
 * same, so this is tried.
 *
 * @param file what sentences call it @param row the shape of one input in the file's order, null where it is open
 * @param channels which axis they are @param read reads it with this shape
 * @throws UserError where no size that is tried fits, with the reason at the first of them
 */
export async function readOpen(
  file: string,
  row: OpenRow,
  channels: number,
  read: (row: readonly number[]) => Promise<ReadNetwork>,
): Promise<ReadNetwork> {
  const open = row.filter((n, axis) => n === null && axis !== channels).length;
  let first: Error | null = null;
  for (const side of open === 2 ? SIDES : [fixedSide(row, channels) ?? 32])
    for (const colours of row[channels] === null ? CHANNELS : [row[channels] as number]) {
      const at = (n: number) => row.map((size, axis) => size ?? (axis === channels ? colours : n));
      try {
        const net = await read(at(side));
        const said = saidOf(row, channels, colours, side);
        return open === 2
          ? await withOthers(net, side, said, (n) => read(at(n)))
          : { ...net, remarks: [...net.remarks, said] };
      } catch (cause) {
        if (!isOfSize(cause)) throw cause;
        first ??= cause;
      }
    }
  const reason = row[channels] === null ? '' : ` At 32 pixels: ${first?.message}`;
  throw refuse(
    'E_UPLOAD_INPUT',
    `${file} leaves sizes of its input open, [${saidShape(row)}], and its layers go together at none that was tried: images of 4 to 64 pixels a side and of the usual larger sizes up to 256.${reason}`,
    'Give its input a fixed size where the network is built, before it is saved or exported.',
    first,
  );
}

const saidShape = (row: OpenRow): string => row.map((n) => n ?? '?').join(', ');

/** The side that is not open beside one that is. */
function fixedSide(row: OpenRow, channels: number): number | null {
  return row.find((n, axis) => n !== null && axis !== channels) ?? null;
}

const saidOf = (row: OpenRow, channels: number, colours: number, side: number): string =>
  [
    `The file leaves sizes of its input open, [${saidShape(row)}]`,
    ...(row[channels] === null
      ? [`${colours} channel${colours === 1 ? '' : 's'} fit its weights`]
      : []),
    ...(row.filter((n, axis) => n === null && axis !== channels).length === 1
      ? [`its images were taken to be as high as wide, ${side} pixels`]
      : []),
  ].join('; ') + '.';

/** The network with the sizes at which it may be used too. */
async function withOthers(
  net: ReadNetwork,
  side: number,
  said: string,
  read: (side: number) => Promise<ReadNetwork>,
): Promise<ReadNetwork> {
  const remarks = [...net.remarks, said];
  const fit = sidesThatFit(net.graph, net.sideRules);
  // An odd one, and one that is far away, where there are any.
  const other = fit.find((n) => n === side + 13) ?? fit.findLast((n) => n !== side);
  if (other === undefined) return { ...net, remarks: [...remarks, onlySide(side)] };
  const derived = withSides(net.graph, [other, other], net.sideRules);
  const found = await read(other).catch((cause: unknown) => {
    if (isOfSize(cause)) return null;
    throw cause;
  });
  if (JSON.stringify(found?.graph) !== JSON.stringify(derived))
    return { ...net, remarks: [...remarks, convention(side)] };
  if (fit.includes(2 * side) && fit.includes(2 * side + 1))
    return { ...net, anySize: true, remarks: [...remarks, anySize(side)] };
  return { ...net, sides: fit, remarks: [...remarks, severalSides(fit, side)] };
}

/** What is said where nothing in a file tells the size of its images. */
const anySize = (side: number): string =>
  `It takes images of any size; where no task says one, ${side} by ${side} pixels were assumed.`;

const onlySide = (side: number): string =>
  `Its layers go together at ${side} by ${side} pixels, and at no other size up to 256.`;

const convention = (side: number): string =>
  `Its images were taken to be ${side} by ${side} pixels; others may be possible, but how its layers follow from them could not be worked out.`;

/** What is said where several sides fit the same weights. */
export const severalSides = (fit: readonly number[], side: number): string =>
  `Images of ${rangesOf(fit)} pixels a side all fit its weights; those of a task are taken as they are where they are among these, and otherwise resized to ${side} by ${side}.`;
