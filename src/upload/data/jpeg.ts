import type { Decoded } from './decode';
import { Bits, codesOf } from './jpeg-bits';
import type { Codes } from './jpeg-bits';
import { readScan, ZIGZAG } from './jpeg-scan';
import type { Component } from './jpeg-scan';

/** What has been read of a file so far. */
interface Reading {
  width: number;
  height: number;
  progressive: boolean;
  components: Component[];
  interval: number;
  /** False where three components are red, green and blue as they stand. */
  luma: boolean;
  readonly quantisation: Map<number, Uint16Array>;
  /** By 0 (first coefficients) or 16 (the others) plus the table's number. */
  readonly codes: Map<number, Codes>;
}

/**
 * A small JPEG decoder for where there is no browser: 8 bits, Huffman codes, baseline and progressive, grey or three
 * components (ITU-T T.81). Chroma is enlarged linearly. Colour profiles and a camera's note of how it was held are passed
 * over.
 *
 * @throws Error where the file is damaged or of another kind
 */
export function decodeJpeg(bytes: Uint8Array): Decoded {
  const reading: Reading = {
    width: 0,
    height: 0,
    progressive: false,
    components: [],
    interval: 0,
    luma: true,
    quantisation: new Map(),
    codes: new Map(),
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new Error('a JPEG that does not fit together');
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) break;
    const length = view.getUint16(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (marker === 0xda) at = scan(reading, body, bytes, at);
    else segment(reading, marker, body);
  }
  if (reading.components.length === 0) throw new Error('a JPEG without an image');
  return coloured(reading);
}

function segment(reading: Reading, marker: number, body: Uint8Array): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (marker === 0xdb) quantisation(reading, view);
  else if (marker === 0xc4) codes(reading, body);
  else if (marker === 0xdd) reading.interval = view.getUint16(0);
  else if (marker === 0xee && String.fromCharCode(...body.subarray(0, 5)) === 'Adobe')
    reading.luma = body[11] !== 0;
  else if (marker >= 0xc0 && marker <= 0xc2) frame(reading, marker === 0xc2, view);
  else if (marker >= 0xc3 && marker <= 0xcf) throw new Error('a JPEG of another kind');
}

function quantisation({ quantisation: tables }: Reading, view: DataView): void {
  for (let at = 0; at < view.byteLength;) {
    const head = view.getUint8(at);
    const wide = head >> 4 !== 0;
    const table = new Uint16Array(64);
    for (let k = 0; k < 64; k += 1)
      table[ZIGZAG[k] ?? 0] = wide ? view.getUint16(at + 1 + 2 * k) : view.getUint8(at + 1 + k);
    tables.set(head & 15, table);
    at += wide ? 129 : 65;
  }
}

function codes({ codes: tables }: Reading, body: Uint8Array): void {
  for (let at = 0; at + 17 <= body.length;) {
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, n) => sum + n, 0);
    tables.set(body[at] ?? 0, codesOf(counts, body.subarray(at + 17, at + 17 + total)));
    at += 17 + total;
  }
}

function frame(reading: Reading, progressive: boolean, view: DataView): void {
  const count = view.getUint8(5);
  if (view.getUint8(0) !== 8 || (count !== 1 && count !== 3) || reading.components.length > 0)
    throw new Error('a JPEG of another kind');
  const [height, width] = [view.getUint16(1), view.getUint16(3)];
  if (height === 0 || width === 0) throw new Error('a JPEG without sides');
  Object.assign(reading, { height, width, progressive });
  const parts = Array.from({ length: count }, (_, i) => {
    const factors = view.getUint8(7 + 3 * i);
    const [h, v] = [factors >> 4, factors & 15];
    if (h < 1 || h > 4 || v < 1 || v > 4) throw new Error('a JPEG with odd factors');
    return { id: view.getUint8(6 + 3 * i), h, v, table: view.getUint8(8 + 3 * i) };
  });
  const [most, tall] = [Math.max(...parts.map(({ h }) => h)), Math.max(...parts.map(({ v }) => v))];
  const units = [Math.ceil(width / (8 * most)), Math.ceil(height / (8 * tall))] as const;
  reading.components = parts.map((part) => {
    const [across, down] = [units[0] * part.h, units[1] * part.v];
    const covered = [
      Math.ceil(Math.ceil((width * part.h) / most) / 8),
      Math.ceil(Math.ceil((height * part.v) / tall) / 8),
    ] as const;
    return { ...part, across, down, covered, coefficients: new Int16Array(64 * across * down) };
  });
}

