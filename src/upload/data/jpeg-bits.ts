/** Codes of a Huffman table: for each length the first code, one beyond the last, and where its values begin. */
export interface Codes {
  readonly first: Int32Array;
  readonly end: Int32Array;
  readonly start: Int32Array;
  readonly values: Uint8Array;
}

const LENGTHS = 16;

/** @param counts how many codes there are of 1 to 16 bits */
export function codesOf(counts: Uint8Array, values: Uint8Array): Codes {
  const first = new Int32Array(LENGTHS + 1);
  const end = new Int32Array(LENGTHS + 1);
  const start = new Int32Array(LENGTHS + 1);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LENGTHS; length += 1) {
    const count = counts[length - 1] ?? 0;
    first[length] = code;
    end[length] = code + count;
    start[length] = place;
    place += count;
    code = (code + count) << 1;
  }
  return { first, end, start, values };
}

/** The bits of a scan, highest first; a zero byte behind 0xff is left out. */
export class Bits {
  /** The next byte. */
  at: number;
  private readonly bytes: Uint8Array;
  private byte = 0;
  private left = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  bit(): number {
    if (this.left === 0) {
      const byte = this.bytes[this.at];
      // At a marker or at the end there are no more bits.
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0))
        throw new Error('a JPEG that breaks off');
      this.at += byte === 0xff ? 2 : 1;
      this.byte = byte;
      this.left = 8;
    }
    this.left -= 1;
    return (this.byte >> this.left) & 1;
  }

  /** A number of `count` bits. */
  number(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = (value << 1) | this.bit();
    return value;
  }

  /** A signed number of `count` bits: those below half are negative. */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.number(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  symbol({ first, end, start, values }: Codes): number {
    let code = 0;
    for (let length = 1; length <= LENGTHS; length += 1) {
      code = (code << 1) | this.bit();
      if (code < (end[length] ?? 0))
        return values[(start[length] ?? 0) + code - (first[length] ?? 0)] ?? 0;
    }
    throw new Error('a JPEG with an unknown code');
  }

  /** Goes on behind the marker that stands between two restarts. */
  restart(): void {
    this.left = 0;
    const marker = this.bytes[this.at + 1] ?? 0;
    if (this.bytes[this.at] !== 0xff || marker < 0xd0 || marker > 0xd7)
      throw new Error('a JPEG without its restart');
    this.at += 2;
  }
}
