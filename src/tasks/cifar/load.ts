import { UserError } from '../../recipe/errors';
import type { Citation } from '../../recipe/recipe';
import type { LoadContext, Split, TaskData } from '../contract';
import { readFiles } from './files';
import type { Records } from './records';
import { PIXELS } from './sets';
import type { CifarSet } from './sets';

/** Both data sets. */
export const KRIZHEVSKY: Citation = {
  authors: 'A. Krizhevsky',
  year: 2009,
  title: 'Learning Multiple Layers of Features from Tiny Images',
  venue: 'Technical report, University of Toronto',
  url: 'https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf',
};
export const LICENCE = 'No formal licence; the author asks to be cited.';

/** The last tenth of the training records, at most this many, is the validation split. */
const MOST_VALIDATION = 5000;
const FEWEST_TRAINING = 10;

/** How a task sees a data set: which of the label bytes is the class, the classes' names, and the normalisation. */
export interface View {
  readonly label: number;
  readonly classes: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Reads the context's sources and splits them: test is the test file, validation the last tenth of the training records
 * (at most 5,000), train the first `trainCount` of the rest, in the order of the files.
 */
export async function loadCifar(
  set: CifarSet,
  { label, classes, mean, std }: View,
  context: LoadContext,
): Promise<TaskData> {
  const { train, test } = await readFiles(set, context);
  const total = train.reduce((sum, part) => sum + part.count, 0);
  if (total < FEWEST_TRAINING)
    throw new UserError(
      'E_DATA_TOO_FEW',
      `The training files hold ${total} images; at least ${FEWEST_TRAINING} are needed.`,
      `Give the files of ${set.archive}.`,
    );
  const held = Math.min(MOST_VALIDATION, Math.floor(total / 10));
  const kept = {
    train: blank(0, Math.min(context.trainCount, total - held)),
    validation: blank(total - held, held),
    test: blank(0, test.count),
  };
  copy([test], label, [kept.test]);
  copy(train, label, [kept.train, kept.validation]);
  return {
    shape: [32, 32, 3],
    classes,
    ...kept,
    normalisation: { scale: 1 / 255, mean, std },
  };
}

interface Window extends Split {
  /** Row of the whole at which it begins. */
  readonly from: number;
}

function blank(from: number, count: number): Window {
  return { x: new Uint8Array(count * PIXELS), y: new Uint8Array(count), count, from };
}

/**
 * Copies the rows of files laid end to end into windows of the whole. Takes the files out of `parts`, so that each can
 * be let go once it is copied: the official set fills 150 MB.
 */
function copy(parts: Records[], label: number, windows: readonly Window[]): void {
  let start = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    for (const { x, y, count, from } of windows) {
      const first = Math.max(from - start, 0);
      const last = Math.min(from + count - start, part.count);
      if (first >= last) continue;
      x.set(part.pixels.subarray(first * PIXELS, last * PIXELS), (start + first - from) * PIXELS);
      y.set(part.labels[label]?.subarray(first, last) ?? [], start + first - from);
    }
    start += part.count;
  }
}
