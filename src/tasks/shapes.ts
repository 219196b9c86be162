import { defineTask } from './contract';
import type { LoadContext } from './contract';
import { BYTES, NORMALISATION, SIDE, drawImage } from './shapes/draw';
import { SHAPES } from './shapes/fields';
import { LOOKS } from './shapes/looks';
import type { Look } from './shapes/looks';
import { drawSplits } from './support/drawn';
import type { Sheet } from './support/drawn';

const SEED = 1;
const MOST = 12_000;
const HELD_OUT = { validation: 1000, test: 3000 };

/** Rows for images with their class. */
function sheetOf(look: Look, count: number): Sheet {
  const x = new Uint8Array(count * BYTES);
  const y = new Uint8Array(count);
  return {
    split: { x, y, count },
    draw(random, row) {
      y[row] = drawImage(look, random, x, row * BYTES);
    },
  };
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
  form: { shape: [32, 32, 3], outputs: 10 },
  transfer: { default: 1000, min: 50, max: MOST },
  rectangle: 'square',

  async load(params, context: LoadContext) {
    const look = LOOKS[String(params.preset)];
    if (!look) throw new RangeError(`shapes has no preset ${String(params.preset)}`);
    const seed = context.seed ?? SEED;
    const counts = { train: Math.min(context.trainCount, MOST), ...HELD_OUT };
    const sheet = (count: number) => sheetOf(look, count);
    return {
      shape: [SIDE, SIDE, 3],
      classes: SHAPES.map((shape) => shape.name),
      ...(await drawSplits('shapes', seed, counts, context, sheet)),
      normalisation: NORMALISATION,
    };
  },
});
