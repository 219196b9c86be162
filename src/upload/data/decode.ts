/** Kinds of image files that are decoded. */
export type ImageKind = 'png' | 'jpeg' | 'webp';

/** Pixels of one image file, [height, width, 4], colours not multiplied by alpha. */
export interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/** Decodes an image file: by the browser, or under Node by what there is. Throws where the file is damaged. */
export type Decode = (bytes: Uint8Array, kind: ImageKind) => Promise<Decoded>;
