import { sizeOf } from '../../models/net/graph';
import { inflate } from '../archive/inflate';
import { fromBytes } from '../bytes';
import type { Reading } from '../given';
import { LIMITS } from '../limits';
import { NOWHERE } from './bytes';
import type { FileBytes } from './bytes';
import { leaves } from './links';

/** Where a dataset's bytes lie. */
export type Layout =
  | { readonly kind: 'compact' | 'contiguous'; readonly at: number; readonly size: number }
  | {
      readonly kind: 'chunked';
      readonly tree: number;
      /** Shape of one chunk; its element's size is left out. */
      readonly chunk: readonly number[];
    }
  /** One chunk that holds everything. */
  | {
      readonly kind: 'single';
      readonly at: number;
      readonly size: number | null;
      readonly mask: number;
    };

export interface Filter {
  readonly id: number;
  /** Bytes of an element, for the shuffle. */
  readonly values: readonly number[];
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER = 3;

/** A layout message. @param rank of the dataset */
export function readLayout(file: FileBytes, at: number, rank: number): Layout {
  const version = file.u8(at);
  if (version === 1 || version === 2) return readOldLayout(file, at, rank);
  if (version !== 3 && version !== 4) throw file.unread(`a data layout of version ${version}`);
  const kind = file.u8(at + 1);
  if (kind === 0) return { kind: 'compact', at: at + 4, size: file.u16(at + 2) };
  if (kind === 1)
    return {
      kind: 'contiguous',
      at: file.address(at + 2),
      size: file.length(at + 2 + file.offsetSize),
    };
  if (kind !== 2) throw file.unread('virtual datasets');
  if (version === 3) {
    const tree = file.address(at + 3);
    return {
      kind: 'chunked',
      tree,
      chunk: sides(file, at + 3 + file.offsetSize, 4, file.u8(at + 2), rank),
    };
  }
  const flags = file.u8(at + 2);
  const dimensions = file.u8(at + 3);
  const bytes = file.u8(at + 4);
  if (bytes < 1 || bytes > 8) throw file.broken(`has chunk sides of ${bytes} bytes`);
  sides(file, at + 5, bytes, dimensions, rank);
  const index = at + 5 + dimensions * bytes;
  if (file.u8(index) !== 1) throw file.unread('chunks of the newest form (libver="latest")');
  if ((flags & 2) === 0)
    return { kind: 'single', at: file.address(index + 1), size: null, mask: 0 };
  return {
    kind: 'single',
    size: file.length(index + 1),
    mask: file.u32(index + 1 + file.lengthSize),
    at: file.address(index + 5 + file.lengthSize),
  };
}

function readOldLayout(file: FileBytes, at: number, rank: number): Layout {
  const dimensions = file.u8(at + 1);
  const kind = file.u8(at + 2);
  const start = at + 8;
  if (kind === 0) {
    const size = file.u32(start + 4 * dimensions);
    return { kind: 'compact', at: start + 4 * dimensions + 4, size };
  }
  const address = file.address(start);
  const list = start + file.offsetSize;
  if (kind === 2)
    return { kind: 'chunked', tree: address, chunk: sides(file, list, 4, dimensions, rank) };
  const shape = Array.from({ length: dimensions }, (_, i) => file.u32(list + 4 * i));
  return { kind: 'contiguous', at: address, size: sizeOf(shape) };
}

/** The sides of a chunk; the last of them, an element's size, is left out. */
function sides(
  file: FileBytes,
  at: number,
  bytes: number,
  count: number,
  rank: number,
): readonly number[] {
  if (count !== rank + 1)
    throw file.broken(`has chunks of ${count - 1} axes in a value of ${rank}`);
  const all = Array.from({ length: count }, (_, i) => file.uint(at + i * bytes, bytes));
  if (all.some((n) => n < 1)) throw file.broken('has chunks without a size');
  return all.slice(0, -1);
}

/** A filter pipeline message. */
export function readFilters(file: FileBytes, at: number): readonly Filter[] {
  const version = file.u8(at);
  const count = file.u8(at + 1);
  if ((version !== 1 && version !== 2) || count > 32)
    throw file.broken(`has ${count} filters of version ${version}`);
  let next = at + (version === 1 ? 8 : 2);
  return Array.from({ length: count }, () => {
    const id = file.u16(next);
    const named = version === 1 || id >= 256;
    const nameLength = named ? file.u16(next + 2) : 0;
    const values = file.u16(next + (named ? 6 : 4));
    const name = version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength;
    const from = next + (named ? 8 : 6) + name;
    file.check(from, 4 * values);
    next = from + 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0);
    return {
      id,
      values: Array.from({ length: Math.min(values, 8) }, (_, i) => file.u32(from + 4 * i)),
    };
  });
}

