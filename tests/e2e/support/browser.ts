import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { inject } from 'vitest';

interface Options {
  /** What follows the site's address, such as "?backend=webgpu". */
  readonly path?: string;
  /** WebGPU over the software driver; without it `navigator.gpu` gives no adapter. */
  readonly webgpu?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Called with the page before it loads anything: routes, init scripts. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** Script that runs in the worker before its own. */
  readonly intruder?: string;
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

const REPORT = 'policy violation:';
const VIOLATION = /content.security.policy|trusted ?type|policy violation:/i;

/** A browser does not write a worker's violations to its console: this code, put before the worker's own, does. */
const WORKER_REPORTER = `self.addEventListener('securitypolicyviolation', (event) =>
  console.error('${REPORT}', event.violatedDirective, event.blockedURI, event.sample));`;

/** Watches a page from before its first request. */
async function watchPage(page: Page, site: string, intruder: string): Promise<Watch> {
  const watch: Watch = { violations: [], foreign: [], errors: [] };
  const { origin } = new URL(site);
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(blob|data):/.test(url) && new URL(url).origin !== origin) watch.foreign.push(url);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) watch.errors.push(`${response.status()} ${response.url()}`);
  });
  page.on('console', (message) => {
    const text = message.text();
    if (VIOLATION.test(text)) watch.violations.push(text);
    else if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      watch.errors.push(text);
  });
  page.on('pageerror', (error) => watch.errors.push(error.stack ?? error.message));
  await page.route('**/*.worker-*.js', async (route) => {
    const response = await route.fetch();
    const body = [WORKER_REPORTER, intruder, await response.text()].join('\n');
    await route.fulfill({ response, body });
  });
  return watch;
}

/** Opens the site in a fresh browser. The session ends with its scope: `await using session = await open()`. */
export async function open({
  path = '',
  webgpu = false,
  viewport,
  before,
  intruder = '',
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
  const context = await browser.newContext({
    viewport: viewport ?? { width: 1280, height: 720 },
  });
  const page = await context.newPage();
  const watch = await watchPage(page, site, intruder);
  const close = async () => {
    // A script may still be on its way through the route.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await browser.close();
  };
  await before?.(page);
  await page.goto(site + path);
  return { browser, page, watch, [Symbol.asyncDispose]: close };
}
