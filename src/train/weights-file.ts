import type { Weights } from '../models/net/draw';
import { readSafetensors } from '../models/net/safetensors';
import { UserError } from '../recipe/errors';

/**
 * The weights in a file that ships with the page, checked against its card.
 *
 * @param what the thing in a sentence: 'teacher "Small"'
 * @param code of the error where the file is another one
 */
export async function checkedWeights(
  card: { readonly id: string; readonly sha256: string },
  what: string,
  code: string,
  bytes: Uint8Array,
): Promise<Weights> {
  const found = await sha256(bytes);
  if (found !== null && found !== card.sha256)
    throw new UserError(
      code,
      `The ${what} is not the one its card describes (SHA-256 differs).`,
      'Load it again; if it stays so, the file is damaged where it comes from.',
    );
  const { tensors } = readSafetensors(bytes, `${card.id}.safetensors`);
  return new Map([...tensors].map(([name, { values }]) => [name, values]));
}

/** SHA-256 in hex; null on an insecure origin, where browsers have no crypto.subtle. */
async function sha256(bytes: Uint8Array): Promise<string | null> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (!subtle) return null;
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
