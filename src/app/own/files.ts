/** Files that a person chose or dropped, and what they seem to be; the readers say what they are. */

/** A file with its path within what was given: "model/model.json". */
export interface Chosen {
  readonly path: string;
  readonly blob: File;
}

/** More files than any reader takes: walking a folder ends there, and the reader says that it is too much. */
const MOST_FILES = 100_001;
const DEEPEST = 32;

/** Files of a file field; those of a chosen folder say their path within it. */
export function chosenFiles(files: Iterable<File> | null): readonly Chosen[] {
  return [...(files ?? [])].map((blob) => ({ path: blob.webkitRelativePath || blob.name, blob }));
}

/** Everything that was dropped, the files of folders included. To be called before the event is over. */
export function droppedFiles(data: DataTransfer): Promise<readonly Chosen[]> {
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  const things = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const plain = chosenFiles(data.files);
  return (async () => {
    // Some drags bring files without entries.
    if (things.length === 0) return plain;
    const found: Chosen[] = [];
    for (const { entry, file } of things)
      if (entry?.isDirectory) await walk(entry, 0, found);
      else if (file) found.push({ path: file.name, blob: file });
    return found;
  })();
}

async function walk(entry: FileSystemEntry, depth: number, found: Chosen[]): Promise<void> {
  if (found.length >= MOST_FILES || depth > DEEPEST) return;
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path: entry.fullPath.replace(/^\//, ''), blob });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A folder's entries come in portions; an empty one is the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const one of some) await walk(one, depth + 1, found);
  }
}

/** Where files belong: to the teacher's dialog, to that of images, or to the files that the chosen task asks for. */
export type Destination = 'teacher' | 'data' | 'task';

const MODEL = /\.(json|h5|hdf5|keras|onnx|pth?|th|ckpt|safetensors|pb|pkl|pickle|tflite|mlmodel)$/i;
const IMAGES = /\.(png|jpe?g|webp|gif|bmp|npz|npy|csv)$/i;
const ARRAYS = /(ubyte|idx\d?)([-.]|$)/i;
const RECORDS = /\.(bin|tar|tgz|tar\.gz)$/i;

/**
 * Guesses by the files' names where they belong.
 *
 * @param asked true where the chosen task asks for files of its own @param open the dialog that is open
 */
export async function destinationOf(
  files: readonly Chosen[],
  asked: boolean,
  open: 'teacher' | 'data' | null,
): Promise<Destination> {
  const some = (pattern: RegExp) => files.some(({ path }) => pattern.test(path));
  if (some(IMAGES) && !some(/(^|\/)model\.json$/i)) return 'data';
  if (some(MODEL)) return 'teacher';
  if (recordsOf(files)) return 'task';
  if (some(ARRAYS)) return asked ? 'task' : 'data';
  if (open) return open;
  const [only] = files;
  if (only && files.length === 1 && /\.zip$/i.test(only.path))
    return (await holdsImages(only.blob)) ? 'data' : 'teacher';
  if (asked || some(RECORDS)) return 'task';
  return 'teacher';
}

/** Bytes of an image in CIFAR's files, labels included. */
const RECORD = { cifar10: 3073, cifar100: 3074 } as const;

/** The data set whose records the files hold, by their sizes, or by the name of its archive; null where neither says it. */
export function recordsOf(files: readonly Chosen[]): keyof typeof RECORD | null {
  const archive = files.find(({ path }) => /\.(tar|tgz|tar\.gz)$/i.test(path));
  if (archive) return /cifar-?100/i.test(archive.path) ? 'cifar100' : 'cifar10';
  const plain = files.filter(({ path }) => /\.bin$/i.test(path));
  const fit = (bytes: number) =>
    plain.length > 0 && plain.every(({ blob }) => blob.size > 0 && blob.size % bytes === 0);
  if (fit(RECORD.cifar10)) return 'cifar10';
  return fit(RECORD.cifar100) ? 'cifar100' : null;
}

/** Bytes at the end of a zip archive in which the names of its files stand. */
const TAIL = 64 * 1024;

async function holdsImages(archive: Blob): Promise<boolean> {
  const tail = await archive.slice(Math.max(0, archive.size - TAIL)).arrayBuffer();
  const names = new TextDecoder('latin1').decode(tail);
  return /\.(png|jpe?g|webp|npy|npz)/i.test(names) && !/model\.json|\.(h5|keras|onnx)/i.test(names);
}
