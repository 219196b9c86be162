import type { PlaneGrid } from '../../worker/protocol';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** The picture of a network's answers is made at least this wide, between the grid's values by interpolation. */
const SIDE = 160;

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
  const at = new Float32Array(classes);
  const scale = grid.side > 1 ? (grid.side - 1) / (side - 1) : 0;
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      blend(grid, classes, row * scale, column * scale, at);
      const best = at.indexOf(Math.max(...at));
      const sure = Math.max(0, ((at[best] ?? 0) - 1 / classes) / (1 - 1 / classes));
      const colour = classColours[best % classColours.length] ?? paper;
      const place = (row * side + column) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        const from = paper[channel] ?? 0;
        pixels[place + channel] = from + ((colour[channel] ?? 0) - from) * sure;
      }
      pixels[place + 3] = 255;
    }
  }
  return { side, pixels };
}

/** Probabilities between the four grid values around a place, into `out`. */
function blend(
  { side, probabilities }: PlaneGrid,
  classes: number,
  row: number,
  column: number,
  out: Float32Array,
): void {
  const top = Math.min(Math.floor(row), side - 1);
  const left = Math.min(Math.floor(column), side - 1);
  const bottom = Math.min(top + 1, side - 1);
  const right = Math.min(left + 1, side - 1);
  const v = row - top;
  const u = column - left;
  for (let k = 0; k < classes; k += 1) {
    const value = (r: number, c: number) => probabilities[(r * side + c) * classes + k] ?? 0;
    const upper = value(top, left) * (1 - u) + value(top, right) * u;
    const lower = value(bottom, left) * (1 - u) + value(bottom, right) * u;
    out[k] = upper * (1 - v) + lower * v;
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
