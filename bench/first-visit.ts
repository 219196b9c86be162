import { cpus } from 'node:os';
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { preview } from 'vite';
import { checkPlace, writeWhole } from '../cli/support/result-file';
import { main } from '../cli/support/main';

const USAGE = 'npm run bench -- first-visit';
const RESULT = 'bench/results/first-visit.json';

/** One first visit in a fresh browser, in milliseconds. */
interface Visit {
  /** Navigation to the first paint with content. */
  readonly firstPaint: number;
  /** Navigation to the first change of a canvas or curve: something moves. */
  readonly firstMotion: number;
  /** Play to the first training step that the page shows. */
  readonly firstStep: number;
}

const VISITS = 5;

/** Runs in the page: notes when a canvas or a curve first changes after it was there. */
function watchMotion(): void {
  const place = globalThis as unknown as { firstMotion?: number };
  const draw = CanvasRenderingContext2D.prototype.putImageData;
  let drawn = 0;
  const moved = () => {
    drawn += 1;
    if (drawn === 2) place.firstMotion ??= performance.now();
  };
  CanvasRenderingContext2D.prototype.putImageData = function (
    this: CanvasRenderingContext2D,
    ...args: Parameters<typeof draw>
  ) {
    moved();
    draw.apply(this, args);
  } as typeof draw;
  const drawImage = CanvasRenderingContext2D.prototype.drawImage as (...args: never[]) => void;
  CanvasRenderingContext2D.prototype.drawImage = function (
    this: CanvasRenderingContext2D,
    ...args: never[]
  ) {
    moved();
    drawImage.apply(this, args);
  } as CanvasRenderingContext2D['drawImage'];
}

async function visit(browser: Browser, address: string): Promise<Visit> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.addInitScript(watchMotion);
  await page.goto(address, { waitUntil: 'commit' });
  await page.waitForFunction(() => 'firstMotion' in globalThis, null, { timeout: 30_000 });
  const { firstPaint, firstMotion } = await page.evaluate(() => ({
    firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    firstMotion: (globalThis as unknown as { firstMotion: number }).firstMotion,
  }));
  // A visitor looks for two seconds before the click; the worker starts meanwhile.
  await page.waitForTimeout(Math.max(0, 2000 - firstMotion));
  const clicked = performance.now();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page
    .getByRole('status')
    .filter({ hasText: /step\s*[1-9]/i })
    .first()
    .waitFor({ timeout: 60_000 });
  const firstStep = performance.now() - clicked;
  await page.close();
  return { firstPaint, firstMotion, firstStep };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** `npm run bench -- first-visit`: the first seconds of a visitor without a GPU, written to bench/results. */
async function firstVisit(): Promise<void> {
  mkdirSync('bench/results', { recursive: true });
  checkPlace(RESULT, 'The file of the result');
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
  const place = server.httpServer.address();
  if (typeof place !== 'object' || place === null) throw new Error('the site has no port');
  const address = `http://127.0.0.1:${place.port}/`;
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  const visits: Visit[] = [];
  let version = '';
  for (let i = 0; i < VISITS; i++) {
    // A fresh browser each time: nothing is cached.
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    version = browser.version();
    visits.push(await visit(browser, address));
    await browser.close();
  }
  await server.close();
  const rows = (['firstPaint', 'firstMotion', 'firstStep'] as const).map((key) => {
    const values = visits.map((entry) => Math.round(entry[key]));
    return { figure: key, medianMs: median(values), values };
  });
  const result = {
    bench: 'first-visit',
    device: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, no GPU`,
    browser: `Chromium ${version}, headless`,
    backend: 'wasm',
    preset: 'spiral',
    rows,
  };
  writeWhole(RESULT, `${JSON.stringify(result, null, 2)}\n`);
  for (const row of rows) console.log(`${row.figure.padEnd(12)} ${row.medianMs} ms`);
}

main({ what: 'Times the first seconds of a visitor without a GPU.', usage: USAGE }, firstVisit);
