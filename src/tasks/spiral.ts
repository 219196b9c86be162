import { cos, sin } from '../recipe/elementary';
import { Random } from '../recipe/random';
import { defineTask } from './contract';
import type { Split } from './contract';

const ARMS = 3;
/** Radians that an arm turns from the centre to the rim. */
const TURN = 4.2;
/** Distance of the rim from the centre. */
const RADIUS = 2;
const SEED = 1;

/**
 * Points on three spiral arms: radius r with r^2 uniform on [0.02, 1], angle 4.2 r + 2 pi k / 3 for arm k, scaled by 2,
 * plus normal noise on each coordinate. Rows take the arms in turn, so that every prefix is balanced.
 */
function arms(count: number, noise: number, random: Random): Split {
  const x = new Float32Array(count * 2);
  const y = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const arm = i % ARMS;
    const r = Math.sqrt(random.range(0.02, 1));
    const angle = TURN * r + (2 * Math.PI * arm) / ARMS;
    x[2 * i] = RADIUS * r * cos(angle) + noise * random.normal();
    x[2 * i + 1] = RADIUS * r * sin(angle) + noise * random.normal();
    y[i] = arm;
  }
  return { x, y, count };
}

/** The three-armed spiral on the plane. */
export default defineTask({
  id: 'spiral',
  title: 'Spiral',
  oneLine: 'Points on three spiral arms: the whole input space fits on the screen.',
  kind: 'plane',
  params: {
    points: {
      kind: 'integer',
      label: 'Points',
      help: 'Training points; with more of them there is less left for sampled points to add.',
      default: 90,
      min: 30,
      max: 1000,
      scale: 'log',
    },
    noise: {
      kind: 'number',
      label: 'Noise',
      help: 'Standard deviation of the noise on each coordinate; larger values make the arms overlap.',
      default: 0.16,
      min: 0,
      max: 0.5,
      step: 0.01,
    },
  },
  cite: [],
  licence: 'Generated here; free of rights.',
  source: 'Drawn from a seed by this program.',
  needsFiles: false,
  form: { shape: [2], outputs: 3 },
  transfer: { default: 90, min: 30, max: 1000 },

  async load(params, { seed = SEED, progress }) {
    const noise = params.noise as number;
    const split = (name: string, count: number) =>
      arms(count, noise, Random.from(seed, `spiral/${name}`));
    const data = {
      shape: [2],
      classes: ['arm 1', 'arm 2', 'arm 3'],
      train: split('train', params.points as number),
      validation: split('validation', 1000),
      test: split('test', 6000),
      normalisation: { scale: 1, mean: [0, 0], std: [1, 1] },
    };
    progress('Points drawn', 1);
    return data;
  },
});
