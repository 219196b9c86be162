import type { OwnData } from '../../recipe/own-data';
import { openZip } from '../archive/zip';
import { head, take } from '../bytes';
import type { Given, Reading } from '../given';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import { assemble } from './assemble';
import type { Block } from './assemble';
import { BOUNDS } from './bounds';
import { partOf, roleOf } from './names';
import { npyHead, npyNumbers, npyTexts } from './npy';
import type { NpyHead } from './npy';
import { boundsOf, bytesOf, labelsOf, layoutOf, rangeOf } from './npy-images';
import { pairsOf } from './pairs';
import type { Half } from './pairs';

interface Stored extends Half {
  readonly file: Given;
  readonly head: NpyHead;
}

const HEAD = 1 << 15;

/** Reads .npy files and the arrays of .npz files: images and their labels. */
export async function readNumpy(
  title: string,
  files: readonly Given[],
  beside: readonly string[] | null,
  reading: Reading,
): Promise<OwnData> {
  const { arrays, others } = await arraysOf(files, reading);
  const remarks: string[] = [];
  const names = beside ?? (await namesAmong(arrays, others));
  const pairs = pairsOf(arrays, remarks);
  const bytes = pairs.flat().reduce((sum, { file }) => sum + file.size, 0);
  if (bytes > LIMITS.unpackedBytes)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `The arrays of ${title} hold ${Math.round(bytes / 2 ** 20)} MB; at most ${LIMITS.unpackedBytes / 2 ** 20} MB are read.`,
      'Save images as uint8, which takes a quarter of float32, or save fewer.',
    );
  const blocks: Block[] = [];
  for (const [images, labels] of pairs) {
    reading.progress(`Reading ${images.name}`, blocks.length / pairs.length);
    reading.signal?.throwIfAborted();
    const layout = layoutOf(images.head.shape, images.name);
    const pixels = layout.height * layout.width;
    if (layout.count > BOUNDS.images || layout.count * pixels * layout.channels > BOUNDS.pixelBytes)
      throw refuse(
        'E_UPLOAD_TOO_LARGE',
        `${images.name} holds ${layout.count.toLocaleString('en')} images of ${layout.width} x ${layout.height}, which is more than is allowed.`,
        'Save fewer or smaller images.',
      );
    const numbers = npyNumbers(await take(images.file, 0, images.file.size), images.head);
    const [low, high] = boundsOf(numbers, images.name);
    const range = rangeOf(low, high, images.name);
    if (range.remark && !remarks.includes(range.remark)) remarks.push(range.remark);
    const first = 'Channels stood before height and width; they were put last.';
    if (layout.first && layout.channels > 1 && !remarks.includes(first)) remarks.push(first);
    const file = await take(labels.file, 0, labels.file.size);
    const text = labels.head.kind === 'U' || labels.head.kind === 'S';
    blocks.push({
      name: images.name,
      role: roleOf(images.name) ?? roleOf(labels.name),
      count: layout.count,
      height: layout.height,
      width: layout.width,
      channels: layout.channels === 1 ? 1 : 3,
      pixels: bytesOf(numbers, layout, range),
      labels: text
        ? { kind: 'names', values: npyTexts(file, labels.head) }
        : labelsOf(npyNumbers(file, labels.head), labels.head.shape, labels.name),
    });
  }
  return assemble({ title, format: 'NumPy' }, blocks, names, remarks);
}

/** The arrays that may be images or labels, by name or else by shape, and the other ones. */
async function arraysOf(
  files: readonly Given[],
  reading: Reading,
): Promise<{ readonly arrays: readonly Stored[]; readonly others: readonly Stored[] }> {
  const arrays: Stored[] = [];
  const others: Stored[] = [];
  for (const file of files) {
    const inside = /\.npz$/i.test(file.path) ? await openZip(file, reading) : [file];
    for (const entry of inside) {
      if (!/\.npy$/i.test(entry.path)) continue;
      const name = shown(entry.path.slice(entry.path.lastIndexOf('/') + 1).replace(/\.npy$/i, ''));
      const about = npyHead(await head(entry, HEAD), name);
      const length = about.shape.reduce((product, n) => product * n, about.width);
      if (length !== entry.size - about.start)
        throw refuse(
          'E_UPLOAD_NPY',
          `${name} should hold ${about.shape.join(' x ')} values, which are ${length} bytes; it holds ${entry.size - about.start}.`,
          'The file is cut off or damaged: save or copy it again.',
        );
      const rank = about.shape.length;
      const text = about.kind === 'U' || about.kind === 'S';
      const part =
        text && rank === 1 ? 'labels' : (partOf(name) ?? (rank >= 3 ? 'images' : 'labels'));
      const array = { file: entry, head: about, name, part, count: about.shape[0] ?? 0 };
      const fits = part === 'images' ? rank >= 2 && !text : rank >= 1 && rank <= 2;
      (fits && length > 0 ? arrays : others).push(array);
    }
  }
  // A list of names that is as long as no set of images is one of the classes.
  const counts = new Set(arrays.filter(({ part }) => part === 'images').map(({ count }) => count));
  const isNames = ({ head: { kind }, count }: Stored) =>
    (kind === 'U' || kind === 'S') && !counts.has(count);
  return {
    arrays: arrays.filter((array) => !isNames(array)),
    others: [...others, ...arrays.filter(isNames)],
  };
}

/** Names of classes among arrays that are neither images nor labels. */
async function namesAmong(
  arrays: readonly Stored[],
  others: readonly Stored[],
): Promise<readonly string[] | null> {
  const found = others.find(
    ({ head: { kind, shape } }) => (kind === 'U' || kind === 'S') && shape.length === 1,
  );
  if (!found || found.count > BOUNDS.classes || arrays.length === 0) return null;
  return npyTexts(await take(found.file, 0, found.file.size), found.head);
}
