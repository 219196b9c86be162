import { UserError } from '../../src/recipe/errors';
import type { Decode } from '../../src/upload/data/decode';
import { decodePng } from '../../src/upload/data/png';

/** Decodes image files where there is no browser. */
export const decodeImage: Decode = async (bytes, kind) => {
  if (kind === 'png') return decodePng(bytes);
  throw new UserError(
    'E_UPLOAD_DECODER',
    `A ${kind === 'jpeg' ? 'JPEG' : 'WebP'} file is among the images, and only browsers decode these.`,
    'Open the page for that, or give PNG, .npz or IDX files.',
  );
};
