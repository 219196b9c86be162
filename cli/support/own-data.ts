import { existsSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { AnyValues } from '../../src/recipe/fields';
import { ROLES } from '../../src/recipe/own-data';
import type { OwnData, Role } from '../../src/recipe/own-data';
import { summaryOf } from '../../src/tasks/images/summary';
import { readData } from '../../src/upload/data/read';
import { decodeImage } from './decode';
import type { Given } from '../../src/upload/given';

/** The files at or below a path on disk, as they would be dropped on the page. */
export function givenIn(at: string): Given[] {
  if (!statSync(at).isDirectory()) return [givenFile(at, path.basename(at))];
  const top = path.basename(path.resolve(at));
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => givenFile(file, [top, ...path.relative(at, file).split(path.sep)].join('/')));
}

function givenFile(file: string, shown: string): Given {
  return {
    path: shown,
    size: statSync(file).size,
    async read(from, to) {
      const handle = await open(file);
      try {
        const bytes = new Uint8Array(Math.max(0, to - from));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

const read = new Map<string, Promise<OwnData>>();

/** The labelled images of a folder or file; read once, however many seeds there are. Null where there is none. */
export function ownData(
  at: string | undefined,
  progress: (what: string, share: number) => void,
): Promise<OwnData | null> {
  if (at === undefined || !existsSync(at)) return Promise.resolve(null);
  const found = read.get(at) ?? readData(givenIn(at), decodeImage, { progress });
  read.set(at, found);
  return found;
}

/** What a person should know of the images before a run: counts, splits, what was left out, what to think about. */
export function ownWords(own: OwnData, params: AnyValues): readonly string[] {
  const { classes, declared, seed, shape, remarks, warnings } = summaryOf(own, params);
  const total = (role: Role) => classes.reduce((sum, counts) => sum + counts[role], 0);
  const drawn = ROLES.filter((role) => role !== 'train' && !declared[role]);
  const counts = ROLES.map((role) => `${total(role).toLocaleString('en')} ${role}`).join(', ');
  return [
    `${own.title} (${own.format}): ${counts} images of ${classes.length} classes, seen as ${shape.join(' x ')}.`,
    ...(drawn.length > 0 ? [`Drawn from seed ${seed}: ${drawn.join(' and ')}.`] : []),
    ...remarks,
    ...warnings.map((warning) => `Note: ${warning}`),
  ];
}
