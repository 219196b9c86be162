import * as v from 'valibot';
import { UserError } from '../../recipe/errors';
import type { KeptData, OwnData } from '../../recipe/own-data';
import { refuse, shown } from '../refuse';
import { packOwn, unpackOwn } from './pack';

const FOLDER = 'own-images';
/** Says what is kept. It is written last, so that a file that was not finished counts for nothing. */
const INDEX = 'index.json';
const MOST_KEPT = 200;
const MOST_NAME = 80;

const number = v.pipe(v.number(), v.integer(), v.minValue(0));
const index = v.pipe(
  v.array(
    v.object({
      id: v.pipe(v.string(), v.regex(/^[0-9a-z]{1,20}$/)),
      name: v.pipe(v.string(), v.maxLength(2 * MOST_NAME)),
      count: number,
      classes: number,
      bytes: number,
      savedAt: number,
    }),
  ),
  v.maxLength(MOST_KEPT),
);

/** Own images in the browser's private file system: nothing leaves the computer, and nothing is kept unasked. */
export class OwnStore {
  private readonly root: () => Promise<FileSystemDirectoryHandle>;

  /** @param root the private file system; throws where there is none */
  constructor(root: () => Promise<FileSystemDirectoryHandle> = privateRoot) {
    this.root = root;
  }

  /** What is kept, the newest first. */
  list(): Promise<readonly KeptData[]> {
    return guarded(0, async () => this.entries(await this.folder()));
  }

  /** Keeps data under a name, in the place of what has that name. Returns all that is kept. */
  save(own: OwnData, name: string): Promise<readonly KeptData[]> {
    const called = shown(name.trim(), MOST_NAME) || own.title;
    const parts = packOwn(own);
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    return guarded(bytes, async () => {
      const folder = await this.folder();
      const before = await this.entries(folder);
      if (before.length >= MOST_KEPT)
        throw refuse(
          'E_STORE_FULL',
          `${MOST_KEPT} data sets are kept already.`,
          'Delete one first.',
        );
      const savedAt = Date.now();
      const used = new Set(before.map(({ id }) => id));
      let id = savedAt.toString(36);
      for (let i = 1; used.has(id); i += 1) id = (savedAt + i).toString(36);
      try {
        await write(folder, fileOf(id), parts);
      } catch (thrown) {
        await folder.removeEntry(fileOf(id)).catch(() => undefined);
        throw thrown;
      }
      const entry = {
        id,
        name: called,
        count: own.count,
        classes: own.classes.length,
        bytes,
        savedAt,
      };
      return this.replace(folder, [entry, ...before.filter((other) => other.name !== called)]);
    });
  }

  /** @throws UserError where there is no such entry, or it is damaged */
  load(id: string): Promise<OwnData> {
    return guarded(0, async () => {
      const folder = await this.folder();
      const entry = (await this.entries(folder)).find((other) => other.id === id);
      if (!entry)
        throw refuse('E_STORE_GONE', 'This is not kept any more.', 'Give its files again.');
      const file = await (await folder.getFileHandle(fileOf(id))).getFile();
      return unpackOwn(new Uint8Array(await file.arrayBuffer()), entry.name);
    });
  }

  /** Returns what is still kept. */
  remove(id: string): Promise<readonly KeptData[]> {
    return guarded(0, async () => {
      const folder = await this.folder();
      const before = await this.entries(folder);
      return this.replace(
        folder,
        before.filter((other) => other.id !== id),
      );
    });
  }

  private async folder(): Promise<FileSystemDirectoryHandle> {
    return (await this.root()).getDirectoryHandle(FOLDER, { create: true });
  }

