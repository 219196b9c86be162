/**
 * `node scripts/cli.mjs NAME args`: builds cli/NAME.ts (or bench/NAME.ts) for Node where its sources are newer, then
 * runs it.
 */
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, softwareVulkan } from './lib/chromium.mjs';
import { ensurePackages } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { version } from './lib/version.mjs';
import { cleaned } from './lib/words.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Where commands lie. */
const FOLDERS = ['cli', 'bench'];
/** What a command is made of: folders and single files. */
const SOURCES = ['src', ...FOLDERS, 'tests/support', 'package-lock.json', 'scripts/cli.mjs'];

/** Time of the newest file at or below a path, in milliseconds. @param {string} at @returns {number} */
function newest(at) {
  const stat = statSync(at);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(at).map((name) => newest(path.join(at, name))));
}

/** What commands run in threads, by the name of the built file. @returns {Record<string, string>} */
function threads() {
  const files = readdirSync('cli/threads').map((file) => path.basename(file, '.ts'));
  return Object.fromEntries(files.map((file) => [`threads/${file}`, `cli/threads/${file}.ts`]));
}

/**
 * Builds one command and the threads; its packages stay in node_modules. Chunks have names of their own content and the entry comes
 * last, so that a command that runs meanwhile finds all that it was built with.
 * @param {string} source
 * @param {string} output
 */
async function buildCommand(source, output) {
  const { build } = await import('vite');
  const started = new Date();
  const folder = path.dirname(output);
  const name = path.basename(output, '.js');
  const draft = path.join(folder, `.${name}-${process.pid}`);
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      outDir: draft,
      target: 'node20',
      minify: false,
      sourcemap: 'inline',
      rolldownOptions: {
        input: { [name]: source, ...threads() },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  });
  for (const part of ['chunks', 'threads'])
    if (existsSync(`${draft}/${part}`))
      cpSync(`${draft}/${part}`, `${folder}/${part}`, { recursive: true });
  // A source that is edited during the build is newer than the file.
  utimesSync(`${draft}/${name}.js`, started, started);
  renameSync(`${draft}/${name}.js`, output);
  rmSync(draft, { recursive: true });
}

const [name = '', ...given] = process.argv.slice(2);
const verbose = given.includes('--verbose');
const args = given.filter((arg) => arg !== '--verbose');
process.chdir(root);
const existing = FOLDERS.filter((folder) => existsSync(folder));
const source = existing
  .map((folder) => path.posix.join(folder, `${name}.ts`))
  .find((file) => /^[a-z0-9-]+$/.test(name) && existsSync(file));
if (source === undefined) {
  const names = existing
    .flatMap((folder) => readdirSync(folder))
    .flatMap((file) => (file.endsWith('.ts') ? path.basename(file, '.ts') : []));
  console.error(`There is no command "${cleaned(name)}". Commands: ${names.join(', ')}.`);
  process.exit(2);
}
if (args.includes('--version')) {
  console.log(version(root));
  process.exit(0);
}
await ensurePackages(root);
const output = path.join(root, 'build', 'cli', `${name}.js`);
const changed = Math.max(...SOURCES.filter((at) => existsSync(at)).map((at) => newest(at)));
const isFresh = existsSync(output) && statSync(output).mtimeMs > changed;
if (!isFresh) await buildCommand(source, output);
// Where the system has no Vulkan driver, the one that comes with Chromium lets `--backend webgpu` run in software.
const hasDriver =
  process.env['VK_DRIVER_FILES'] !== undefined ||
  ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].some((folder) => existsSync(folder));
const env = hasDriver ? {} : softwareVulkan(await findChromium().catch(() => undefined));
process.exit(await run(process.execPath, ['--enable-source-maps', output, ...args], env, !verbose));
