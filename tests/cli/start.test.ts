import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';

/** A server on a free port, to know the port or to be in the way. */
async function occupy() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, free: () => server.close() };
}

/** Starts the site as `npm start` does, and gathers what it says. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    // The test runner's own NODE_ENV would build React's development version.
    env: { ...process.env, NODE_ENV: 'production', CI: '1', ...env },
  });
  const said = { text: '' };
  child.stdout.on('data', (chunk) => (said.text += chunk));
  child.stderr.on('data', (chunk) => (said.text += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, said, ended };
}

test('npm start builds, serves on HOST and PORT, says where, and ends on Ctrl-C', async () => {
  const { port, free } = await occupy();
  free();
  const { child, said, ended } = start({ PORT: String(port), HOST: '127.0.0.1' });
  const address = `http://127.0.0.1:${port}/`;
  await expect.poll(() => said.text.split('\n'), { timeout: 240_000 }).toContain(address);
  const response = await fetch(address);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<title>Extracurricular</title>');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('a port that is in use is refused in one sentence, before anything is built', async () => {
  const { port, free } = await occupy();
  const built = () => statSync('dist', { throwIfNoEntry: false })?.mtimeMs;
  const before = built();
  const { said, ended } = start({ PORT: String(port) });
  expect(await ended).toBe(1);
  expect(said.text).toBe(
    `Port ${port} on 127.0.0.1 is already in use: name another in PORT, or leave PORT out for the next free one.\n`,
  );
  expect(built()).toBe(before);
  free();
});

test('a port that is none is refused before anything is built', async () => {
  const { said, ended } = start({ PORT: 'eighty' });
  expect(await ended).toBe(1);
  expect(said.text.trim()).toBe('PORT is "eighty", but a port is a whole number from 0 to 65535.');
});
