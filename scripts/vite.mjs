/** `npm run dev` and `npm run build`: Vite with the given arguments, after installing what is missing. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/install.mjs';
import { run } from './lib/run.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
await ensurePackages(root);
process.exit(
  await run(process.execPath, ['node_modules/vite/bin/vite.js', ...process.argv.slice(2)]),
);
