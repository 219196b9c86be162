import { sizeOf } from '../../models/net/graph';
import type { Reading } from '../given';
import { LIMITS } from '../limits';
import type { Values } from '../net/builder';
import { refuse, shown } from '../refuse';
import { NOWHERE, FileBytes } from './bytes';
import { readData, readFilters, readLayout } from './data';
import { TYPE, readHeader } from './header';
import type { Message } from './header';
import { readLinks } from './links';
import { readSpace, readType } from './types';
import type { DataType } from './types';
import { numbersOf, textsOf } from './values';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** Objects of one file that are looked at. */
const OBJECTS = 100_000;

/** What an object header says, once read. */
interface Found {
  readonly messages: readonly Message[];
  links: ReadonlyMap<string, number> | null;
}

/** A file that is open: its bytes and the objects that were looked at. */
class Open {
  readonly bytes: FileBytes;
  private readonly found = new Map<number, Found>();

  constructor(bytes: FileBytes) {
    this.bytes = bytes;
  }

  at(address: number): Found {
    const known = this.found.get(address);
    if (known) return known;
    if (this.found.size >= OBJECTS) throw this.bytes.broken(`has more than ${OBJECTS} objects`);
    const found: Found = { messages: readHeader(this.bytes, address), links: null };
    this.found.set(address, found);
    return found;
  }
}

/** A group or a dataset of an HDF5 file. */
export class H5Object {
  /** Names from the top on, with / between them. */
  readonly path: string;
  private readonly open: Open;
  private readonly found: Found;

  constructor(open: Open, address: number, path: string) {
    this.open = open;
    this.path = path;
    this.found = open.at(address);
  }

  /** Names of the members of a group, in the file's order. */
  names(): readonly string[] {
    return [...this.links().keys()];
  }

  /** A member of a group; null where there is none of that name. */
  member(name: string): H5Object | null {
    const address = this.links().get(name);
    if (address === undefined) return null;
    return new H5Object(this.open, address, this.path === '' ? name : `${this.path}/${name}`);
  }

  /** The member at the end of some names with / between them. */
  find(path: string): H5Object | null {
    return path
      .split('/')
      .filter((name) => name !== '')
      .reduce<H5Object | null>((at, name) => at?.member(name) ?? null, this);
  }

  isDataset(): boolean {
    return this.message(TYPE.layout) !== null;
  }

  /** The shape of a dataset; [] of a single value. */
  shape(): readonly number[] {
    const space = this.message(TYPE.space);
    const shape = space && readSpace(this.open.bytes, space.at);
    if (!shape) throw this.open.bytes.broken(`has no shape for ${shown(this.path)}`);
    return shape;
  }

  /** A dataset's numbers. */
  async values(reading: Reading): Promise<Values> {
    const { bytes } = this.open;
    const what = shown(this.path);
    const shape = this.shape();
    const layout = this.message(TYPE.layout);
    const type = this.message(TYPE.type);
    if (!layout || !type) throw bytes.broken(`has no data for ${what}`);
    if (this.message(TYPE.external)) throw bytes.unread('data in other files');
    if (sizeOf(shape) > LIMITS.parameters || shape.length > LIMITS.rank)
      throw bytes.broken(`has the shape [${shape.join(', ')}] for ${what}`);
    const element = readType(bytes, type.at);
    const filters = this.message(TYPE.filters);
    const data = await readData(
      bytes,
      readLayout(bytes, layout.at, shape.length),
      filters ? readFilters(bytes, filters.at) : [],
      shape,
      element.size,
      reading,
    );
    return { shape, values: numbersOf(bytes, data, element, what) };
  }

  /** An attribute as texts, one or many; null where there is none of that name. */
  texts(name: string): readonly string[] | null {
    const found = this.attribute(name);
    if (!found) return null;
    const { type, shape, data } = found;
    // An empty list has lost its type.
    if (shape === null || sizeOf(shape) === 0) return [];
    return textsOf(this.open.bytes, data, type, shape, `the attribute ${shown(name)}`);
  }

  private attribute(wanted: string) {
    for (const { type, at, size } of this.found.messages) {
      if (type === TYPE.attribute) {
        const found = readAttribute(this.open.bytes, at, size, wanted);
        if (found) return found;
      }
      if (type === TYPE.attributeInfo) {
        const { bytes } = this.open;
        const heap = bytes.address(at + 2 + (bytes.u8(at + 1) & 1 ? 2 : 0));
        if (heap !== NOWHERE)
          throw bytes.unread('many attributes of the newest form (libver="latest")');
      }
    }
    return null;
  }

