import { Random } from '../recipe/random';
import { defineTask } from './contract';
import type { LoadContext, Split } from './contract';
import { BYTES, drawEye, MOST_PITCH, MOST_YAW, SIDE } from './eyes/draw';
import { pauses } from './support/pause';

const SEED = 1;
const MOST = 10_000;
const HELD_OUT = { validation: 1000, test: 2000 };

/**
 * The first `count` images of a split. Every image has a stream of its own, so that they are the first of any longer
 * generation too.
 */
async function draw(
  seed: number,
  name: string,
  count: number,
  step: (done: number) => Promise<void>,
): Promise<Split> {
  const x = new Uint8Array(count * BYTES);
  const values = new Float32Array(2 * count);
  const doubt = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    if (i % 16 === 0) await step(i);
    const { pitch, yaw, closure } = drawEye(Random.from(seed, `eyes/${name}/${i}`), x, i * BYTES);
    values.set([pitch, yaw], 2 * i);
    doubt[i] = closure;
  }
  return { x, y: new Uint8Array(), values, doubt, count };
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
  transfer: { default: 500, min: 50, max: MOST },

  async load(params, context: LoadContext) {
    const seed = context.seed ?? SEED;
    const trainCount = Math.min(Math.max(context.trainCount, params.images as number), MOST);
    const total = trainCount + HELD_OUT.validation + HELD_OUT.test;
    const pause = pauses(context.signal);
    let finished = 0;
    const split = async (name: string, count: number) => {
      const done = await draw(seed, name, count, async (i) => {
        context.progress('Drawing images', (finished + i) / total);
        await pause();
      });
      finished += count;
      return done;
    };
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
      train: await split('train', trainCount),
      validation: await split('validation', HELD_OUT.validation),
      test: await split('test', HELD_OUT.test),
      normalisation: { scale: 1 / 255, mean: [0.6], std: [0.25] },
    };
  },
});
