import { UserError } from '../../recipe/errors';
import type { AnyValues } from '../../recipe/fields';
import type { OwnData } from '../../recipe/own-data';
import type { LoadContext, Split, TaskData } from '../contract';
import { pauses } from '../support/pause';
import { firstAlike } from './copies';
import { Renderer } from './render';
import type { View } from './render';
import type { Fit } from './fit';
import { splitRows } from './split';
import type { Rows } from './split';

const FEWEST_TRAINING = 10;
const MOST_CLASSES = 256;

/** The channels and the side that a recipe's parameters ask for. */
export function viewOf(own: OwnData, params: AnyValues): View {
  const { channels, fit, size } = params;
  return {
    side: size as number,
    channels: channels === 'grey' ? 1 : channels === 'rgb' ? 3 : own.channels,
    fit: fit as Fit,
  };
}

/** Which image is equal to which: found once for each data set. */
const alike = new WeakMap<OwnData, Uint32Array>();

export function alikeIn(own: OwnData): Uint32Array {
  const found = alike.get(own) ?? firstAlike(own);
  alike.set(own, found);
  return found;
}

/** The rows of each split for a recipe's parameters. @throws UserError where no network could learn from them */
export function rowsOf(own: OwnData, params: AnyValues): Rows {
  const shown = new Set(own.labels).size;
  if (shown < 2)
    throw new UserError(
      'E_DATA_ONE_CLASS',
      shown === 0
        ? `${own.title} holds no images.`
        : `All images of ${own.title} are of one class, ${own.classes[own.labels[0] ?? 0] ?? ''}: there is nothing to tell apart.`,
      'Give at least two classes: a folder for each, or labels with at least two values.',
    );
  if (own.classes.length > MOST_CLASSES)
    throw new UserError(
      'E_DATA_CLASSES',
      `${own.title} has ${own.classes.length} classes; at most ${MOST_CLASSES} are possible.`,
      'Give fewer classes.',
    );
  const rows = splitRows(own, alikeIn(own), {
    seed: params.split as number,
    validation: params.validation as number,
    test: params.test as number,
  });
  const short = (['train', 'validation', 'test'] as const).find(
    (name) => rows[name].length < (name === 'train' ? FEWEST_TRAINING : 1),
  );
  if (short)
    throw new UserError(
      'E_DATA_TOO_FEW',
      `${own.title} holds ${own.count} images, which leaves ${rows[short].length} for the ${short === 'train' ? 'training' : short} split.`,
      `Give more images: at least ${FEWEST_TRAINING} to train with, and three of a class that is to be tested.`,
    );
  return rows;
}

/** The last data set that was made, by its parameters: preparing a run again costs nothing. */
const made = new WeakMap<OwnData, { readonly key: string; readonly data: TaskData }>();

/** Splits a person's images and brings them to one shape. */
export async function loadOwn(
  own: OwnData,
  params: AnyValues,
  context: LoadContext,
): Promise<TaskData> {
  const key = JSON.stringify(Object.entries(params).toSorted(([a], [b]) => a.localeCompare(b)));
  const before = made.get(own);
  if (before?.key === key) return before.data;
  const rows = rowsOf(own, params);
  const view = viewOf(own, params);
  const renderer = new Renderer(own, view);
  const pause = pauses(context.signal);
  let finished = 0;
  const split = async (name: keyof Rows) => {
    const done = await renderer.split(rows[name], async (i) => {
      context.progress('Resizing images', (finished + i) / own.count);
      await pause();
    });
    finished += rows[name].length;
    return done;
  };
  const train = await split('train');
  const data: TaskData = {
    shape: [view.side, view.side, view.channels],
    classes: own.classes,
    train,
    validation: await split('validation'),
    test: await split('test'),
    normalisation: { scale: 1 / 255, ...momentsOf(train, view.channels) },
  };
  context.progress('Resizing images', 1);
  made.set(own, { key, data });
  return data;
}

/** Mean and population standard deviation of each channel over a split's images, in 0..1. */
function momentsOf({ x }: Split, channels: number): { mean: number[]; std: number[] } {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < x.length; i += 1) {
    const c = i % channels;
    const value = (x[i] ?? 0) / 255;
    sums[c] = (sums[c] ?? 0) + value;
    squares[c] = (squares[c] ?? 0) + value * value;
  }
  const places = x.length / channels;
  const mean = Array.from(sums, (sum) => sum / places);
  // A channel that never changes has no spread to divide by.
  const std = Array.from(squares, (square, c) => {
    const variance = square / places - (mean[c] ?? 0) ** 2;
    return variance > 1e-8 ? Math.sqrt(variance) : 1;
  });
  return { mean, std };
}
