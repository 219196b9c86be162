import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/recipe/errors';
import { digestOf } from '../../src/upload/digest';
import type { ReadNetwork } from '../../src/upload/given';
import { givenIn } from './own-data';
import { readTeacherFiles } from './read-teacher';

/** Files that stand for a network, or are taken for one. */
const MODEL = /(^model\.json|\.(h5|hdf5|keras|onnx|safetensors|pt|pth|th|tflite|pb))$/i;

/** One network among what was given. */
export interface TeacherFiles {
  /** What reports call it: "folder/file". */
  readonly name: string;
  /** Files, or a folder. */
  readonly paths: readonly string[];
}

/** The networks at paths: each file is one; a folder with several model files holds several, one with one is read whole. */
export function teachersAt(paths: readonly string[]): TeacherFiles[] {
  return paths.flatMap((at) => {
    if (!existsSync(at))
      throw new UserError('E_USAGE', `There is no file or folder ${at}.`, 'Check the path.');
    const full = path.resolve(at);
    const short = (file: string) => `${path.basename(path.dirname(file))}/${path.basename(file)}`;
    if (!statSync(at).isDirectory()) return [{ name: short(full), paths: [at] }];
    const names = readdirSync(at, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
    const models = names.filter((name) => MODEL.test(name));
    const [only] = models;
    if (models.length < 2)
      return [{ name: only ? `${path.basename(full)}/${only}` : path.basename(full), paths: [at] }];
    const beside = names.filter((name) => !MODEL.test(name) && !name.endsWith('.json'));
    return models.map((name) => ({
      name: `${path.basename(full)}/${name}`,
      paths: [name, ...(/\.(json|onnx)$/.test(name) ? beside : [])].map((one) =>
        path.join(at, one),
      ),
    }));
  });
}

/** Reads a network and takes its files' digest. */
export async function readGiven(
  paths: readonly string[],
  progress: (what: string, share: number) => void,
): Promise<{ readonly network: ReadNetwork; readonly sha256: string }> {
  const network = await readTeacherFiles(paths, { progress });
  const files = paths.flatMap((at) => givenIn(at));
  return { network, sha256: await digestOf(files, { progress }) };
}
