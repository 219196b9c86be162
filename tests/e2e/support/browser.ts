import path from 'node:path';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { afterEach, expect, inject } from 'vitest';

interface Options {
  /** What follows the site's address, such as "?backend=webgpu". */
  readonly path?: string;
  /** Opens the site by an address that browsers do not trust: plain http from a name that is not this machine's. */
  readonly untrusted?: boolean;
  /** WebGPU over the software driver; without it `navigator.gpu` gives no adapter. */
  readonly webgpu?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly scheme?: 'light' | 'dark';
  /** Called with the page before it loads anything: routes, init scripts. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** Script that runs in the worker before its own; asked for anew for each worker. */
  readonly intruder?: () => string;
  /** What the watch may have seen when the test ends, because the test is about it. */
  readonly provoked?: readonly RegExp[];
}

/** What must stay empty in every session. */
interface Watch {
  /** Violations of the Content-Security-Policy or of Trusted Types, in the page or its workers. */
  readonly violations: string[];
  /** Requests to another origin. */
  readonly foreign: string[];
  /** Uncaught errors, errors written to the console, and responses that are errors. */
  readonly errors: string[];
}

export interface Session {
  readonly page: Page;
  readonly watch: Watch;
}

const REPORT = 'policy violation:';
const VIOLATION = /content.security.policy|trusted ?type|policy violation:/i;
/** Longest time that an action may take: machines that run tests are often busy with more than one thing. */
const PATIENCE = 60_000;

/** A browser does not write a worker's violations to its console: this code, put before the worker's own, does. */
const WORKER_REPORTER = `self.addEventListener('securitypolicyviolation', (event) =>
  console.error('${REPORT}', event.violatedDirective, event.blockedURI, event.sample));`;

/** Watches a page from before its first request. */
function watchPage(page: Page, site: string): Watch {
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
  page.on('crash', () => watch.errors.push('the page crashed'));
  return watch;
}

/** Puts scripts before those of every worker. */
async function watchWorkers(page: Page, intruder: () => string): Promise<void> {
  await page.route('**/*.worker-*.js', async (route) => {
    const response = await route.fetch();
    const body = [WORKER_REPORTER, intruder(), await response.text()].join('\n');
    await route.fulfill({ response, body });
  });
}

interface Open extends Session {
  readonly browser: Browser;
  readonly provoked: readonly RegExp[];
}

const sessions = new Set<Open>();

// Every session of every test is closed here, and nobody can forget what holds for all of them.
afterEach(async ({ task }) => {
  const failed = task.result?.state === 'fail';
  const trouble: string[] = [];
  for (const { browser, page, watch, provoked } of sessions) {
    if (failed) await keepPicture(page, task.name);
    // A script may still be on its way through the route.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await browser.close();
    const seen = [...watch.violations, ...watch.foreign, ...watch.errors];
    trouble.push(...seen.filter((text) => !provoked.some((known) => known.test(text))));
  }
  sessions.clear();
  expect(trouble, 'violations, requests to other origins, errors').toEqual([]);
});

/** Keeps what a page showed when its test failed. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const file = path.join('test-results', `${name.replaceAll(/\W+/g, '-').slice(0, 80)}.png`);
  await page.screenshot({ path: file, timeout: 10_000 }).catch(() => undefined);
}

/** Opens the site in a fresh browser; it is closed, and its watch read, when the test ends. */
export async function open({
  path: rest = '',
  untrusted = false,
  webgpu = false,
  viewport = { width: 1280, height: 720 },
  scheme = 'light',
  before,
  intruder = () => '',
  provoked = [],
}: Options = {}): Promise<Session> {
  const executablePath = process.env['CHROMIUM_PATH'];
  if (!executablePath) throw new Error('No Chromium was found: name one in CHROMIUM_PATH.');
  const site = inject(untrusted ? 'untrustedSite' : 'site');
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(webgpu ? ['--enable-unsafe-webgpu'] : []),
      ...(untrusted ? [`--host-resolver-rules=MAP ${new URL(site).hostname} 127.0.0.1`] : []),
    ],
  });
  const context = await browser.newContext({
    viewport,
    colorScheme: scheme,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const watch = watchPage(page, site);
  // A worker from an untrusted address may fetch from this machine only if its script has come from there untouched.
  if (!untrusted) await watchWorkers(page, intruder);
  sessions.add({ browser, page, watch, provoked });
  await before?.(page);
  await page.goto(site + rest);
  return { page, watch };
}
