import { atan2, exp, log } from '../../recipe/elementary';

/**
 * A class of shapes: its signed field over local coordinates, u to the right and v downwards, negative inside and about
 * the distance to the outline near it. Shapes have a radius of about 1.
 */
interface Shape {
  readonly name: string;
  field(u: number, v: number): number;
}

// Math.hypot may differ between engines in its last bit.
const radius = (u: number, v: number): number => Math.sqrt(u * u + v * v);

/** The ten classes, in the order of their labels. */
export const SHAPES: readonly Shape[] = [
  { name: 'disc', field: (u, v) => radius(u, v) - 0.9 },
  { name: 'square', field: (u, v) => Math.max(Math.abs(u), Math.abs(v)) - 0.78 },
  {
    name: 'triangle',
    // Equilateral, a corner upwards, circumscribed radius 1.15.
    field: (u, v) => Math.max(v, (Math.sqrt(3) / 2) * Math.abs(u) - v / 2) - 1.15 / 2,
  },
  {
    name: 'star',
    field(u, v) {
      const turns = (atan2(u, -v) * 5) / (2 * Math.PI);
      const towardsTip = Math.abs(turns - Math.floor(turns) - 0.5) * 2;
      return radius(u, v) - (0.42 + 0.7 * exp(1.3 * log(towardsTip)));
    },
  },
  {
    name: 'cross',
    field(u, v) {
      const [a, b] = [Math.abs(u), Math.abs(v)];
      return Math.min(Math.max(a, 3 * b), Math.max(3 * a, b)) - 1;
    },
  },
  { name: 'ring', field: (u, v) => Math.abs(radius(u, v) - 0.75) - 0.22 },
  { name: 'half-disc', field: (u, v) => Math.max(radius(u, v) - 1.05, -v) },
  { name: 'ellipse', field: (u, v) => 0.6 * radius(u / 1.15, v / 0.5) - 0.6 },
  { name: 'crescent', field: (u, v) => Math.max(radius(u, v) - 1, 0.72 - radius(u - 0.5, v)) },
  { name: 'two dots', field: (u, v) => radius(Math.abs(u) - 0.62, v) - 0.45 },
];
