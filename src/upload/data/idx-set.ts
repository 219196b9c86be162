import type { OwnData } from '../../recipe/own-data';
import type { Given, Reading } from '../given';
import { baseOf } from '../names';
import { refuse, shown } from '../refuse';
import { assemble } from './assemble';
import type { Block } from './assemble';
import { headOf, readIdx, wholeNumbers } from './idx';
import type { IdxHead } from './idx';
import { roleOf } from './names';
import { pairsOf } from './pairs';
import type { Half } from './pairs';

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

/** Reads pairs of IDX files, images and labels. */
export async function readIdxSet(
  title: string,
  found: readonly IdxFile[],
  names: readonly string[] | null,
  reading: Reading,
): Promise<OwnData> {
  const remarks: string[] = [];
  const pairs = pairsOf(found, remarks);
  const total = pairs.flat().reduce((sum, { file }) => sum + file.size, 0);
  let from = 0;
  const read = async ({ file }: IdxFile) => {
    const idx = await readIdx(file, reading, { from: from / total, share: file.size / total });
    from += file.size;
    return idx;
  };
  const blocks: Block[] = [];
  for (const [images, labels] of pairs) {
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
