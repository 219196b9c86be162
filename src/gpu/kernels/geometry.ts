/** A convolution's numbers, NHWC with filters [kernelHeight, kernelWidth, inChannels, outChannels], no dilation. */
export interface ConvGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** The geometry of a convolution with equal sides and `pad` zeros around. @param input [n, h, w, c] */
export function squareGeometry(
  input: readonly number[],
  filters: number,
  kernel: number,
  stride: number,
  pad: number,
): ConvGeometry {
  const [batch, inHeight, inWidth, inChannels] = input as [number, number, number, number];
  const side = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight: side(inHeight),
    outWidth: side(inWidth),
    outChannels: filters,
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideHeight: stride,
    strideWidth: stride,
    padTop: pad,
    padLeft: pad,
  };
}

/** Channels that one invocation computes: they lie `lanes` apart, so that neighbours read neighbouring addresses. */
export interface Lanes {
  readonly each: number;
  readonly lanes: number;
  /** True where the last invocation's channels may lie outside. */
  readonly ragged: boolean;
}

/** Splits channels over invocations, up to `most` for one. */
export function lanesOf(channels: number, most = 4): Lanes {
  const each = Math.min(most, channels);
  const lanes = Math.ceil(channels / each);
  return { each, lanes, ragged: lanes * each !== channels };
}

/**
 * Pixels of a row that one invocation computes, a multiple of `unit`: the more, the more often a loaded value is used,
 * unless the row is short.
 */
export function rowTile(width: number, unit = 1): number {
  const cost = (tile: number) => Math.ceil(width / tile) * (tile + 2);
  const tiles = [8, 4, 2, 1].map((tile) => Math.max(unit, Math.ceil(tile / unit) * unit));
  return tiles.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}
