import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Address of a thread's script (cli/threads/NAME.ts), which is built beside the command that runs. */
export function threadNamed(name: string): URL {
  const folder = path.dirname(process.argv[1] ?? '');
  return pathToFileURL(path.join(folder, 'threads', `${name}.js`));
}