/**
 * The bytes of a dataset, unpacked and put in order. Nothing larger than the dataset, and no more than twice that of
 * chunks along each axis, is made.
 */
export async function readData(
  file: FileBytes,
  layout: Layout,
  filters: readonly Filter[],
  shape: readonly number[],
  element: number,
  reading: Reading,
): Promise<Uint8Array> {
  const needed = sizeOf(shape) * element;
  if (needed > 8 * LIMITS.parameters) throw file.broken(`has a dataset of ${needed} bytes`);
  if (needed === 0) return new Uint8Array();
  if (layout.kind === 'chunked') return readChunks(file, layout, filters, shape, element, reading);
  if (layout.at === NOWHERE) throw file.broken('has a dataset that was never written');
  if (layout.kind === 'single') {
    const packed = file.slice(layout.at, layout.size ?? needed);
    return unfiltered(file, packed, filters, layout.mask, needed, element, reading);
  }
  if (filters.length > 0) throw file.broken('packs a dataset that is not in chunks');
  if (layout.size < needed) throw file.broken(`has a dataset of ${needed} bytes in ${layout.size}`);
  return file.slice(layout.at, needed);
}

async function readChunks(
  file: FileBytes,
  { tree, chunk }: Extract<Layout, { kind: 'chunked' }>,
  filters: readonly Filter[],
  shape: readonly number[],
  element: number,
  reading: Reading,
): Promise<Uint8Array> {
  const rank = shape.length;
  if (rank < 1) throw file.broken('has a single value in chunks');
  const grid = shape.map((side, i) => Math.ceil(side / (chunk[i] as number)));
  const chunkBytes = sizeOf(chunk) * element;
  const whole = sizeOf(shape) * element;
  if (chunkBytes > Math.max(whole, 1 << 22) || sizeOf(grid) > LIMITS.files)
    throw file.broken(
      `has chunks of shape [${chunk.join(', ')}] in a value of [${shape.join(', ')}]`,
    );
  const out = new Uint8Array(whole);
  const filled = new Set<number>();
  for (const { key, child } of leaves(file, tree, 1, 8 + 8 * (rank + 1))) {
    const begin = shape.map((_, i) => file.uint(key + 8 + 8 * i, 8));
    const place = begin.map((n, i) => n / (chunk[i] as number));
    if (place.some((n, i) => !Number.isInteger(n) || n >= (grid[i] as number)))
      throw file.broken(`has a chunk at [${begin.join(', ')}] of a value of [${shape.join(', ')}]`);
    const at = place.reduce((sum, n, i) => sum * (grid[i] as number) + n, 0);
    if (filled.has(at)) throw file.broken(`has the chunk at [${begin.join(', ')}] twice`);
    filled.add(at);
    const packed = file.slice(child, file.u32(key));
    const mask = file.u32(key + 4);
    const bytes = await unfiltered(file, packed, filters, mask, chunkBytes, element, reading);
    copyChunk(bytes, chunk, begin, out, shape, element);
  }
  if (filled.size !== sizeOf(grid))
    throw file.broken(`holds ${filled.size} of the ${sizeOf(grid)} chunks of a dataset`);
  return out;
}

