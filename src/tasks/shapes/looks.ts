/** What the images of a preset look like. Lengths in pixels, colours in 0..1. */
export interface Look {
  /** Range of the shape's radius. */
  readonly scale: readonly [number, number];
  /** The centre moves by at most this much from the image's, each way. */
  readonly jitter: number;
  /** Strength of the two textures. */
  readonly texture: number;
  /** Distance of the shape's colour from the background's: from this to twice this. */
  readonly contrast: number;
  /** Probability of a bar across the image, and the range of its width. */
  readonly bar: number;
  readonly barWidth: readonly [number, number];
  /** Standard deviation of the noise on every value. */
  readonly noise: number;
  /** Turned by at most this much, in radians, each way. */
  readonly rotation: number;
  /** True: the shape is always lighter than the background. */
  readonly bright: boolean;
}

const A: Look = {
  scale: [7.5, 12],
  jitter: 3,
  texture: 0.35,
  contrast: 0.5,
  bar: 0.4,
  barWidth: [2, 5],
  noise: 0.08,
  rotation: Math.PI,
  bright: false,
};

/** The presets, hardest first. */
export const LOOKS: Readonly<Record<string, Look>> = {
  A,
  B: { ...A, rotation: 0.4, bright: true },
  C: {
    ...A,
    scale: [8, 12],
    jitter: 2.5,
    texture: 0.25,
    bar: 0.3,
    barWidth: [2, 4],
    rotation: 0.3,
    bright: true,
  },
};
