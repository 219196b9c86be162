import { createReadStream, mkdirSync, renameSync, statSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { open } from '../../src/tasks/cifar/open';
import { readTar } from '../../src/tasks/cifar/tar';

/** A .bin file that was unpacked. */
interface Unpacked {
  readonly name: string;
  readonly size: number;
}

/**
 * Unpacks the .bin files of a tar archive, packed by gzip or not, into a folder. Files appear under their names only
 * when they are complete. Throws UserError where the archive is damaged.
 */
export async function unpackBins(
  archive: string,
  folder: string,
  onShare: (share: number) => void,
): Promise<Unpacked[]> {
  mkdirSync(folder, { recursive: true });
  const { size } = statSync(archive);
  const source = {
    name: path.basename(archive, '.part'),
    size,
    stream: () => Readable.toWeb(createReadStream(archive)) as ReadableStream<Uint8Array>,
  };
  const opened = await open(source, (bytes) => onShare(bytes / size));
  const files: Unpacked[] = [];
  await readTar(source.name, opened, async (entry) => {
    if (!/^[\w-]+\.bin$/.test(entry.name)) return;
    const draft = path.join(folder, `${entry.name}.part`);
    const file = await openFile(draft, 'w');
    try {
      for (let left = entry.size; left > 0;) {
        const bytes = await opened.reader.take(Math.min(left, 1 << 20));
        if (bytes.length === 0) return;
        await file.appendFile(bytes);
        left -= bytes.length;
      }
    } finally {
      await file.close();
    }
    renameSync(draft, path.join(folder, entry.name));
    files.push(entry);
  });
  return files;
}