/** Puts a chunk where it belongs, line by line; what stands over the edge is left out. */
function copyChunk(
  from: Uint8Array,
  chunk: readonly number[],
  begin: readonly number[],
  to: Uint8Array,
  shape: readonly number[],
  element: number,
): void {
  const last = shape.length - 1;
  const size = chunk.map((side, i) => Math.min(side, (shape[i] as number) - (begin[i] as number)));
  const line = (size[last] as number) * element;
  const at = Array<number>(last).fill(0);
  for (;;) {
    let [source, target] = [0, 0];
    for (let i = 0; i < last; i++) {
      source = source * (chunk[i] as number) + (at[i] as number);
      target = target * (shape[i] as number) + (begin[i] as number) + (at[i] as number);
    }
    source *= (chunk[last] as number) * element;
    target = (target * (shape[last] as number) + (begin[last] as number)) * element;
    to.set(from.subarray(source, source + line), target);
    let axis = last - 1;
    while (axis >= 0 && (at[axis] as number) + 1 >= (size[axis] as number)) at[axis--] = 0;
    if (axis < 0) return;
    at[axis] = (at[axis] as number) + 1;
  }
}

/** Undoes the filters, the last one first; those that the mask names were left out. */
async function unfiltered(
  file: FileBytes,
  packed: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  size: number,
  element: number,
  reading: Reading,
): Promise<Uint8Array> {
  let bytes = packed;
  for (let i = filters.length - 1; i >= 0; i--) {
    const { id, values } = filters[i] as Filter;
    if (i < 32 && (mask & (1 << i)) !== 0) continue;
    if (id === DEFLATE) {
      const given = fromBytes(file.file, bytes);
      // A check sum may lie within.
      const most = size + 4;
      const packing = { file: given, from: 0, to: given.size, method: 'deflate' } as const;
      const { bytes: plain, whole } = await inflate(packing, most, size, reading, () =>
        file.broken('has a chunk that cannot be unpacked'),
      );
      if (!whole) throw file.broken(`has a chunk that unpacks to more than ${size} bytes`);
      bytes = plain;
    } else if (id === SHUFFLE) bytes = unshuffled(bytes, values[0] ?? element);
    else if (id === FLETCHER) {
      if (bytes.length < 4) throw file.broken('has a chunk that is shorter than its check sum');
      const body = bytes.subarray(0, -4);
      const sum = new DataView(bytes.buffer, bytes.byteOffset + body.length, 4).getUint32(0, true);
      if (!sameSum(sum, fletcher32(body)))
        throw file.broken('has a chunk whose check sum does not fit');
      bytes = body;
    } else throw file.unread(`data packed by filter ${id}`);
  }
  if (bytes.length !== size)
    throw file.broken(`has a chunk of ${bytes.length} bytes where ${size} are needed`);
  return bytes;
}

/** Bytes that lie together by their place in an element, put back: all first bytes, all second ones, and so on. */
function unshuffled(bytes: Uint8Array, element: number): Uint8Array {
  const count = Math.floor(bytes.length / Math.max(1, element));
  if (element <= 1 || count <= 1) return bytes;
  const out = new Uint8Array(bytes);
  for (let j = 0; j < element; j++)
    for (let i = 0; i < count; i++) out[i * element + j] = bytes[j * count + i] as number;
  return out;
}

/** Fletcher's check sum of 32 bits over words of 16, the first byte of each the higher. */
function fletcher32(bytes: Uint8Array): number {
  let [a, b] = [0, 0];
  for (let i = 0; i < bytes.length; i += 2) {
    a = (a + (((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0))) % 65535;
    b = (b + a) % 65535;
  }
  return ((b << 16) | a) >>> 0;
}

/** Two check sums, whose halves are the same where one is 0 and the other 65535. */
function sameSum(a: number, b: number): boolean {
  const half = (sum: number, shift: number) => ((sum >>> shift) & 0xffff) % 65535;
  return half(a, 0) === half(b, 0) && half(a, 16) === half(b, 16);
}
