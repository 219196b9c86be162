import { refuse } from '../refuse';
import type { RawLabels } from './assemble';
import type { Numbers } from './npy';

/** How the axes of an array of images are meant. */
export interface Layout {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  /** True where the channels come before height and width. */
  readonly first: boolean;
}

/** The layout of images by their array's shape. @throws UserError where there is none */
export function layoutOf(shape: readonly number[], name: string): Layout {
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length === 3 && a > 0 && b > 0)
    return { count, height: a, width: b, channels: 1, first: false };
  if (shape.length === 4) {
    // Four channels are rarer than sides of four pixels.
    const last = { count, height: a, width: b, channels: c as 1 | 3 | 4, first: false };
    const second = { count, height: b, width: c, channels: a as 1 | 3 | 4, first: true };
    if (c === 1 || c === 3) return last;
    if (a === 1 || a === 3) return second;
    if (c === 4) return last;
    if (a === 4) return second;
  }
  if (shape.length === 2) {
    const side = Math.sqrt(a);
    if (Number.isInteger(side))
      return { count, height: side, width: side, channels: 1, first: false };
    const third = Math.sqrt(a / 3);
    if (Number.isInteger(third))
      return { count, height: third, width: third, channels: 3, first: true };
  }
  throw refuse(
    'E_UPLOAD_NPY',
    `${name} has the shape ${shape.join(' x ')}, which is none of images.`,
    'Images are number x height x width, with 1, 3 or 4 channels as the last axis or the second.',
  );
}

/** What has to be done to numbers so that they lie in 0..255. */
export interface Range {
  readonly add: number;
  readonly times: number;
  readonly remark: string | null;
}

/** Smallest and largest of numbers. @throws UserError where one is not finite */
export function boundsOf(numbers: Numbers, name: string): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < numbers.length; i += 1) {
    const value = numbers[i] ?? 0;
    if (!Number.isFinite(value))
      throw refuse(
        'E_UPLOAD_NPY',
        `${name} holds ${value} at place ${i}.`,
        'Replace what is no number, and save it again.',
      );
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** How numbers between two bounds are meant: 0..255, 0..1 or -1..1. @throws UserError for others */
export function rangeOf(low: number, high: number, name: string): Range {
  if (low >= 0 && high <= 1 && high > 0)
    return { add: 0, times: 255, remark: 'Values from 0 to 1 were read as 0 to 255.' };
  if (low >= 0 && high <= 255) return { add: 0, times: 1, remark: null };
  if (low >= -1 && high <= 1)
    return { add: 1, times: 127.5, remark: 'Values from -1 to 1 were read as 0 to 255.' };
  throw refuse(
    'E_UPLOAD_NPY',
    `The images of ${name} have values from ${low} to ${high}; from 0 to 255, 0 to 1 or -1 to 1 are understood.`,
    'Save them as they were before they were normalised.',
  );
}

/** Pixels as bytes [count, height, width, channels], with what is transparent laid on white. */
export function bytesOf(numbers: Numbers, layout: Layout, { add, times }: Range): Uint8Array {
  const plain = numbers instanceof Uint8Array && add === 0 && times === 1;
  const bytes = plain
    ? numbers
    : Uint8Array.from({ length: numbers.length }, (_, i) =>
        Math.round(((numbers[i] ?? 0) + add) * times),
      );
  const { count, height, width, channels, first } = layout;
  const places = height * width;
  const last = first && channels > 1 ? interleaved(bytes, count, places, channels) : bytes;
  return channels === 4 ? onWhite(last) : last;
}

function interleaved(
  bytes: Uint8Array,
  count: number,
  places: number,
  channels: number,
): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < count; i += 1)
    for (let c = 0; c < channels; c += 1) {
      const plane = (i * channels + c) * places;
      for (let at = 0; at < places; at += 1)
        out[(i * places + at) * channels + c] = bytes[plane + at] ?? 0;
    }
  return out;
}

/** RGBA to RGB: colour * alpha + white * (1 - alpha). */
export function onWhite(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, o = 0; i < rgba.length; i += 4, o += 3) {
    const alpha = (rgba[i + 3] ?? 0) / 255;
    for (let c = 0; c < 3; c += 1)
      out[o + c] = Math.round((rgba[i + c] ?? 0) * alpha + 255 * (1 - alpha));
  }
  return out;
}

/** Labels of an array: one number each, or a row with a single 1 each. @throws UserError for others */
export function labelsOf(numbers: Numbers, shape: readonly number[], name: string): RawLabels {
  const [count = 0, columns = 1] = shape;
  if (shape.length === 1 || (shape.length === 2 && columns === 1))
    return { kind: 'numbers', values: numbers };
  if (shape.length !== 2)
    throw refuse(
      'E_UPLOAD_LABELS',
      `The labels in ${name} have the shape ${shape.join(' x ')}.`,
      'One number for each image is needed, or a row with a single 1.',
    );
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    let ones = 0;
    for (let k = 0; k < columns; k += 1) {
      const value = numbers[i * columns + k] ?? 0;
      if (value === 1) {
        ones += 1;
        values[i] = k;
      } else if (value !== 0) ones = NaN;
    }
    if (ones !== 1)
      throw refuse(
        'E_UPLOAD_LABELS',
        `Row ${i} of the labels in ${name} is no choice of one class.`,
        'One number for each image is needed, or a row with a single 1; probabilities and several labels at once are not used.',
      );
  }
  return { kind: 'numbers', values };
}
