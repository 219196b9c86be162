import type { Bits, Codes } from './jpeg-bits';

/** One of the planes of an image: luma, or one of the two of chroma. */
export interface Component {
  readonly id: number;
  /** Blocks of a unit across and down. */
  readonly h: number;
  readonly v: number;
  readonly table: number;
  /** Blocks in memory, whole units, and those that the image covers. */
  readonly across: number;
  readonly down: number;
  readonly covered: readonly [number, number];
  /** 64 coefficients a block, in rows of the block. */
  readonly coefficients: Int16Array;
}

/** What a scan brings: of which components, which coefficients (in zigzag order), and which of their bits. */
export interface Scan {
  readonly parts: readonly {
    readonly component: Component;
    readonly dc: Codes | undefined;
    readonly ac: Codes | undefined;
  }[];
  readonly progressive: boolean;
  readonly from: number;
  readonly to: number;
  /** Bits that earlier scans brought, 0 for a first one, and the place of the lowest bit that comes. */
  readonly high: number;
  readonly low: number;
  /** Units between restarts; 0 where there are none. */
  readonly interval: number;
  /** Units across and down, where several components alternate. */
  readonly units: readonly [number, number];
}

/** Place in a block's rows of the coefficient k in zigzag order. */
export const ZIGZAG = zigzag();

function zigzag(): Uint8Array {
  const order = new Uint8Array(64);
  let [x, y] = [0, 0];
  for (let k = 0; k < 64; k += 1) {
    order[k] = 8 * y + x;
    const up = (x + y) % 2 === 0;
    if (up && x === 7) y += 1;
    else if (!up && y === 7) x += 1;
    else if (up && y === 0) x += 1;
    else if (!up && x === 0) y += 1;
    else [x, y] = up ? [x + 1, y - 1] : [x - 1, y + 1];
  }
  return order;
}

/** Reads a scan into the components' coefficients. */
export function readScan(bits: Bits, scan: Scan): void {
  const before = scan.parts.map(() => 0);
  const state = { run: 0 };
  const [only] = scan.parts;
  const single = scan.parts.length === 1 && only !== undefined;
  const [wide, high] = single ? only.component.covered : scan.units;
  for (let unit = 0; unit < wide * high; unit += 1) {
    if (scan.interval > 0 && unit > 0 && unit % scan.interval === 0) {
      bits.restart();
      before.fill(0);
      state.run = 0;
    }
    const [ux, uy] = [unit % wide, Math.floor(unit / wide)];
    scan.parts.forEach(({ component, dc, ac }, i) => {
      const [h, v] = single ? [1, 1] : [component.h, component.v];
      for (let y = 0; y < v; y += 1)
        for (let x = 0; x < h; x += 1) {
          const at = 64 * ((uy * v + y) * component.across + ux * h + x);
          const block = component.coefficients.subarray(at, at + 64);
          before[i] = readBlock(bits, scan, block, dc, ac, before[i] ?? 0, state);
        }
    });
  }
}

/** Reads what a scan has of one block. Returns the first coefficient, from which the next block's is told. */
function readBlock(
  bits: Bits,
  scan: Scan,
  block: Int16Array,
  dc: Codes | undefined,
  ac: Codes | undefined,
  before: number,
  state: { run: number },
): number {
  let first = before;
  const { from, to, high, low, progressive } = scan;
  if (from === 0) {
    if (high > 0) block[0] = (block[0] ?? 0) | (bits.bit() << low);
    else {
      if (!dc) throw new Error('a JPEG without a table');
      first = before + bits.signed(bits.symbol(dc));
      block[0] = first << low;
    }
  }
  if (to === 0) return first;
  if (!ac) throw new Error('a JPEG without a table');
  const start = Math.max(1, from);
  if (!progressive) readPlain(bits, block, ac, start, to);
  else if (high === 0) readFirst(bits, block, ac, start, to, low, state);
  else refine(bits, block, ac, start, to, low, state);
  return first;
}

function readPlain(bits: Bits, block: Int16Array, ac: Codes, from: number, to: number): void {
  for (let k = from; k <= to; k += 1) {
    const symbol = bits.symbol(ac);
    const [zeros, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && zeros < 15) return;
    k += zeros;
    if (size > 0) block[ZIGZAG[k] ?? 0] = bits.signed(size);
  }
}

/** The upper bits of coefficients. `state.run` counts blocks that hold nothing more. */
function readFirst(
  bits: Bits,
  block: Int16Array,
  ac: Codes,
  from: number,
  to: number,
  low: number,
  state: { run: number },
): void {
  if (state.run > 0) {
    state.run -= 1;
    return;
  }
  for (let k = from; k <= to; k += 1) {
    const symbol = bits.symbol(ac);
    const [zeros, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && zeros < 15) {
      state.run = (1 << zeros) - 1 + bits.number(zeros);
      return;
    }
    k += zeros;
    if (size > 0) block[ZIGZAG[k] ?? 0] = bits.signed(size) * (1 << low);
  }
}

/** One more bit of the coefficients that are there, and new ones among those that were zero. */
function refine(
  bits: Bits,
  block: Int16Array,
  ac: Codes,
  from: number,
  to: number,
  low: number,
  state: { run: number },
): void {
  const bit = 1 << low;
  const sharpen = (place: number) => {
    const value = block[place] ?? 0;
    if (bits.bit() === 1 && (value & bit) === 0) block[place] = value + (value >= 0 ? bit : -bit);
  };
  let k = from;
  if (state.run === 0)
    for (; k <= to; k += 1) {
      const symbol = bits.symbol(ac);
      let zeros = symbol >> 4;
      const isNew = (symbol & 15) > 0;
      if (!isNew && zeros < 15) {
        state.run = (1 << zeros) + bits.number(zeros);
        break;
      }
      const value = isNew ? (bits.bit() === 1 ? bit : -bit) : 0;
      for (; k <= to; k += 1) {
        const place = ZIGZAG[k] ?? 0;
        if (block[place] !== 0) sharpen(place);
        else if (zeros === 0) break;
        else zeros -= 1;
      }
      if (isNew && k <= to) block[ZIGZAG[k] ?? 0] = value;
    }
  if (state.run === 0) return;
  for (; k <= to; k += 1) {
    const place = ZIGZAG[k] ?? 0;
    if (block[place] !== 0) sharpen(place);
  }
  state.run -= 1;
}
