import { defineTask } from './contract';
import type { LoadContext } from './contract';
import { BYTES, drawEye, MOST_PITCH, MOST_YAW, SIDE } from './eyes/draw';
import { drawSplits } from './support/drawn';
import type { Sheet } from './support/drawn';

const SEED = 1;
const MOST = 10_000;
const HELD_OUT = { validation: 1000, test: 2000 };

/** Rows for images with their two angles and how far the lid is down. */
function sheet(count: number): Sheet {
  const x = new Uint8Array(count * BYTES);
  const values = new Float32Array(2 * count);
  const doubt = new Float32Array(count);
  return {
    split: { x, y: new Uint8Array(), values, doubt, count },
    draw(random, row) {
      const { pitch, yaw, closure } = drawEye(random, x, row * BYTES);
      values.set([pitch, yaw], 2 * row);
      doubt[row] = closure;
    },
  };
}

/** Procedural grey images of an eye; the two angles of its gaze are asked for. */
export default defineTask({
  id: 'eyes',
  title: 'Eyes',
  oneLine: 'Drawn eyes: where do they look? A lid that comes down hides the answer.',
  kind: 'image',
  asks: 'values',
  params: {
    images: {
      kind: 'integer',
      label: 'Images',
      help: 'Training images, all of which a teacher of the run learns from; students get the first of them.',
      default: 3000,
      min: 50,
      max: MOST,
      scale: 'log',
    },
  },
  cite: [],
  licence: 'Generated here; free of rights.',
  source: 'Drawn from a seed by this program.',
  needsFiles: false,
  form: { shape: [32, 32, 1], outputs: 2 },
  transfer: { default: 500, min: 50, max: MOST },

  async load(params, context: LoadContext) {
    const seed = context.seed ?? SEED;
    const train = Math.min(Math.max(context.trainCount, params.images as number), MOST);
    const counts = { train, ...HELD_OUT };
    return {
      shape: [SIDE, SIDE, 1],
      classes: [],
      targets: {
        names: ['pitch', 'yaw'],
        unit: '°',
        mean: [0, 0],
        // Of uniform distributions.
        std: [MOST_PITCH / Math.sqrt(3), MOST_YAW / Math.sqrt(3)],
        angular: true,
      },
      ...(await drawSplits('eyes', seed, counts, context, sheet)),
      normalisation: { scale: 1 / 255, mean: [0.6], std: [0.25] },
    };
  },
});
