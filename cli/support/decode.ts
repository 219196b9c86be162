import { UserError } from '../../src/recipe/errors';
import type { Decode } from '../../src/upload/data/decode';
import { decodeJpeg } from '../../src/upload/data/jpeg';
import { orientationOf, upright } from '../../src/upload/data/orientation';
import { decodePng } from '../../src/upload/data/png';

/** Decodes image files where there is no browser. */
export const decodeImage: Decode = async (bytes, kind) => {
  switch (kind) {
    case 'png':
      return decodePng(bytes);
    case 'jpeg':
      return upright(decodeJpeg(bytes), orientationOf(bytes));
    case 'webp':
      throw new UserError(
        'E_UPLOAD_DECODER',
        'A WebP file is among the images, and only browsers decode these.',
        'Open the page for that, or give PNG, JPEG, .npz or IDX files.',
      );
  }
};
