import path from 'node:path';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { build, preview } from 'vite';
import type { BenchPage } from '../page/page';
import type { Place } from '../support/cells';
import type { Venue } from './venue';

/** What stands in the page (bench/page/page.ts). */
type WithBench = typeof globalThis & { bench: BenchPage };

const ROOT = 'bench/page';
const OUTPUT = 'build/bench-page';

/** A module that a page loads after it was opened has to be there by then. */
const PATIENCE = 15 * 60_000;

/** Each implementation is a page of its own in Chromium: the one that CHROMIUM_PATH names, or Debian's. */
export async function browserVenue(): Promise<Venue> {
  await build({
    root: ROOT,
    configFile: false,
    base: './',
    logLevel: 'warn',
    build: {
      outDir: path.resolve(OUTPUT),
      emptyOutDir: true,
      target: 'es2022',
      chunkSizeWarningLimit: 4096,
    },
  });
  const server = await preview({
    root: ROOT,
    configFile: false,
    build: { outDir: path.resolve(OUTPUT) },
    preview: { port: 0, host: '127.0.0.1' },
  });
  const place = server.httpServer.address();
  if (typeof place !== 'object' || place === null) throw new Error('the page has no port');
  const address = `http://127.0.0.1:${place.port}/`;
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--enable-unsafe-webgpu',
      '--ignore-gpu-blocklist',
      // A page that is not in front must not be slowed down: all of them wait for their turns.
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
    ],
  });
  const open = async (): Promise<Page> => {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(address);
    await page.waitForFunction(() => 'bench' in globalThis);
    return page;
  };
  return {
    versions: { chromium: browser.version() },
    async adapter(wanted) {
      const page = await open();
      const found = await page.evaluate(
        (at) => (globalThis as WithBench).bench.adapter(at),
        wanted,
      );
      await page.close();
      return found;
    },
    async begin(task, peer, at) {
      const page = await open();
      try {
        await page.evaluate((args) => (globalThis as WithBench).bench.start(...args), [
          task,
          peer,
          at,
        ] as Parameters<BenchPage['start']>);
      } catch (thrown) {
        await page.close();
        throw new Error(firstLine(thrown), { cause: thrown });
      }
      return {
        peer,
        started: { device: await deviceOf(page, at) },
        steps: (count) => page.evaluate((n) => (globalThis as WithBench).bench.steps(n), count),
        async results() {
          const found = await page.evaluate(() => (globalThis as WithBench).bench.results());
          return new Map(
            found.map(([name, shape, values]) => [
              name,
              { shape, values: Float32Array.from(values) },
            ]),
          );
        },
        stop: () => void page.close().catch(() => undefined),
      };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

const deviceOf = async (page: Page, at: Place): Promise<string> =>
  (await page.evaluate((place) => (globalThis as WithBench).bench.adapter(place), at))?.words ?? at;

const firstLine = (thrown: unknown): string =>
  (thrown as Error).message.replace(/^page\.evaluate: /, '').split('\n')[0] ?? '';
