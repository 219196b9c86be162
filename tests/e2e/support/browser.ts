import { chromium } from 'playwright';
import type { Browser, ConsoleMessage, Page } from 'playwright';
import { inject } from 'vitest';

interface Options {
  /** What follows the site's address, such as "?backend=webgpu". */
  readonly path?: string;
  /** WebGPU over the software driver; without it `navigator.gpu` gives no adapter. */
  readonly webgpu?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Called with the page before it loads anything: routes, init scripts. */
  readonly before?: (page: Page) => Promise<void>;
}

/** What must stay empty in every session. */
interface Watch {
  /** Violations of the Content-Security-Policy or of Trusted Types, in the page or its workers. */
  readonly violations: string[];
  /** Requests to another origin. */
  readonly foreign: string[];
  /** Uncaught errors, and errors written to the console. */
  readonly errors: string[];
}

export interface Session extends AsyncDisposable {
  readonly browser: Browser;
  readonly page: Page;
  readonly watch: Watch;
}

const VIOLATION = /content.security.policy|trusted ?type|refused to/i;

/** Watches a page from before its first request. */
function watchPage(page: Page, site: string): Watch {
  const watch: Watch = { violations: [], foreign: [], errors: [] };
  const { origin } = new URL(site);
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(blob|data):/.test(url) && new URL(url).origin !== origin) watch.foreign.push(url);
  });
  const listen = (message: ConsoleMessage) => {
    const text = message.text();
    if (VIOLATION.test(text)) watch.violations.push(text);
    else if (message.type() === 'error') watch.errors.push(text);
  };
  page.on('console', listen);
  page.on('pageerror', (error) => watch.errors.push(error.stack ?? error.message));
  return watch;
}

/** Opens the site in a fresh browser. The session ends with its scope: `await using session = await open()`. */
export async function open({
  path = '',
  webgpu = false,
  viewport,
  before,
}: Options = {}): Promise<Session> {
  const executablePath = process.env['CHROMIUM_PATH'];
  if (!executablePath) throw new Error('No Chromium was found: name one in CHROMIUM_PATH.');
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(webgpu ? ['--enable-unsafe-webgpu'] : []),
    ],
  });
  const site = inject('site');
  const page = await browser.newPage({ viewport: viewport ?? { width: 1280, height: 720 } });
  const watch = watchPage(page, site);
  await before?.(page);
  await page.goto(site + path);
  return { browser, page, watch, [Symbol.asyncDispose]: () => browser.close() };
}
