import { Random } from '../../recipe/random';
import type { LoadContext, Split } from '../contract';
import { pauses } from './pause';

/** How many images each split of a drawn task has. */
export interface Counts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** Empty rows of a split, and how one of them is drawn. */
export interface Sheet {
  readonly split: Split;
  draw(random: Random, row: number): void;
}

/**
 * The three splits of a task whose images are drawn. Every image has a stream of its own, so that the first images of a
 * split are the first of any larger one too.
 *
 * @param task name of its streams @param sheet makes the rows of one split
 */
export async function drawSplits(
  task: string,
  seed: number,
  counts: Counts,
  context: LoadContext,
  sheet: (count: number) => Sheet,
): Promise<Record<keyof Counts, Split>> {
  const total = counts.train + counts.validation + counts.test;
  const pause = pauses(context.signal);
  let finished = 0;
  const drawn = async (name: keyof Counts): Promise<Split> => {
    const count = counts[name];
    const { split, draw } = sheet(count);
    for (let i = 0; i < count; i += 1) {
      if (i % 16 === 0) {
        context.progress('Drawing images', (finished + i) / total);
        await pause();
      }
      draw(Random.from(seed, `${task}/${name}/${i}`), i);
    }
    finished += count;
    return split;
  };
  return {
    train: await drawn('train'),
    validation: await drawn('validation'),
    test: await drawn('test'),
  };
}
