import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../cli/support/decode';
import { resize } from '../../src/recipe/resize';
import { imageHead } from '../../src/upload/data/image-head';
import { npyHead, npyNumbers, npyTexts } from '../../src/upload/data/npy';
import { decodePng } from '../../src/upload/data/png';
import { readData } from '../../src/upload/data/read';
import { givenOf, reading } from '../support/given';

/** Files that NumPy and PIL wrote, and what torch makes of pixels (scripts/torch/golden_data.py). */

interface ImageCase {
  readonly what: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly rgba: string;
}
interface Golden {
  readonly npy: readonly {
    readonly file: string;
    readonly shape: readonly number[];
    readonly values: readonly (number | boolean | string)[];
    readonly what: string;
  }[];
  readonly npz: readonly {
    readonly file: string;
    readonly pixels: number[];
    readonly labels: number[];
  }[];
  readonly images: Readonly<Record<'png' | 'jpeg' | 'webp', readonly ImageCase[]>>;
  readonly turned: readonly ImageCase[];
  readonly resize: readonly {
    readonly from: readonly [number, number];
    readonly to: readonly [number, number];
    readonly pixels: readonly number[];
    readonly values: readonly number[];
  }[];
}
const golden = JSON.parse(readFileSync('tests/golden/data.json', 'utf8')) as Golden;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('arrays that NumPy wrote', () => {
  it.each(golden.npy)('$what', ({ file, shape, values }) => {
    const bytes = bytesOf(file);
    const head = npyHead(bytes, 'array.npy');
    expect(head.shape).toEqual(shape);
    const text = typeof values[0] === 'string';
    const read = text ? npyTexts(bytes, head) : Array.from(npyNumbers(bytes, head));
    expect(read).toEqual(text ? values : values.map(Number));
  });

  it.each(golden.npz)(
    'as an .npz with channels first, in 0..1, labels as rows and columns',
    async (set) => {
      const own = await readData([givenOf('set.npz', bytesOf(set.file))], null, reading);
      expect(own).toMatchObject({ title: 'set', format: 'NumPy', count: 10, channels: 3 });
      expect(own.classes).toEqual(['0', '1', '2']);
      expect(Array.from(own.labels)).toEqual(set.labels);
      expect(Array.from(own.roles ?? [])).toEqual([0, 0, 0, 0, 0, 0, 2, 2, 2, 2]);
      expect(Array.from(own.pixels)).toEqual(set.pixels);
      expect(own.remarks).toEqual([
        'Values from 0 to 1 were read as 0 to 255.',
        'Channels stood before height and width; they were put last.',
      ]);
    },
  );
});

describe('images that PIL wrote', () => {
  it.each(golden.images.png)('PNG, $what, to the bit', async ({ file, width, height, rgba }) => {
    const bytes = bytesOf(file);
    expect(imageHead(bytes)).toEqual({ kind: 'png', width, height });
    const decoded = await decodePng(bytes);
    expect(decoded).toMatchObject({ width, height });
    expect(Buffer.from(decoded.rgba).equals(bytesOf(rgba))).toBe(true);
  });

  it.each([...golden.images.jpeg, ...golden.turned])(
    'JPEG, $what, to a few levels',
    async ({ file, width, height, rgba }) => {
      const decoded = await decodeImage(bytesOf(file), 'jpeg');
      expect(decoded).toMatchObject({ width, height });
      const wanted = bytesOf(rgba);
      const apart = Array.from(decoded.rgba, (value, i) => Math.abs(value - (wanted[i] ?? 0)));
      expect(apart).toHaveLength(wanted.length);
      // Rounding inside the decoders differs.
      expect(Math.max(...apart)).toBeLessThanOrEqual(4);
      expect(apart.reduce((a, b) => a + b, 0) / apart.length).toBeLessThan(0.5);
    },
  );

  it.each([
    ...golden.images.jpeg.map((each) => ({ ...each, kind: 'jpeg' })),
    ...golden.images.webp.map((each) => ({ ...each, kind: 'webp' })),
  ])('say their sides: $kind, $what', ({ file, width, height, kind }) => {
    expect(imageHead(bytesOf(file))).toEqual({ kind, width, height });
  });
});

describe('resizing as torch does with antialias', () => {
  it.each(golden.resize)('$from to $to', ({ from, to, pixels, values }) => {
    const out = new Uint8Array(to[0] * to[1] * 3);
    resize(
      {
        pixels: Uint8Array.from(pixels),
        offset: 0,
        stride: from[1] * 3,
        height: from[0],
        width: from[1],
      },
      { pixels: out, offset: 0, stride: to[1] * 3, height: to[0], width: to[1] },
      3,
    );
    // Half a level of rounding.
    values.forEach((value, i) => expect(Math.abs((out[i] ?? 0) - value)).toBeLessThan(0.501));
  });
});
