import type { OwnData } from '../../recipe/own-data';
import type { Given, Reading } from '../given';
import { refuse, shown } from '../refuse';
import { assemble } from './assemble';
import type { Block } from './assemble';
import { headOf, readIdx, wholeNumbers } from './idx';
import type { IdxHead } from './idx';
import { listOf, pairUp, roleOf } from './names';
import type { Half } from './names';

/** An IDX file whose head has been read. */
export interface IdxFile extends Half {
  readonly file: Given;
  readonly head: IdxHead;
}

/** Those files that are IDX files of images or labels. */
export async function idxFiles(
  files: readonly Given[],
  reading: Reading,
): Promise<readonly IdxFile[]> {
  const found: IdxFile[] = [];
  for (const file of files) {
    const head = await headOf(file, reading);
    if (!head) continue;
    const part = head.shape.length >= 3 ? 'images' : 'labels';
    found.push({ file, head, name: baseOf(file.path), part, count: head.shape[0] ?? 0 });
  }
  return found;
}

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Reads pairs of IDX files, images and labels. */
export async function readIdxSet(
  title: string,
  found: readonly IdxFile[],
  names: readonly string[] | null,
  reading: Reading,
): Promise<OwnData> {
  const { pairs, left } = pairUp(found);
  const alone = left.filter(({ part }) => part === 'images');
  if (pairs.length === 0 || alone.length > 0) {
    const missing = alone.length > 0 ? 'labels' : 'images';
    const which = listOf((alone.length > 0 ? alone : left).map(({ name }) => shown(name)));
    throw refuse(
      'E_UPLOAD_PAIR',
      `The ${missing} that belong to ${which} are missing.`,
      'Give images and labels together, such as train-images-idx3-ubyte and train-labels-idx1-ubyte.',
    );
  }
  const remarks = left.map(({ name }) => `${shown(name)} was left out: no images belong to it.`);
  const total = pairs.flat().reduce((sum, { file }) => sum + file.size, 0);
  let from = 0;
  const read = async ({ file }: IdxFile) => {
    const idx = await readIdx(file, reading, { from: from / total, share: file.size / total });
    from += file.size;
    return idx;
  };
  const blocks: Block[] = [];
  for (const [images, labels] of pairs) {
    if (images.count !== labels.count)
      throw refuse(
        'E_UPLOAD_PAIR',
        `${shown(images.name)} holds ${images.count.toLocaleString('en')} images and ${shown(labels.name)} ${labels.count.toLocaleString('en')} labels.`,
        'Give files that belong together.',
      );
    const { type, shape, bytes } = await read(images);
    const [count = 0, height = 0, width = 0, channels = 1] = shape;
    if (type !== 0x08 || (channels !== 1 && channels !== 3) || labels.head.shape.length !== 1)
      throw refuse(
        'E_UPLOAD_IDX',
        `${shown(images.name)} and ${shown(labels.name)} hold values of ${shape.join(' x ')} and ${labels.head.shape.join(' x ')}; images are needed as bytes, number x height x width, and one label for each.`,
        'Export them anew, as MNIST comes.',
      );
    const values = wholeNumbers(await read(labels), labels.name);
    const role = roleOf(images.name) ?? roleOf(labels.name);
    blocks.push({
      name: shown(images.name),
      role,
      count,
      height,
      width,
      channels,
      pixels: bytes,
      labels: { kind: 'numbers', values },
    });
  }
  return assemble({ title, format: 'IDX' }, blocks, names, remarks);
}
