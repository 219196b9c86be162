import { sin } from '../recipe/elementary';
import { Random } from '../recipe/random';
import { defineTask } from './contract';
import type { Split } from './contract';

/** Inputs lie between -REACH and REACH. */
const REACH = 3;
const SEED = 1;

/** The curve itself: the mean of y at x. */
const middle = (x: number): number => sin(1.5 * x) + 0.2 * x;

/** Standard deviation of y at x for noise 1: it rises fivefold from left to right. */
const spread = (x: number): number => 0.2 + (0.8 * (x + REACH)) / (2 * REACH);

/** Points with x uniform and y normal around the curve, with a noise that grows from left to right. */
function points(count: number, noise: number, random: Random): Split {
  const x = new Float32Array(count);
  const values = new Float32Array(count);
  const doubt = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = random.range(-REACH, REACH);
    x[i] = at;
    doubt[i] = spread(at);
    values[i] = middle(at) + noise * spread(at) * random.normal();
  }
  return { x, y: new Uint8Array(), values, doubt, count };
}

/** A curve on a line, with noise that depends on x: regression that fits on the screen. */
export default defineTask({
  id: 'curve',
  title: 'Curve',
  oneLine: 'One number from another, with noise that grows from left to right.',
  kind: 'line',
  asks: 'values',
  params: {
    points: {
      kind: 'integer',
      label: 'Points',
      help: 'Training points, all of which the teacher learns from; students get the first of them.',
      default: 1000,
      min: 20,
      max: 5000,
      scale: 'log',
    },
    noise: {
      kind: 'number',
      label: 'Noise',
      help: 'Standard deviation of the noise at the right end; a fifth of it at the left end.',
      default: 0.4,
      min: 0.05,
      max: 1,
      step: 0.05,
    },
  },
  cite: [],
  licence: 'Generated here; free of rights.',
  source: 'Drawn from a seed by this program.',
  needsFiles: false,
  form: { shape: [1], outputs: 1 },
  transfer: { default: 40, min: 10, max: 5000 },

  async load(params, { seed = SEED, progress }) {
    const noise = params.noise as number;
    const split = (name: string, count: number) =>
      points(count, noise, Random.from(seed, `curve/${name}`));
    const data = {
      shape: [1],
      classes: [],
      targets: { names: ['y'], unit: '', mean: [0], std: [1] },
      train: split('train', params.points as number),
      validation: split('validation', 1000),
      test: split('test', 4000),
      // Of a uniform distribution.
      normalisation: { scale: 1, mean: [0], std: [REACH / Math.sqrt(3)] },
    };
    progress('Points drawn', 1);
    return data;
  },
});
