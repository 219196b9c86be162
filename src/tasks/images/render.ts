import { UserError } from '../../recipe/errors';
import type { OwnData } from '../../recipe/own-data';
import type { Split } from '../contract';
import { startsOf } from './copies';
import { fitInto } from './fit';
import type { Fit } from './fit';

/** Bytes that all splits together may fill in memory. */
const MOST_BYTES = 384 * 1024 * 1024;

/** How images come to the shape that networks see. */
export interface View {
  readonly side: number;
  readonly channels: 1 | 3;
  readonly fit: Fit;
}

/** Makes splits of rows of the data, all images brought to one shape. */
export class Renderer {
  private readonly own: OwnData;
  private readonly view: View;
  private readonly starts: Float64Array;

  constructor(own: OwnData, view: View) {
    this.own = own;
    this.view = view;
    this.starts = startsOf(own);
    const bytes = own.count * view.side ** 2 * view.channels;
    if (bytes > MOST_BYTES)
      throw new UserError(
        'E_DATA_TOO_LARGE',
        `${own.count.toLocaleString('en')} images of ${view.side} x ${view.side} x ${view.channels} would fill ${Math.round(bytes / 2 ** 20)} MB; at most ${MOST_BYTES / 2 ** 20} MB are possible.`,
        'Choose a smaller side, or give fewer images.',
      );
  }

  /** @param step awaited now and then, told how many rows are done */
  async split(rows: Uint32Array, step: (done: number) => Promise<void>): Promise<Split> {
    const { side, channels } = this.view;
    const size = side * side * channels;
    const x = new Uint8Array(rows.length * size);
    for (let i = 0; i < rows.length; i += 1) {
      if (i % 64 === 0) await step(i);
      this.draw(rows[i] ?? 0, x, i * size);
    }
    const y = Uint8Array.from(rows, (row) => this.own.labels[row] ?? 0);
    return { x, y, count: rows.length };
  }

  /** Draws one image into zeros. */
  draw(row: number, into: Uint8Array, offset: number): void {
    const { own, view } = this;
    const [height = 0, width = 0] = [own.sizes[2 * row], own.sizes[2 * row + 1]];
    const start = this.starts[row] ?? 0;
    const pixels = recoloured(
      own.pixels.subarray(start, start + height * width * own.channels),
      own.channels,
      view.channels,
    );
    const { side, channels, fit } = view;
    fitInto(
      { pixels, offset: 0, stride: width * channels, height, width },
      { pixels: into, offset, stride: side * channels, height: side, width: side },
      channels,
      fit,
    );
  }
}

/** Pixels in other channels: grey three times, or the luma of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B). */
function recoloured(pixels: Uint8Array, from: 1 | 3, to: 1 | 3): Uint8Array {
  if (from === to) return pixels;
  if (from === 1)
    return Uint8Array.from({ length: pixels.length * 3 }, (_, i) => pixels[Math.floor(i / 3)] ?? 0);
  return Uint8Array.from({ length: pixels.length / 3 }, (_, i) =>
    Math.round(
      0.299 * (pixels[3 * i] ?? 0) +
        0.587 * (pixels[3 * i + 1] ?? 0) +
        0.114 * (pixels[3 * i + 2] ?? 0),
    ),
  );
}
