import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../src/recipe/errors';
import { shown } from '../../src/upload/refuse';
import { supervise } from '../../src/worker/client-supervise';
import type { ReadingEars } from '../../src/worker/client-supervise';
import type { FromReader, ReadNetwork } from '../../src/worker/protocol-reading';
import { threadNamed } from './threads';

/** A file on disk and the path by which sentences call it. */
export interface PathOnDisk {
  readonly path: string;
  readonly at: string;
}

/** Room for objects beside the model's own bytes. */
const HEAP_MB = 512;

/**
 * Reads the one network among files and folders on disk, in a thread of its own with a bounded heap, which is ended when
 * it shows no progress for ten seconds.
 */
export async function readTeacherFiles(
  paths: readonly string[],
  ears: ReadingEars = {},
): Promise<ReadNetwork> {
  const files = paths.flatMap(filesAt);
  const size = files.reduce((sum, { at }) => sum + statSync(at).size, 0);
  const heap = HEAP_MB + Math.ceil(size / (1024 * 1024));
  const { done } = supervise<'teacher'>((wire) => {
    const worker = new Worker(threadNamed('reader'), {
      workerData: files,
      resourceLimits: { maxOldGenerationSizeMb: heap },
    });
    worker.on('message', (message: FromReader) => wire.heard(message));
    worker.on('error', (cause) => wire.lost(lost(cause)));
    worker.on('exit', (code) => wire.lost(lost(new Error(`it ended with code ${code}`))));
    return () => void worker.terminate();
  }, ears);
  return done;
}

/** A file, or all files of a folder and its folders; links are not followed out of it. */
function filesAt(given: string): PathOnDisk[] {
  if (!existsSync(given))
    throw new UserError('E_USAGE', `There is no file or folder ${shown(given, 200)}.`, '');
  if (!statSync(given).isDirectory()) return [{ path: path.basename(given), at: given }];
  return readdirSync(given, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const at = path.join(entry.parentPath, entry.name);
    const inside = path.relative(given, at).split(path.sep).join('/');
    return [{ path: `${path.basename(path.resolve(given))}/${inside}`, at }];
  });
}

function lost(cause: Error): UserError {
  const memory = (cause as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new UserError(
    'E_UPLOAD_WORKER',
    memory
      ? 'Reading needed more memory than is allowed and was ended.'
      : 'The thread that reads files ended by itself.',
    'Choose a smaller network, or export it anew.',
    { cause },
  );
}
