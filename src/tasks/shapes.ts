import { Random } from '../recipe/random';
import { defineTask } from './contract';
import type { LoadContext, Split } from './contract';
import { BYTES, NORMALISATION, SIDE, drawImage } from './shapes/draw';
import { SHAPES } from './shapes/fields';
import { LOOKS } from './shapes/looks';
import type { Look } from './shapes/looks';
import { pauses } from './support/pause';

const SEED = 1;
const MOST = 12_000;
const HELD_OUT = { validation: 1000, test: 3000 };

/**
 * The first `count` images of a split. Every image has a stream of its own, so that they are the first of any longer
 * generation too.
 */
async function draw(
  look: Look,
  seed: number,
  name: string,
  count: number,
  step: (done: number) => Promise<void>,
): Promise<Split> {
  const x = new Uint8Array(count * BYTES);
  const y = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    if (i % 16 === 0) await step(i);
    y[i] = drawImage(look, Random.from(seed, `shapes/${name}/${i}`), x, i * BYTES);
  }
  return { x, y, count };
}

/** Procedural colour images of ten simple shapes. */
export default defineTask({
  id: 'shapes',
  title: 'Shapes',
  oneLine: 'Small colour images of ten shapes, drawn from a seed: no file is needed.',
  kind: 'image',
  params: {
    preset: {
      kind: 'choice',
      label: 'Difficulty',
      help: 'How much the images vary: C is the easiest, in A shapes turn all the way round and may be darker.',
      default: 'B',
      options: [
        { value: 'A', label: 'A: hard' },
        { value: 'B', label: 'B: medium' },
        { value: 'C', label: 'C: easy' },
      ],
    },
  },
  cite: [],
  licence: 'Generated here; free of rights.',
  source: 'Drawn from a seed by this program.',
  needsFiles: false,
  transfer: { default: 1000, min: 50, max: MOST },

  async load(params, context: LoadContext) {
    const look = LOOKS[String(params.preset)];
    if (!look) throw new RangeError(`shapes has no preset ${String(params.preset)}`);
    const seed = context.seed ?? SEED;
    const trainCount = Math.min(context.trainCount, MOST);
    const total = trainCount + HELD_OUT.validation + HELD_OUT.test;
    const pause = pauses(context.signal);
    let finished = 0;
    const split = async (name: string, count: number) => {
      const done = await draw(look, seed, name, count, async (i) => {
        context.progress('Drawing images', (finished + i) / total);
        await pause();
      });
      finished += count;
      return done;
    };
    return {
      shape: [SIDE, SIDE, 3],
      classes: SHAPES.map((shape) => shape.name),
      train: await split('train', trainCount),
      validation: await split('validation', HELD_OUT.validation),
      test: await split('test', HELD_OUT.test),
      normalisation: NORMALISATION,
    };
  },
});
