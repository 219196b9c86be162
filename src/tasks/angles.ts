import { UserError } from '../recipe/errors';
import { readTurned, SIDE } from './angles/files';
import type { Turned } from './angles/files';
import { defineTask } from './contract';
import type { Split } from './contract';

const BYTES = SIDE * SIDE;
const FEWEST = 20;
/** The last tenth of the training images, at most this many, is the validation split. */
const MOST_VALIDATION = 1000;

function part({ x, angles }: Turned, from: number, count: number): Split {
  return {
    x: x.subarray(from * BYTES, (from + count) * BYTES),
    y: new Uint8Array(),
    values: angles.subarray(from, from + count),
    count,
  };
}

/** Handwritten digits that were turned by known angles, from files that the user brings. */
export default defineTask({
  id: 'angles',
  title: 'Turned digits',
  oneLine: 'By how many degrees was a handwritten digit turned? From files that you bring.',
  kind: 'image',
  asks: 'values',
  params: {},
  cite: [
    {
      authors: 'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner',
      year: 1998,
      title: 'Gradient-Based Learning Applied to Document Recognition',
      venue: 'Proceedings of the IEEE 86(11), pp. 2278-2324 (the digits; not the turning)',
      url: 'https://doi.org/10.1109/5.726791',
    },
  ],
  licence: 'That of the digits that were turned; MNIST has no formal licence file.',
  source:
    'IDX files of images (28 x 28 bytes) and angles (float32, degrees): train-images-idx3-ubyte, train-angles-idx1-float, and the same for test.',
  needsFiles: true,
  transfer: { default: 1000, min: 50, max: 60_000 },

  async load(_, context) {
    const { train, test } = await readTurned(context);
    if (train.count < FEWEST)
      throw new UserError(
        'E_DATA_TOO_FEW',
        `The training file holds ${train.count} images; at least ${FEWEST} are needed.`,
        'Give a larger set.',
      );
    const held = Math.min(MOST_VALIDATION, Math.floor(train.count / 10));
    const rest = train.count - held;
    // All angles count, so that the unit does not depend on how many images the students get.
    const mean = train.angles.reduce((a, b) => a + b, 0) / train.count;
    const square = train.angles.reduce((sum, angle) => sum + (angle - mean) ** 2, 0);
    return {
      shape: [SIDE, SIDE, 1],
      classes: [],
      targets: {
        names: ['angle'],
        unit: '°',
        mean: [mean],
        std: [Math.sqrt(square / train.count) || 1],
      },
      train: part(train, 0, Math.min(context.trainCount, rest)),
      validation: part(train, rest, held),
      test: part(test, 0, test.count),
      normalisation: { scale: 1 / 255, mean: [0.13], std: [0.31] },
    };
  },
});
