import type { PlaneGrid } from '../../worker/protocol';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** The picture of a network's answers is made at least this wide, between the grid's values by interpolation. */
const SIDE = 128;

/**
 * What a network answers on the plane, as pixels: hue by the likeliest class, strength by how much likelier it is than
 * chance. Row 0 is the top.
 *
 * @param classColours one for each class, used again from the start when there are more classes
 * @returns RGBA, side * side * 4
 */
export function paintPlane(
  grid: PlaneGrid,
  classColours: readonly Colour[],
  paper: Colour,
): { readonly side: number; readonly pixels: Uint8ClampedArray } {
  const side = Math.max(SIDE, grid.side);
  const classes = Math.round(grid.probabilities.length / grid.side ** 2);
  const pixels = new Uint8ClampedArray(side * side * 4);
  const wide = new Float32Array(grid.side * classes);
  // The grid's values are those at the centres of its cells.
  const placeOf = (pixel: number) =>
    Math.min(Math.max(((pixel + 0.5) / side) * grid.side - 0.5, 0), grid.side - 1);
  for (let row = 0; row < side; row += 1) {
    blendRows(grid, classes, placeOf(row), wide);
    for (let column = 0; column < side; column += 1) {
      const at = placeOf(column);
      const left = Math.floor(at) * classes;
      const right = Math.min(left + classes, wide.length - classes);
      const part = at - Math.floor(at);
      let best = 0;
      let most = -1;
      for (let k = 0; k < classes; k += 1) {
        const from = wide[left + k] ?? 0;
        const value = from + ((wide[right + k] ?? 0) - from) * part;
        if (value <= most) continue;
        best = k;
        most = value;
      }
      const sure = Math.max(0, (most - 1 / classes) / (1 - 1 / classes));
      const colour = classColours[best % classColours.length] ?? paper;
      const place = (row * side + column) * 4;
      pixels[place] = paper[0] + (colour[0] - paper[0]) * sure;
      pixels[place + 1] = paper[1] + (colour[1] - paper[1]) * sure;
      pixels[place + 2] = paper[2] + (colour[2] - paper[2]) * sure;
      pixels[place + 3] = 255;
    }
  }
  return { side, pixels };
}

/** The grid's probabilities at a height between two of its rows, into `out`: columns times classes. */
function blendRows(
  { side, probabilities }: PlaneGrid,
  classes: number,
  row: number,
  out: Float32Array,
): void {
  const top = Math.min(Math.floor(row), side - 1);
  const upper = top * side * classes;
  const lower = Math.min(top + 1, side - 1) * side * classes;
  const part = row - top;
  for (let at = 0; at < out.length; at += 1) {
    const from = probabilities[upper + at] ?? 0;
    out[at] = from + ((probabilities[lower + at] ?? 0) - from) * part;
  }
}

/** "#1b1d22" -> [27, 29, 34], "#fff" -> [255, 255, 255] (what minifying makes of it); anything else is black. */
export function parseColour(text: string): Colour {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1] ?? '000';
  const width = digits.length / 3;
  const part = (at: number) => {
    const found = digits.slice(at * width, (at + 1) * width);
    return Number.parseInt(width === 1 ? found + found : found, 16);
  };
  return [part(0), part(1), part(2)];
}
