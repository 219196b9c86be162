import type { OwnData } from '../../recipe/own-data';
import type { Rows } from './split';

/** Classes with fewer images than this are named. */
const FEW = 10;
/** The largest class over the smallest one, beyond which it is said. */
const UNEVEN = 10;
const MANY_CLASSES = 100;
/** Names in one sentence. */
const NAMED = 5;

const plural = (n: number, one: string, more = `${one}s`) =>
  `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

/** A few names, and how many more there are. */
function list(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * What a person should think about before training on these data, a sentence each.
 *
 * @param first for each image the first one that is equal to it
 */
export function warningsOf(own: OwnData, rows: Rows, first: Uint32Array): readonly string[] {
  return [...aboutClasses(own, rows), ...aboutCopies(own, rows, first)];
}

function aboutClasses(own: OwnData, rows: Rows): string[] {
  const counts = countsOf(own, own.labels);
  const names = (wanted: (n: number) => boolean, of = counts) =>
    own.classes.filter((_, label) => wanted(of[label] ?? 0));
  const said: string[] = [];
  const empty = names((n) => n === 0);
  if (empty.length > 0) said.push(`There is no image of ${list(empty)}.`);
  const few = names((n) => n > 0 && n < FEW);
  if (few.length > 0)
    said.push(
      `${plural(few.length, 'class', 'classes')} with fewer than ${FEW} images: ${list(few)}. Figures of such a class say little.`,
    );
  const present = counts.filter((n) => n > 0);
  const [most, fewest] = [Math.max(...present), Math.min(...present)];
  if (most > UNEVEN * fewest) {
    const name = (n: number) => own.classes[counts.indexOf(n)] ?? '';
    said.push(
      `The classes are uneven: ${most.toLocaleString('en')} images of ${name(most)}, ${fewest.toLocaleString('en')} of ${name(fewest)}. A network may well ignore the small ones; accuracy alone does not show it.`,
    );
  }
  if (own.classes.length > MANY_CLASSES)
    said.push(
      `There are ${own.classes.length} classes; small networks learn so many slowly, and few images are left for each.`,
    );
  const taught = countsOf(own, labelsOf(own, rows.train));
  const untaught = names((n) => n === 0, taught).filter((name) => !empty.includes(name));
  if (untaught.length > 0)
    said.push(`No training image shows ${list(untaught)}, so it cannot be learnt.`);
  const tested = countsOf(own, labelsOf(own, rows.test));
  const untested = names((n) => n === 0, tested).filter((name) => !empty.includes(name));
  if (untested.length > 0)
    said.push(`No test image shows ${list(untested)}, so the test figures leave it out.`);
  return said;
}

function aboutCopies(own: OwnData, rows: Rows, first: Uint32Array): string[] {
  const said: string[] = [];
  const copies = first.reduce((sum, at, i) => sum + (at === i ? 0 : 1), 0);
  if (copies === 0) return said;
  const trained = new Set(Array.from(rows.train, (i) => first[i]));
  for (const name of ['validation', 'test'] as const) {
    const shared = rows[name].reduce((sum, i) => sum + (trained.has(first[i]) ? 1 : 0), 0);
    if (shared > 0)
      said.push(
        `${plural(shared, `${name} image`)} of ${rows[name].length.toLocaleString('en')} can also be found among the training images, pixel for pixel: ${name} figures will look better than they are.`,
      );
  }
  if (said.length === 0)
    said.push(
      `${plural(copies, 'image')} ${copies === 1 ? 'is an exact copy of another' : 'are exact copies of others'}; copies were kept within one split.`,
    );
  const torn = first.findIndex((at, i) => own.labels[at] !== own.labels[i]);
  if (torn >= 0) {
    const count = first.reduce((sum, at, i) => sum + (own.labels[at] === own.labels[i] ? 0 : 1), 0);
    const name = (i: number) => own.classes[own.labels[i] ?? 0] ?? '';
    said.push(
      `${plural(count, 'copy', 'copies')} of an image ${count === 1 ? 'has' : 'have'} another label than the image, such as ${name(torn)} and ${name(first[torn] ?? 0)}.`,
    );
  }
  return said;
}

/** The labels of some images. */
export function labelsOf(own: OwnData, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => own.labels[row] ?? 0);
}

/** How often each class is among labels. */
export function countsOf({ classes }: OwnData, labels: Uint8Array): readonly number[] {
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
