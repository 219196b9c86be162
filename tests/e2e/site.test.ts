import { expect, inject, test } from 'vitest';
import { securityHeaders } from '../../src/security-headers';
import { open } from './support/browser';

test('every response carries the security headers, the scripts of page and worker included', async () => {
  const seen = new Map<string, Record<string, string>>();
  const session = await open({
    before: async (page) => {
      page.on('response', (response) => seen.set(response.url(), response.headers()));
    },
  });
  await session.page.getByRole('button', { name: 'Play' }).waitFor();
  await expect.poll(() => [...seen.keys()].join()).toContain('.worker-');
  expect([...seen.keys()].some((url) => /\/index-[^/]+\.js$/.test(url))).toBe(true);
  for (const headers of seen.values())
    for (const [name, value] of Object.entries(securityHeaders('production')))
      expect(headers[name.toLowerCase()]).toBe(value);
});

test('the page loads with no violation, no error and no request to another origin', async () => {
  const session = await open();
  await session.page.waitForLoadState('networkidle');
  await session.page.getByRole('button', { name: 'Play' }).waitFor();
  expect(session.watch).toEqual({ violations: [], foreign: [], errors: [] });
});

test('the policy holds in the page, and the watch sees what it refuses', async () => {
  const session = await open({ provoked: [/example\.invalid/] });
  await session.page.evaluate(() => {
    const image = document.createElement('img');
    image.src = 'https://example.invalid/page.png';
    document.body.append(image);
  });
  await expect.poll(() => session.watch.violations.join()).toContain('example.invalid/page.png');
});

test('the policy holds in the worker: no evaluated script, no request to another origin', async () => {
  const session = await open({
    intruder: () => `fetch('https://example.invalid/worker').catch(() => {});
      try { new Function('return 1')(); console.error('evaluated'); } catch {}`,
    provoked: [/example\.invalid/, /sink Function/],
  });
  await expect.poll(() => session.watch.violations.join()).toContain('example.invalid/worker');
  await expect.poll(() => session.watch.violations.join()).toContain('sink Function');
  expect(session.watch.errors.join()).not.toContain('evaluated');
});

test('a file that is not there is a 404 with the security headers', async () => {
  const response = await fetch(`${inject('site')}no-such-file.js`);
  expect(response.status).toBe(404);
  for (const [name, value] of Object.entries(securityHeaders('production')))
    expect(response.headers.get(name)).toBe(value);
});