  private links(): ReadonlyMap<string, number> {
    this.found.links ??= readLinks(this.open.bytes, this.found.messages);
    return this.found.links;
  }

  private message(wanted: number): Message | null {
    return this.found.messages.find(({ type }) => type === wanted) ?? null;
  }
}

/** An attribute message, if it bears that name. */
function readAttribute(
  file: FileBytes,
  at: number,
  size: number,
  wanted: string,
): { type: DataType; shape: readonly number[] | null; data: Uint8Array } | null {
  const version = file.u8(at);
  if (version < 1 || version > 3) throw file.broken(`has an attribute of version ${version}`);
  const lengths = [file.u16(at + 2), file.u16(at + 4), file.u16(at + 6)] as const;
  const padded = (n: number) => (version === 1 ? Math.ceil(n / 8) * 8 : n);
  const nameAt = at + (version === 3 ? 9 : 8);
  const typeAt = nameAt + padded(lengths[0]);
  const spaceAt = typeAt + padded(lengths[1]);
  const dataAt = spaceAt + padded(lengths[2]);
  if (dataAt > at + size) throw file.broken(`has an attribute at ${at} that leaves its message`);
  if (file.text(nameAt, lengths[0]) !== wanted) return null;
  if (version > 1 && file.u8(at + 1) !== 0) throw file.unread('shared types of attributes');
  const type = readType(file, typeAt);
  const shape = readSpace(file, spaceAt);
  const needed = shape === null ? 0 : sizeOf(shape) * type.size;
  if (dataAt + needed > at + size)
    throw file.broken(`has an attribute ${shown(wanted)} that breaks off`);
  return { type, shape, data: file.slice(dataAt, needed) };
}

/**
 * Opens an HDF5 file that lies in memory: superblocks 0 to 3, groups of the old form and small ones of the new, datasets
 * of numbers in one piece or in chunks, packed by deflate and shuffle, and attributes of text. That is what h5py writes by
 * default, and so Keras. Everything is checked against the file's size before room is made for it.
 *
 * Source: HDF5 File Format Specification, version 3.0.
 *
 * @throws UserError where it is damaged or holds a part of the format that is not read
 */
export function openHdf5(raw: Uint8Array, file: string): H5Object {
  const bytes = new FileBytes(raw, file);
  const at = superblockOf(raw);
  if (at === null)
    throw refuse(
      'E_UPLOAD_HDF5',
      `${bytes.file} is not an HDF5 file, or its beginning is damaged.`,
      'Download or copy it again, or save it anew.',
    );
  const version = bytes.u8(at + 8);
  if (version > 3) throw bytes.unread(`a superblock of version ${version}`);
  const old = version < 2;
  bytes.offsetSize = bytes.u8(at + (old ? 13 : 9));
  bytes.lengthSize = bytes.u8(at + (old ? 14 : 10));
  if (![2, 4, 8].includes(bytes.offsetSize) || ![2, 4, 8].includes(bytes.lengthSize))
    throw bytes.broken(
      `has addresses of ${bytes.offsetSize} and lengths of ${bytes.lengthSize} bytes`,
    );
  const first = at + (old ? (version === 1 ? 28 : 24) : 12);
  const { offsetSize } = bytes;
  bytes.base = bytes.uint(first, offsetSize);
  // Unlike all other addresses, the end counts from the beginning of the file.
  const end = bytes.uint(first + 2 * offsetSize, offsetSize);
  if (end > bytes.size)
    throw refuse(
      'E_UPLOAD_TRUNCATED',
      `${bytes.file} breaks off: it has ${bytes.size} bytes where ${end} are needed.`,
      'Download or copy it again; it is not whole.',
    );
  // Old: free space, end and driver stand before the root's entry, whose second field is its header.
  const root = bytes.address(first + (old ? 5 : 3) * offsetSize);
  if (root === NOWHERE) throw bytes.broken('has no root group');
  return new H5Object(new Open(bytes), root, '');
}

/** Where the superblock stands: at the beginning or, after a block of a user's own, at 512, 1024 and so on. */
function superblockOf(raw: Uint8Array): number | null {
  for (let at = 0; at + 96 <= raw.length; at = at === 0 ? 512 : at * 2)
    if (SIGNATURE.every((byte, i) => raw[at + i] === byte)) return at;
  return null;
}
