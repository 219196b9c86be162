import path from 'node:path';
import { UserError } from '../src/recipe/errors';
import type { Split } from '../src/tasks/contract';
import shapes from '../src/tasks/shapes';
import { main } from './support/main';
import { prepareFolder, writeWhole } from './support/result-file';

const USAGE = 'npm run records -- A|B|C FOLDER';
const PLANE = 32 * 32;

/** A split in CIFAR-10's record format: a label byte, then 1,024 red, green and blue bytes each. */
function records({ x, y, count }: Split): Uint8Array {
  const out = new Uint8Array(count * (1 + 3 * PLANE));
  for (let image = 0; image < count; image++) {
    const at = image * (1 + 3 * PLANE);
    out[at] = y[image] as number;
    for (let i = 0; i < 3 * PLANE; i++)
      out[at + 1 + i] = x[(image * PLANE + (i % PLANE)) * 3 + Math.floor(i / PLANE)] as number;
  }
  return out;
}

/** Writes the shapes task as train.bin and test.bin, which the PyTorch twin of the teacher's training reads. */
main(
  {
    what: 'Writes the shapes task as train.bin and test.bin, which the PyTorch twin of the teacher’s training reads.',
    usage: USAGE,
  },
  async ([preset, folder]) => {
    if (!preset || !['A', 'B', 'C'].includes(preset) || !folder)
      throw new UserError('E_USAGE', 'Give a preset (A, B or C) and a folder.', `Usage: ${USAGE}`);
    prepareFolder(folder);
    const data = await shapes.load(
      { preset },
      { trainCount: 12000, seed: undefined, sources: [], progress: () => undefined },
    );
    writeWhole(path.join(folder, 'train.bin'), records(data.train));
    writeWhole(path.join(folder, 'test.bin'), records(data.test));
    console.log(
      `${data.train.count} training and ${data.test.count} test images are in ${folder}.`,
    );
  },
);
