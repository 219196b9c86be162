/** What image data may ask for, beside the limits of every file. */
export const BOUNDS = {
  /** Bytes of pixels held in memory at once. */
  pixelBytes: 384 * 1024 * 1024,
  images: 200_000,
  /** Pixels of one image file before it is decoded, and its sides. */
  imagePixels: 40_000_000,
  side: 16_384,
  imageBytes: 64 * 1024 * 1024,
  /** Images are kept with their shorter side at most so long: no task asks for more. */
  keptSide: 64,
  keptLong: 256,
  classes: 256,
  tableBytes: 64 * 1024 * 1024,
  /** Names in one sentence. */
  named: 5,
} as const;
