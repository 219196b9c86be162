/** `node scripts/cli.mjs NAME args`: builds cli/NAME.ts for Node where its sources are newer, then runs it. */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/install.mjs';
import { run } from './lib/run.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** What a command is made of: folders and single files. */
const SOURCES = ['src', 'cli', 'package-lock.json', 'scripts/cli.mjs'];

/** Time of the newest file at or below a path, in milliseconds. @param {string} at @returns {number} */
function newest(at) {
  const stat = statSync(at);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(at).map((name) => newest(path.join(at, name))));
}

/**
 * Builds one command. Its packages stay in node_modules. The file appears whole, so that two builds at once do no harm.
 * @param {string} name
 * @param {string} output
 */
async function buildCommand(name, output) {
  const { build } = await import('vite');
  const started = new Date();
  const folder = `${path.dirname(output)}/.${name}-${process.pid}`;
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      ssr: `cli/${name}.ts`,
      outDir: folder,
      target: 'node20',
      minify: false,
      sourcemap: 'inline',
      rolldownOptions: { output: { entryFileNames: `${name}.js`, codeSplitting: false } },
    },
  });
  // A source that is edited during the build is newer than the file.
  utimesSync(`${folder}/${name}.js`, started, started);
  renameSync(`${folder}/${name}.js`, output);
  rmSync(folder, { recursive: true });
}

const [name = '', ...args] = process.argv.slice(2);
process.chdir(root);
if (!/^[a-z-]+$/.test(name) || !existsSync(`cli/${name}.ts`)) {
  const names = readdirSync('cli').flatMap((file) =>
    file.endsWith('.ts') ? file.slice(0, -3) : [],
  );
  console.error(`There is no command "${name}". Commands: ${names.join(', ')}.`);
  process.exit(2);
}
await ensurePackages(root);
const output = path.join(root, 'build', 'cli', `${name}.js`);
const isFresh =
  existsSync(output) && statSync(output).mtimeMs > Math.max(...SOURCES.map((at) => newest(at)));
if (!isFresh) await buildCommand(name, output);
const { code } = await run(process.execPath, ['--enable-source-maps', output, ...args]);
process.exit(code);
