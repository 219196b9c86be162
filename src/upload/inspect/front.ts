import type { InputRange, Meaning } from '../../recipe/meaning';
import type { NetBuilder } from '../net/builder';
import { refuse } from '../refuse';
import { fitOf } from './shape';
import type { TaskSide } from '../../recipe/task-side';

/** x scale + shift for each channel. */
interface Affine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Weights of red, green and blue in a grey image (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114];

/**
 * Nodes that turn a task's normalised input into the numbers that a network wants.
 *
 * @param wanted the shape of the network's input
 * @returns the value that the network reads
 */
export function putInFront(
  builder: NetBuilder,
  wanted: readonly number[],
  task: TaskSide,
  { input, resize, flatten }: Pick<Meaning, 'input' | 'resize' | 'flatten'>,
): string {
  const fit = fitOf(builder.file, wanted, task);
  let at = 'input';
  let undo = undone(task);
  if (fit.colours === 'colours to grey') {
    at = affine(builder, at, undo);
    const luma = builder.literal('given.luma', {
      shape: [1, 1, 3],
      values: Float32Array.from(LUMA),
    });
    at = builder.add('given.weighted', at, { op: 'binary', kind: 'multiply', other: luma });
    at = builder.add('given.grey', at, { op: 'reduce', kind: 'sum', axes: [2], keep: true });
    undo = { scale: [1], shift: [0] };
  }
  if (fit.image && fit.resized)
    at = builder.add('given.resized', at, {
      op: 'resize',
      size: [fit.image[0], fit.image[1]],
      kind: resize,
      grid: 'half-pixel',
    });
  const places = placesOf(fit.colours === 'grey to colours', input, fit.image?.[2]);
  if (places) {
    at = builder.add('given.colours', at, { op: 'pick', places });
    undo = {
      scale: places.map((place) => undo.scale[place] as number),
      shift: places.map((place) => undo.shift[place] as number),
    };
  }
  at = affine(builder, at, input.perImage ? undo : after(undo, input, builder.file));
  if (input.perImage === 'range') at = stretched(builder, at);
  else if (input.perImage) at = standardised(builder, at, input.perImage === 'channels');
  if (fit.reshaped === null) return at;
  if ((fit.order ?? flatten) === 'colours' && fit.image && fit.image[2] > 1)
    at = builder.add('given.planes', at, { op: 'permute', order: [2, 0, 1] });
  return builder.add('given.list', at, { op: 'reshape', shape: fit.reshaped });
}

/** From the task's input to its values: pixels 0..255, or coordinates. */
function undone({ shape, normalisation: { scale, mean, std } }: TaskSide): Affine {
  const channels = Array.from({ length: shape.at(-1) as number }, (_, c) => c);
  const of = (list: readonly number[], c: number) => list[c] ?? list[0] ?? 0;
  return {
    scale: channels.map((c) => of(std, c) / scale),
    shift: channels.map((c) => of(mean, c) / scale),
  };
}

/** The network's own normalisation after the task's is undone. */
function after(undo: Affine, { scale, mean, std }: InputRange, file: string): Affine {
  const channels = undo.scale.length;
  for (const list of [mean, std])
    if (list.length !== 1 && list.length !== channels)
      throw refuse(
        'E_UPLOAD_MEANING',
        `The normalisation for ${file} names ${list.length} channels, and its inputs have ${channels}.`,
        'Choose another normalisation.',
      );
  const of = (list: readonly number[], c: number) => (list[c] ?? list[0]) as number;
  return {
    scale: undo.scale.map((n, c) => (n * scale) / of(std, c)),
    shift: undo.shift.map((n, c) => (n * scale - of(mean, c)) / of(std, c)),
  };
}

function affine(builder: NetBuilder, at: string, { scale, shift }: Affine): string {
  // What is so near to nothing is rounding.
  const nothing =
    scale.every((n) => Math.abs(n - 1) < 1e-12) && shift.every((n) => Math.abs(n) < 1e-12);
  if (nothing) return at;
  const values = (list: readonly number[]) => ({
    shape: [list.length],
    values: Float32Array.from(list),
  });
  return builder.add(
    'given.range',
    at,
    { op: 'affine' },
    { scale: values(scale), shift: values(shift) },
  );
}

/** Where each channel of the network is found in the image; null where they stand as they are. */
function placesOf(
  repeated: boolean,
  { order }: InputRange,
  channels: number | undefined,
): number[] | null {
  if (repeated) return [0, 0, 0];
  return order === 'bgr' && channels === 3 ? [2, 1, 0] : null;
}

/**
 * Every image less its mean, by its standard deviation, which counts as at least 1 / sqrt(numbers).
 *
 * @param each whether every channel goes by its own
 */
function standardised(builder: NetBuilder, at: string, each: boolean): string {
  const shape = builder.shape(at);
  const axes = shape.map((_, axis) => axis).slice(0, each ? -1 : undefined);
  const mean = (name: string, of: string) =>
    builder.add(name, of, { op: 'reduce', kind: 'mean', axes, keep: true });
  const centred = builder.add('given.centred', at, {
    op: 'binary',
    kind: 'subtract',
    other: mean('given.mean', at),
  });
  const squares = builder.add('given.squares', centred, { op: 'curve', curve: 'square' });
  const variance = mean('given.variance', squares);
  const deviation = builder.add('given.deviation', variance, { op: 'curve', curve: 'sqrt' });
  const count = axes.reduce((product, axis) => product * (shape[axis] as number), 1);
  const divisor = atLeast(builder, deviation, 1 / Math.sqrt(count));
  return builder.add('given.standardised', centred, {
    op: 'binary',
    kind: 'divide',
    other: divisor,
  });
}

/** Every image from 0, its least number, to 1, its largest; one that is the same everywhere is 0. */
function stretched(builder: NetBuilder, at: string): string {
  const axes = builder.shape(at).map((_, axis) => axis);
  const end = (kind: 'max' | 'min') =>
    builder.add(`given.${kind}`, at, { op: 'reduce', kind, axes, keep: true });
  const least = end('min');
  const less = (name: string, from: string) =>
    builder.add(name, from, { op: 'binary', kind: 'subtract', other: least });
  const span = atLeast(builder, less('given.span', end('max')), 1e-6);
  const centred = less('given.above', at);
  return builder.add('given.stretched', centred, { op: 'binary', kind: 'divide', other: span });
}

/** Numbers that divide, none of them smaller than this. */
function atLeast(builder: NetBuilder, value: string, least: number): string {
  const shape = builder.shape(value).map(() => 1);
  const other = builder.literal('given.least', { shape, values: Float32Array.of(least) });
  return builder.add('given.divisor', value, { op: 'binary', kind: 'maximum', other });
}
