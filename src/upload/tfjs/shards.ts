import { listOf, textOf } from '../fields';
import type { Given } from '../given';
import { baseOf } from '../names';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);

/** The weight files that one group of a manifest names, in its order, matched by their base names; none is fetched. */
export function shardsOf(
  paths: unknown,
  file: Given,
  beside: readonly Given[],
): { readonly found: readonly Given[]; readonly missing: readonly string[] } {
  const names = listOf(paths).map((path) => nameOf(path, file));
  if (names.length > LIMITS.files)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${shown(file.path)} names ${names.length} weight files.`,
      'Convert the network anew.',
    );
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw refuse(
      'E_UPLOAD_SHARDS',
      `${shown(file.path)} names the weight file ${shown(twice)} twice.`,
      'Convert the network anew.',
    );
  const byName = new Map<string, Given[]>();
  for (const other of beside)
    if (other !== file && other.path !== file.path) {
      const base = baseOf(other.path);
      byName.set(base, [...(byName.get(base) ?? []), other]);
    }
  const found: Given[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const all = byName.get(name) ?? [];
    const near = all.filter(({ path }) => folderOf(path).startsWith(folderOf(file.path)));
    const fit = all.length === 1 ? all : near;
    if (fit.length > 1)
      throw refuse(
        'E_UPLOAD_SHARDS',
        `There are ${fit.length} files named ${shown(name)}, and ${shown(file.path)} does not say which it means.`,
        'Give the folder of one network only.',
      );
    if (fit[0]) found.push(fit[0]);
    else missing.push(name);
  }
  return { found, missing };
}

/** The base name of a path from a manifest. @throws UserError where the path leads anywhere but beside its file */
function nameOf(path: unknown, file: Given): string {
  const text = textOf(path);
  // TensorFlow.js itself writes "./model.weights.bin".
  const parts = text?.replace(/^\.\//, '').split('/') ?? [];
  const outside =
    text === null ||
    text.length > LIMITS.nameLength ||
    /[\\:%?#\p{Cc}]/u.test(text) ||
    parts.some((part) => part === '' || part === '.' || part === '..');
  if (outside)
    throw refuse(
      'E_UPLOAD_PATH',
      `${shown(file.path)} names the weight file ${shown(text ?? JSON.stringify(path) ?? 'undefined')}, which is not the name of a file beside it.`,
      'Put the weight files beside model.json, name them there by their file names, and give all of them.',
    );
  return baseOf(text as string);
}
