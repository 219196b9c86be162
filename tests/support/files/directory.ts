/** What can go wrong with the fake file system. */
export interface Faults {
  /** Bytes that all files together may hold. */
  quota?: number;
  /** Thrown by every write. */
  broken?: Error;
  /** Writes keep only so many bytes of a file, without a word. */
  cut?: number;
}

/** A private file system in memory: one folder of folders and files, as far as the store uses it. */
export function fakeRoot(faults: Faults = {}) {
  const folders = new Map<string, Map<string, Uint8Array>>();
  const used = () =>
    [...folders.values()].reduce(
      (sum, files) => [...files.values()].reduce((all, { length }) => all + length, sum),
      0,
    );
  const missing = () => new DOMException('it is not there', 'NotFoundError');
  const fileHandle = (files: Map<string, Uint8Array>, name: string) => ({
    getFile: () => {
      const bytes = files.get(name);
      return bytes
        ? Promise.resolve(new File([bytes as BlobPart], name))
        : Promise.reject(missing());
    },
    createWritable: () => {
      const parts: Uint8Array[] = [];
      return Promise.resolve({
        write(part: Uint8Array) {
          if (faults.broken) return Promise.reject(faults.broken);
          parts.push(part.slice());
          const more = parts.reduce((sum, { length }) => sum + length, 0);
          if (used() + more > (faults.quota ?? Infinity))
            return Promise.reject(new DOMException('no room', 'QuotaExceededError'));
          return Promise.resolve();
        },
        close() {
          const whole = new Uint8Array(Buffer.concat(parts));
          files.set(name, whole.slice(0, faults.cut));
          return Promise.resolve();
        },
        abort: () => Promise.resolve(),
      });
    },
  });
  const folderHandle = (files: Map<string, Uint8Array>) => ({
    getFileHandle(name: string, { create = false } = {}) {
      if (!files.has(name)) {
        if (!create) return Promise.reject(missing());
        files.set(name, new Uint8Array());
      }
      return Promise.resolve(fileHandle(files, name));
    },
    removeEntry: (name: string) =>
      files.delete(name) ? Promise.resolve() : Promise.reject(missing()),
    async *keys() {
      await Promise.resolve();
      yield* files.keys();
    },
  });
  const root = {
    getDirectoryHandle(name: string) {
      const files = folders.get(name) ?? new Map<string, Uint8Array>();
      folders.set(name, files);
      return Promise.resolve(folderHandle(files));
    },
  };
  return {
    root: () => Promise.resolve(root as unknown as FileSystemDirectoryHandle),
    /** The files of the one folder. */
    files: () => [...folders.values()][0] ?? new Map<string, Uint8Array>(),
    faults,
  };
}
