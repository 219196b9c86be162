import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Source } from '../../src/tasks/contract';
import type { TeacherCard } from '../../src/recipe/recipe';
import { UserError } from '../../src/recipe/errors';
import type { Surroundings } from '../../src/train/prepare';
import type { ReadNetwork } from '../../src/upload/given';
import { ownData } from './own-data';

export const TEACHERS = 'public/teachers';
export const GENERATORS = 'public/generators';

/** A file on disk in the form that tasks read. */
function fileSource(file: string): Source {
  return {
    name: path.basename(file),
    size: statSync(file).size,
    stream: () => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
  };
}

/** The folders in which a task's files may lie, the first that exists wins. */
function folderOf(task: string, given: string | undefined): string | null {
  const shared = process.env['DATA_DIR'] ?? '../shared/data';
  const places = given
    ? [path.join(given, task), given]
    : [path.join('data', task), path.join(shared, task)];
  return places.find((place) => existsSync(place) && statSync(place).isDirectory()) ?? null;
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder)
    .filter((name) =>
      // Batches of CIFAR's Python version have no ending; the task says what they are.
      /(\.(bin|tar|tar\.gz|tgz)|-idx[13]-(ubyte|float)(\.gz)?|^(data_batch_\d|test_batch))$/.test(
        name,
      ),
    )
    .sort()
    .map((name) => fileSource(path.join(folder, name)));
}

/** The cards of the bundled teachers. */
export function readCards(): TeacherCard[] {
  const file = path.join(TEACHERS, 'cards.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TeacherCard[]) : [];
}

/**
 * What a run finds on a command line.
 *
 * @param data the folder given with --data @param networks those from files, by their digests
 */
export function surroundings(
  data: string | undefined,
  progress: (what: string, share: number) => void,
  networks: ReadonlyMap<string, ReadNetwork> = new Map(),
): Surroundings {
  return {
    uploaded: (sha256) => networks.get(sha256),
    cards: readCards(),
    progress,
    // Nothing else wants its turn here, but Ctrl-C does.
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    sources(task) {
      const folder = folderOf(task, data);
      return folder ? sourcesIn(folder) : [];
    },
    own: (task) => (task === 'images' ? ownData(data, progress) : Promise.resolve(null)),
    teacherFile(id) {
      const file = path.join(TEACHERS, `${id}.safetensors`);
      if (!existsSync(file))
        throw new UserError('E_TEACHER', `The teacher's file ${file} is missing.`);
      return Promise.resolve(new Uint8Array(readFileSync(file)));
    },
    generatorFile(name) {
      const file = path.join(GENERATORS, name);
      if (!existsSync(file))
        throw new UserError('E_GENERATOR', `The generator's file ${file} is missing.`);
      return Promise.resolve(new Uint8Array(readFileSync(file)));
    },
  };
}

/** The `lossless` column of a test set's index, where the folder has one; null where it does not. */
export function losslessRows(task: string, data: string | undefined): boolean[] | null {
  const folder = folderOf(task, data);
  const file = folder && path.join(folder, 'test_index.csv');
  if (!file || !existsSync(file)) return null;
  const [header = '', ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  const column = header.trim().split(',').indexOf('lossless');
  return column < 0 ? null : rows.map((row) => row.trim().split(',')[column] === '1');
}
