import { shown } from './refuse';

/** A file's name without its folders. */
export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A model file's name without folders and the ending of its kind. */
export const stemOf = (path: string): string =>
  baseOf(path).replace(/\.(json|h5|hdf5|keras|onnx|safetensors|pth?|th|ckpt|bin)$/i, '');

/**
 * What a network is called: its file's name; that of its folder or archive where the file has the name that all have.
 *
 * @param archive path of the archive that it lies in; null where it lies in none
 */
export function titleOf(path: string, archive: string | null = null): string {
  const stem = stemOf(path);
  if (stem !== 'model') return shown(stem) || 'network';
  const folder = path.split('/').at(-2);
  const around = archive === null ? null : baseOf(archive).replace(/\.zip$/i, '');
  return shown(folder ?? around ?? stem);
}
