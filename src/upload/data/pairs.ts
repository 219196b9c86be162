import { refuse, shown } from '../refuse';
import { listOf, roleOf, stemOf } from './names';

/** One array among several, before it is known what belongs together. */
export interface Half {
  readonly name: string;
  readonly part: 'images' | 'labels';
  readonly count: number;
}

/**
 * Pairs images with labels: by what their names have in common, else by being the only ones left of their count.
 * Returns what found no partner too.
 */
function pairUp<H extends Half>(
  halves: readonly H[],
): { readonly pairs: readonly (readonly [H, H])[]; readonly left: readonly H[] } {
  const left = new Set(halves);
  const pairs: [H, H][] = [];
  const match = (fits: (images: H, labels: H) => boolean) => {
    for (const images of halves) {
      if (images.part !== 'images' || !left.has(images)) continue;
      const found = [...left].filter((other) => other.part === 'labels' && fits(images, other));
      const [labels] = found;
      if (!labels || found.length > 1) continue;
      pairs.push([images, labels]);
      left.delete(images);
      left.delete(labels);
    }
  };
  match((a, b) => stemOf(a.name) === stemOf(b.name) && a.count === b.count);
  match((a, b) => stemOf(a.name) === stemOf(b.name));
  match((a, b) => roleOf(a.name) === roleOf(b.name) && a.count === b.count);
  match((a, b) => a.count === b.count);
  return { pairs, left: [...left] };
}

/**
 * The pairs of images and labels among arrays. What is left of labels is said in a remark.
 *
 * @throws UserError where images lack labels, where there are none, or where a pair's counts differ
 */
export function pairsOf<H extends Half>(
  halves: readonly H[],
  remarks: string[],
): readonly (readonly [H, H])[] {
  const { pairs, left } = pairUp(halves);
  const alone = left.filter(({ part }) => part === 'images');
  if (pairs.length === 0 || alone.length > 0) {
    const missing = alone.length > 0 ? 'labels' : 'images';
    const which = listOf((alone.length > 0 ? alone : left).map(({ name }) => shown(name)));
    throw refuse(
      'E_UPLOAD_PAIR',
      `The ${missing} that belong to ${which === '' ? 'these files' : which} are missing.`,
      'Give images and labels together, such as train-images-idx3-ubyte and train-labels-idx1-ubyte, or x_train and y_train in one .npz.',
    );
  }
  for (const [images, labels] of pairs)
    if (images.count !== labels.count)
      throw refuse(
        'E_UPLOAD_PAIR',
        `${shown(images.name)} holds ${images.count.toLocaleString('en')} images and ${shown(labels.name)} ${labels.count.toLocaleString('en')} labels.`,
        'Give files that belong together.',
      );
  for (const { name } of left) remarks.push(`${shown(name)} was left out: no images belong to it.`);
  return pairs;
}
