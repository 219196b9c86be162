/** `npm start`: installs what is missing, builds, serves the production build, opens a browser where there is a display. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/install.mjs';
import { version } from './lib/version.mjs';
import { cleaned } from './lib/words.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const DEFAULT_PORT = 4173;

/** Ends the program with a sentence. @param {string} sentence @returns {never} */
function refuse(sentence) {
  console.error(cleaned(sentence));
  process.exit(1);
}

/** The port asked for, or undefined where none was. */
function askedPort() {
  const text = process.env['PORT'];
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  return refuse(`PORT is "${text}", but a port is a whole number from 0 to 65535.`);
}

/** Opens the address in the default browser; on a machine without a display nothing happens. @param {string} address */
function openBrowser(address) {
  if (process.env['CI'] || process.env['BROWSER'] === 'none') return;
  const { platform, env } = process;
  const hasDisplay = platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY'];
  if (!hasDisplay) return;
  const [command, ...args] =
    platform === 'darwin'
      ? ['open', address]
      : platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : ['xdg-open', address];
  const opener = spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
  opener.on('error', () => console.log('Open that address in a browser.'));
  opener.unref();
}

/** Refuses a port that something else has. @param {number} port @param {string} host */
function refuseTaken(port, host) {
  return refuse(
    `Port ${port} on ${host} is already in use: name another in PORT, or leave PORT out for the next free one.`,
  );
}

/** True where something else listens there already. @param {number} port @param {string} host @returns {Promise<boolean>} */
function isTaken(port, host) {
  return new Promise((resolve) => {
    const trial = createServer();
    trial.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      resolve(error.code === 'EADDRINUSE'),
    );
    trial.listen({ port, host }, () => trial.close(() => resolve(false)));
  });
}

const USAGE = `Builds the site, serves it on this computer and opens it in a browser.

Usage:
  npm start

Set before it, as in PORT=8080 npm start:
  PORT          the port; without it 4173, or the next one that is free
  HOST          the address to serve on; without it 127.0.0.1
  BROWSER=none  opens no browser

Options, after --:
  --help        this text
  --version     the version of this program`;

process.chdir(root);
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h') || args.includes('--version')) {
  console.log(args.includes('--version') ? version(root) : USAGE);
  process.exit(0);
}
if (args.length > 0) {
  console.error(
    cleaned(`npm start takes no "${args[0]}"; npm start -- --help says what it knows.`),
  );
  process.exit(2);
}
const port = askedPort();
const host = process.env['HOST'] || '127.0.0.1';
// Before the build: a site that runs already is served out of the same folder.
if (port && (await isTaken(port, host))) refuseTaken(port, host);
await ensurePackages(root);

const { build, preview } = await import('vite');
await build({ root, logLevel: 'warn' });
const server = await preview({
  root,
  preview: {
    host,
    port: port ?? DEFAULT_PORT,
    // A port that was asked for is kept or refused; the default one gives way to the next that is free.
    strictPort: port !== undefined,
    allowedHosts: [host],
  },
}).catch((/** @type {unknown} */ error) => {
  const reason = error instanceof Error ? error.message : String(error);
  if (port && /already in use|EADDRINUSE/.test(reason)) return refuseTaken(port, host);
  return refuse(`The site cannot be served on ${host}, port ${port ?? DEFAULT_PORT}: ${reason}`);
});

const address = server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0] ?? '';
console.log('Extracurricular is served at');
console.log(address);
console.log('Ctrl-C ends it.');
openBrowser(address);

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void server.close().finally(() => process.exit(0)));
