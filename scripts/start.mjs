/** `npm start`: installs what is missing, builds, serves the production build, opens a browser where there is a display. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/install.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const DEFAULT_PORT = 4173;

/** Ends the program with a sentence. @param {string} sentence @returns {never} */
function refuse(sentence) {
  console.error(sentence);
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

process.chdir(root);
const port = askedPort();
const host = process.env['HOST'] || '127.0.0.1';
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
  return refuse(
    /already in use|EADDRINUSE/.test(reason)
      ? `Port ${port} on ${host} is already in use: name another in PORT, or leave PORT out for the next free one.`
      : `The site cannot be served on ${host}, port ${port ?? DEFAULT_PORT}: ${reason}`,
  );
});

const address = server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0] ?? '';
console.log('Extracurricular is served at');
console.log(address);
console.log('Ctrl-C ends it.');
openBrowser(address);

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void server.close().finally(() => process.exit(0)));
