import { refuse, shown } from '../refuse';

/** An address that says that there is nothing. */
export const NOWHERE = -1;

/**
 * The bytes of an HDF5 file. Every read is checked against its end; addresses count from the file's base address.
 * Numbers are little-endian, as all of the format's own are.
 */
export class FileBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  /** Bytes of an address and of a length; known once the superblock has been read. */
  offsetSize = 8;
  lengthSize = 8;
  base = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = shown(file);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.bytes.length;
  }

  /** @throws UserError where there are not that many bytes from there on */
  check(at: number, length: number): void {
    if (!(Number.isSafeInteger(at) && at >= 0 && length >= 0 && at + length <= this.size))
      throw this.broken(`points to ${length} bytes at ${at}, beyond its ${this.size} bytes`);
  }

  u8(at: number): number {
    this.check(at, 1);
    return this.view.getUint8(at);
  }

  u16(at: number): number {
    this.check(at, 2);
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    this.check(at, 4);
    return this.view.getUint32(at, true);
  }

  /** A whole number of 1 to 8 bytes. @throws UserError where it is larger than numbers here can be */
  uint(at: number, size: number): number {
    this.check(at, size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.view.getUint8(at + i);
    if (!Number.isSafeInteger(value)) throw this.broken(`has the number ${value} at ${at}`);
    return value;
  }

  length(at: number): number {
    return this.uint(at, this.lengthSize);
  }

  /** Where something lies in the file, or NOWHERE. */
  address(at: number): number {
    this.check(at, this.offsetSize);
    let none = true;
    for (let i = 0; i < this.offsetSize; i++) none &&= this.view.getUint8(at + i) === 255;
    return none ? NOWHERE : this.base + this.uint(at, this.offsetSize);
  }

  slice(at: number, length: number): Uint8Array {
    this.check(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Whether letters stand there. */
  has(at: number, letters: string): boolean {
    return letters === String.fromCharCode(...this.slice(at, letters.length));
  }

  expect(at: number, letters: string): void {
    if (!this.has(at, letters)) throw this.broken(`has no ${letters} block at ${at}`);
  }

  /** Text up to a zero byte, of at most `most` bytes. */
  text(at: number, most: number): string {
    const raw = this.slice(at, most);
    const end = raw.indexOf(0);
    return textOf(end < 0 ? raw : raw.subarray(0, end));
  }

  /** The error of a file that contradicts itself. */
  broken(why: string): Error {
    return refuse(
      'E_UPLOAD_HDF5',
      `${this.file} is damaged: as an HDF5 file it ${why}.`,
      'Download or copy it again, or save it anew.',
    );
  }

  /** The error of a file that uses what is not read here. */
  unread(what: string): Error {
    return refuse(
      'E_UPLOAD_HDF5_FORM',
      `${this.file} uses ${what}, a part of HDF5 that is not read here.`,
      'Save it anew with Keras (model.save) or with h5py as it comes.',
    );
  }
}

const decoder = new TextDecoder();
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
