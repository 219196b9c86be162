import type { Given, Reading } from '../given';
import { refuse, shown } from '../refuse';
import { Flow } from './flow';
import { BOUNDS } from './bounds';

/** Bytes of each type that an IDX file may say it holds. */
const WIDTHS = new Map([
  [0x08, 1],
  [0x09, 1],
  [0x0b, 2],
  [0x0c, 4],
  [0x0d, 4],
  [0x0e, 8],
]);
const HINT = 'Give images as bytes and labels as whole numbers, as MNIST comes.';

/** What an IDX file says of itself in its first bytes. */
export interface IdxHead {
  readonly type: number;
  readonly shape: readonly number[];
}

/** An IDX file's values as bytes, big-endian as they stand. */
export interface Idx extends IdxHead {
  readonly bytes: Uint8Array;
}

/** True for the first bytes of an IDX file. */
function isIdx(head: Uint8Array): boolean {
  const [zero, nought, type = 0, rank = 0] = head;
  return zero === 0 && nought === 0 && WIDTHS.has(type) && rank >= 1 && rank <= 4;
}

/** Reads the head of an IDX file, packed or not. Null for other files. @throws UserError where gzip is damaged */
export async function headOf(file: Given, reading: Reading): Promise<IdxHead | null> {
  const quiet: Reading = { ...reading, progress: () => undefined };
  const flow = await Flow.open(file, quiet);
  try {
    return await takeHead(flow);
  } finally {
    await flow.close();
  }
}

async function takeHead(flow: Flow): Promise<IdxHead | null> {
  const first = new Uint8Array(4);
  if ((await flow.take(first)) < 4 || !isIdx(first)) return null;
  const [, , type = 0, rank = 0] = first;
  const sizes = new Uint8Array(4 * rank);
  if ((await flow.take(sizes)) < sizes.length) return null;
  const view = new DataView(sizes.buffer);
  return { type, shape: Array.from({ length: rank }, (_, i) => view.getUint32(4 * i)) };
}

/**
 * Reads an IDX file whole: two zero bytes, type, rank, big-endian sizes, values. All is checked against the sizes before
 * room is made.
 */
export async function readIdx(
  file: Given,
  reading: Reading,
  part?: { readonly from: number; readonly share: number },
): Promise<Idx> {
  const flow = await Flow.open(file, reading, part);
  const { name } = flow;
  try {
    const head = await takeHead(flow);
    if (!head)
      throw refuse('E_UPLOAD_IDX', `${name} is no IDX file.`, 'Give the file that was meant.');
    const { type, shape } = head;
    const sizes = shape.join(' x ');
    const width = WIDTHS.get(type) ?? 1;
    const length = shape.reduce((product, n) => product * n, width);
    if (!(length > 0 && length <= BOUNDS.pixelBytes))
      throw refuse(
        'E_UPLOAD_IDX',
        `${name} says that it holds ${sizes} values, which is nothing or more than is allowed.`,
        HINT,
      );
    const after = 4 + 4 * shape.length;
    const exact = !flow.packed && file.size !== after + length;
    if (exact || after + length > flow.limit)
      throw refuse(
        'E_UPLOAD_IDX',
        `${name} says that it holds ${sizes} values, which would be ${after + length} bytes; it has ${flow.packed ? `at most ${flow.limit}` : file.size}.`,
        'The file is cut off or damaged: copy or download it again.',
      );
    const bytes = new Uint8Array(length);
    const filled = await flow.take(bytes);
    if (filled < length)
      throw refuse(
        'E_UPLOAD_IDX',
        `${name} ends after ${filled} of ${length} bytes.`,
        'The file is cut off: copy or download it again.',
      );
    if (!(await flow.ended()))
      throw refuse(
        'E_UPLOAD_IDX',
        `${name} goes on after the ${sizes} values that it says it holds.`,
        'The file is damaged: copy or download it again.',
      );
    return { type, shape, bytes };
  } finally {
    await flow.close();
  }
}

/** The values of an IDX file of whole numbers. @throws UserError for other types */
export function wholeNumbers({ type, shape, bytes }: Idx, name: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = shape.reduce((product, n) => product * n, 1);
  const read = readerOf(view, type);
  if (!read)
    throw refuse(
      'E_UPLOAD_LABELS',
      `${shown(name)} holds numbers with fractions where labels of classes are needed.`,
      'For targets that are real numbers there is the task "Turned digits".',
    );
  return Float64Array.from({ length: count }, (_, i) => read(i));
}

function readerOf(view: DataView, type: number): ((i: number) => number) | null {
  switch (type) {
    case 0x08:
      return (i) => view.getUint8(i);
    case 0x09:
      return (i) => view.getInt8(i);
    case 0x0b:
      return (i) => view.getInt16(2 * i);
    case 0x0c:
      return (i) => view.getInt32(4 * i);
    default:
      return null;
  }
}