  /** What the index says, as far as its files are there and whole. */
  private async entries(folder: FileSystemDirectoryHandle): Promise<readonly KeptData[]> {
    const text = await textOf(folder, INDEX);
    if (text === null) return [];
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return [];
    }
    const checked = v.safeParse(index, parsed);
    if (!checked.success) return [];
    const whole = await Promise.all(
      checked.output.map(async ({ id, bytes }) => (await sizeOf(folder, fileOf(id))) === bytes),
    );
    return checked.output.filter((_, i) => whole[i]);
  }

  /** Writes the index, then deletes every file that it does not name. */
  private async replace(
    folder: FileSystemDirectoryHandle,
    entries: readonly KeptData[],
  ): Promise<readonly KeptData[]> {
    await write(folder, INDEX, [new TextEncoder().encode(JSON.stringify(entries))]);
    const named = new Set([INDEX, ...entries.map(({ id }) => fileOf(id))]);
    const surplus: string[] = [];
    for await (const name of folder.keys()) if (!named.has(name)) surplus.push(name);
    for (const name of surplus) await folder.removeEntry(name).catch(() => undefined);
    return entries;
  }
}

const fileOf = (id: string) => `${id}.own`;

/** The browser's private file system. @throws UserError where there is none */
function privateRoot(): Promise<FileSystemDirectoryHandle> {
  const storage: StorageManager | undefined = globalThis.navigator?.storage;
  if (typeof storage?.getDirectory !== 'function') throw absent();
  return storage.getDirectory();
}

function absent(cause?: unknown): UserError {
  return refuse(
    'E_STORE_ABSENT',
    'This browser keeps no files for this page: it may be a private window, or the page came over plain http.',
    'Everything else works; give the files again after the page was closed.',
    cause,
  );
}

/** What Safari before 26 has instead of `createWritable`, in workers only. */
interface Older {
  createSyncAccessHandle?(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { readonly at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

/** Writes a file whole. A browser puts it in its place only when it is closed. */
async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const handle: FileSystemFileHandle & Older = await folder.getFileHandle(name, { create: true });
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  if (typeof handle.createWritable === 'function') {
    const stream = await handle.createWritable();
    try {
      for (const part of parts) await stream.write(part as Uint8Array<ArrayBuffer>);
      await stream.close();
    } catch (thrown) {
      await stream.abort().catch(() => undefined);
      throw thrown;
    }
  } else if (typeof handle.createSyncAccessHandle === 'function') {
    const access = await handle.createSyncAccessHandle();
    try {
      access.truncate(0);
      let at = 0;
      for (const part of parts) at += access.write(part, { at });
      access.flush();
    } finally {
      access.close();
    }
  } else throw absent();
  const written = (await handle.getFile()).size;
  if (written !== total) throw full(total);
}

async function textOf(folder: FileSystemDirectoryHandle, name: string): Promise<string | null> {
  try {
    return await (await (await folder.getFileHandle(name)).getFile()).text();
  } catch (thrown) {
    if ((thrown as Error).name === 'NotFoundError') return null;
    throw thrown;
  }
}

async function sizeOf(folder: FileSystemDirectoryHandle, name: string): Promise<number> {
  try {
    return (await (await folder.getFileHandle(name)).getFile()).size;
  } catch {
    return -1;
  }
}

function full(bytes: number, cause?: unknown): UserError {
  return refuse(
    'E_STORE_FULL',
    `There is no room to keep this: ${Math.ceil(bytes / 2 ** 20)} MB are needed.`,
    'Delete something that is kept, or free space on the disk; the images can be used all the same.',
    cause,
  );
}

/** Turns what a file system throws into words. Two pages of one browser take turns. */
async function guarded<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  try {
    return await (locks ? (locks.request(FOLDER, work) as Promise<T>) : work());
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    const { name } = thrown as Error;
    if (name === 'QuotaExceededError') throw full(bytes, thrown);
    if (name === 'SecurityError' || name === 'NotAllowedError') throw absent(thrown);
    throw refuse(
      'E_STORE',
      'The browser did not let its private files be read or written.',
      'Try again; if it stays so, clear the data that the browser keeps for this page.',
      thrown,
    );
  }
}