/** Reads a scan; where the next segment begins. */
function scan(reading: Reading, body: Uint8Array, bytes: Uint8Array, at: number): number {
  const count = body[0] ?? 0;
  const parts = Array.from({ length: count }, (_, i) => {
    const component = reading.components.find(({ id }) => id === body[1 + 2 * i]);
    if (!component) throw new Error('a JPEG with a scan of nothing');
    const tables = body[2 + 2 * i] ?? 0;
    return {
      component,
      dc: reading.codes.get(tables >> 4),
      ac: reading.codes.get(16 + (tables & 15)),
    };
  });
  const [from = 0, to = 0, approximation = 0] = body.subarray(1 + 2 * count);
  const [first] = reading.components;
  if (!first || from > to || to > 63) throw new Error('a JPEG with an odd scan');
  const bits = new Bits(bytes, at);
  readScan(bits, {
    parts,
    progressive: reading.progressive,
    from,
    to,
    high: approximation >> 4,
    low: approximation & 15,
    interval: reading.interval,
    units: [first.across / first.h, first.down / first.v],
  });
  let end = bits.at;
  // Fill bytes may stand between.
  while (end + 1 < bytes.length && !(bytes[end] === 0xff && (bytes[end + 1] ?? 0) >= 0xc0))
    end += 1;
  return end;
}

/** cos((2 x + 1) u pi / 16) / 2, times sqrt(1/2) for u = 0: [u, x]. */
const COSINES = Float32Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1)) / 2;
});

/** A component's samples, 0..255, [8 down, 8 across]. */
function samplesOf({ coefficients, across, down }: Component, table: Uint16Array): Uint8Array {
  const out = new Uint8Array(64 * across * down);
  const middle = new Float32Array(64);
  for (let block = 0; block < across * down; block += 1) {
    const from = 64 * block;
    for (let v = 0; v < 8; v += 1)
      for (let x = 0; x < 8; x += 1) {
        let sum = 0;
        for (let u = 0; u < 8; u += 1)
          sum +=
            (coefficients[from + 8 * v + u] ?? 0) *
            (table[8 * v + u] ?? 0) *
            (COSINES[8 * u + x] ?? 0);
        middle[8 * v + x] = sum;
      }
    const corner = 64 * across * Math.floor(block / across) + 8 * (block % across);
    for (let y = 0; y < 8; y += 1)
      for (let x = 0; x < 8; x += 1) {
        let sum = 128.5;
        for (let v = 0; v < 8; v += 1) sum += (middle[8 * v + x] ?? 0) * (COSINES[8 * v + y] ?? 0);
        out[corner + 8 * across * y + x] = Math.max(0, Math.min(255, Math.floor(sum)));
      }
  }
  return out;
}

/** A component at the image's own size, enlarged linearly between the middles of its samples. */
function planeOf(reading: Reading, component: Component): Float32Array {
  const { width, height, components } = reading;
  const table = reading.quantisation.get(component.table);
  if (!table) throw new Error('a JPEG without a table');
  const samples = samplesOf(component, table);
  const [most, tall] = [
    Math.max(...components.map(({ h }) => h)),
    Math.max(...components.map(({ v }) => v)),
  ];
  const stride = 8 * component.across;
  const columns = placesOf(width, component.h / most);
  const rows = placesOf(height, component.v / tall);
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const [y0, y1, fy] = rows(y);
    for (let x = 0; x < width; x += 1) {
      const [x0, x1, fx] = columns(x);
      const at = (row: number) =>
        (samples[row * stride + x0] ?? 0) * (1 - fx) + (samples[row * stride + x1] ?? 0) * fx;
      out[y * width + x] = at(y0) * (1 - fy) + at(y1) * fy;
    }
  }
  return out;
}

/** The two samples between which a pixel lies, and how near it is to the second. */
function placesOf(side: number, factor: number): (at: number) => readonly [number, number, number] {
  const last = Math.ceil(side * factor) - 1;
  return (at) => {
    const place = Math.min(last, Math.max(0, (at + 0.5) * factor - 0.5));
    const low = Math.floor(place);
    return [low, Math.min(last, low + 1), place - low];
  };
}

function coloured(reading: Reading): Decoded {
  const { width, height, components, luma } = reading;
  const planes = components.map((component) => planeOf(reading, component));
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  const [first = new Float32Array(), second, third] = planes;
  for (let i = 0; i < width * height; i += 1) {
    const y = first[i] ?? 0;
    if (!second || !third) rgba.fill(y, 4 * i, 4 * i + 3);
    else if (luma) {
      const [cb, cr] = [(second[i] ?? 0) - 128, (third[i] ?? 0) - 128];
      rgba[4 * i] = y + 1.402 * cr;
      rgba[4 * i + 1] = y - 0.344136 * cb - 0.714136 * cr;
      rgba[4 * i + 2] = y + 1.772 * cb;
    } else rgba.set([y, second[i] ?? 0, third[i] ?? 0], 4 * i);
  }
  return { width, height, rgba };
}
