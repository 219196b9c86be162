import type { Margins } from '../../models/net/general';
import { Unfit } from './constant';

type Pair = readonly [number, number];

/** How a node of a network follows from the sides of the image that it reads, where a file says it so. */
export type SideRule =
  /** Margins that keep ceil(side / stride) places; an odd one stands behind, or before. */
  | { readonly kind: 'same'; readonly before: boolean }
  /** Windows that reach over the end; these are the margins that the file has. */
  | { readonly kind: 'ceil'; readonly margins: Margins }
  /** A resize to so many times the sides. */
  | { readonly kind: 'times'; readonly by: Pair }
  /** All pixels but these from each side: top, bottom, left, right. */
  | { readonly kind: 'cut'; readonly ends: Margins };

/** A kernel that slides over an image. */
export interface Sliding {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation?: Pair;
}

/** The margins with which a kernel that slides keeps ceil(side / stride) places ("same" in TensorFlow). */
export function sameMargins(
  sides: Pair,
  { kernel, stride, dilation = [1, 1] }: Sliding,
  before = false,
): Margins {
  const around = (i: 0 | 1): Pair => {
    const reach = (kernel[i] - 1) * dilation[i] + 1;
    const all = Math.max(0, (Math.ceil(sides[i] / stride[i]) - 1) * stride[i] + reach - sides[i]);
    return before
      ? [Math.ceil(all / 2), Math.floor(all / 2)]
      : [Math.floor(all / 2), Math.ceil(all / 2)];
  };
  return [...around(0), ...around(1)];
}

/**
 * The margins with which windows reach over the end where the last of them does not fit ("ceil mode"). A window that
 * would begin beyond the input and its leading margin is left out.
 */
export function ceilMargins(sides: Pair, size: Pair, stride: Pair, margins: Margins): Margins {
  const end = (i: 0 | 1) => {
    const [side, before, after] = [
      sides[i],
      margins[2 * i] as number,
      margins[2 * i + 1] as number,
    ];
    let count = Math.ceil((side + before + after - size[i]) / stride[i]) + 1;
    if ((count - 1) * stride[i] >= side + before) count -= 1;
    return Math.max(after, (count - 1) * stride[i] + size[i] - side - before);
  };
  return [margins[0], end(0), margins[2], end(1)];
}

type Grid = 'half-pixel' | 'align-corners' | 'asymmetric';

/**
 * Our grid that makes the same of one side as where a file says exactly which pixel each nearest one is, or null.
 *
 * @param nearest the file's pixel for each of the result
 */
function gridOf(from: number, to: number, nearest: (i: number) => number): Grid[] {
  const clip = (place: number) => Math.max(0, Math.min(from - 1, place));
  const ours: Record<Grid, (i: number) => number> = {
    'half-pixel': (i) => Math.floor(((i + 0.5) * from) / to),
    asymmetric: (i) => Math.floor((i * from) / to),
    'align-corners': (i) => Math.floor((to > 1 ? (i * (from - 1)) / (to - 1) : 0) + 0.5),
  };
  return (Object.keys(ours) as Grid[]).filter((grid) =>
    Array.from({ length: to }, (_, i) => i).every((i) => clip(ours[grid](i)) === clip(nearest(i))),
  );
}

/** The grid on which both sides have the file's nearest pixels. @throws Unfit where none of ours has */
export function nearestGrid(
  from: Pair,
  to: Pair,
  nearest: (i: number, from: number, to: number) => number,
): Grid {
  const fits = [0, 1].map((axis) => {
    const [a, b] = [from[axis] as number, to[axis] as number];
    return gridOf(a, b, (i) => nearest(i, a, b));
  });
  const both = fits[0]?.find((grid) => fits[1]?.includes(grid));
  if (!both) throw new Unfit('rounds to nearest pixels in a way that is not supported');
  return both;
}
