import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, done, LONG, play, prepared, reach, spoken, watchSteps } from './support/page';

/** What a test can do to the device from outside; the page itself knows nothing of it. */
type Deed = 'destroy' | 'lose' | 'throw' | 'report';

const ROAD = 'a test and its device';

/** Lets the test reach the worker's newest device. */
const INTRUDER = `{
  let device, gl;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return (device = await requestDevice.apply(this, given));
  };
  const { getContext } = OffscreenCanvas.prototype;
  OffscreenCanvas.prototype.getContext = function (...given) {
    return (gl = getContext.apply(this, given));
  };
  const deeds = {
    destroy: () => device.destroy(),
    lose: () => gl.getExtension('WEBGL_lose_context').loseContext(),
    throw: () => {
      GPUDevice.prototype.createBuffer = ({ size }) => {
        throw new RangeError('createBuffer failed, size (' + size + ') is too large for the implementation when mappedAtCreation == true');
      };
    },
    report: () => {
      const error = new GPUOutOfMemoryError('Out of memory.');
      device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
    },
  };
  new BroadcastChannel('${ROAD}').onmessage = ({ data }) => deeds[data]();
}`;

const intruder = () => INTRUDER;

const does = (page: Page, deed: Deed) =>
  page.evaluate(([road, name]) => new BroadcastChannel(road).postMessage(name), [
    ROAD,
    deed,
  ] as const);

/** Ends the process of the browser that draws and computes; the second time the browser starts none with WebGPU. */
async function crash(page: Page): Promise<void> {
  const devtools = await page.context().browser()?.newBrowserCDPSession();
  // The command has no answer where its process dies first.
  await devtools?.send('Browser.crashGpuProcess').catch(() => undefined);
}

const alert = (page: Page) => page.getByRole('alert');

const LOST =
  /^The graphics processor was taken away\. Start again; if it happens once more, restart the browser\./;
const MEMORY =
  /^(The graphics processor has not|There is not) enough memory for this\. Take less at once: a smaller batch, narrower students \(widths, hidden layers\), fewer students or images\./;

/**
 * Waits for the one sentence. It cannot be the watchdog's, which has one of its own and waits for minutes where the GPU is
 * software.
 */
async function told(page: Page, says: RegExp): Promise<void> {
  await expect.poll(() => alert(page).count(), LONG).toBe(1);
  expect(await alert(page).textContent()).toMatch(says);
  await expect.poll(() => spoken(page), LONG).toMatch(/^Training stopped\./);
  expect(await page.locator('body').textContent()).not.toMatch(
    /should not have|refused a command|has not answered|worker is gone/,
  );
}

/** A run of the spiral with few samples to judge by, long enough to be interrupted. */
const start = (backend: 'webgpu' | 'webgl') =>
  `?backend=${backend}#preset=spiral&steps=2000&evaluation.images=40&evaluation.testImages=40`;

/** "Start again" trains from step 0 on. */
async function startsAgain(page: Page): Promise<void> {
  const seen = await watchSteps(page);
  await button(page, 'Start again').click();
  await expect.poll(() => alert(page).count(), LONG).toBe(0);
  await expect.poll(async () => (await seen()).at(-1), LONG).toBeGreaterThan(3);
  expect(Math.min(...(await seen()))).toBe(0);
  expect(await alert(page).count()).toBe(0);
}

/** Each test starts several workers, whose first steps take long where the GPU is software. */
const PATIENT = { timeout: 600_000 };

test(
  'WebGPU device destroyed while it trains, then while the run is paused: told in one sentence; a new one starts again, and Reset gets one too',
  PATIENT,
  async () => {
    const { page } = await open({ path: start('webgpu'), webgpu: true, intruder });
    await play(page);
    await reach(page, 3);
    await does(page, 'destroy');
    await told(page, LOST);
    await startsAgain(page);
    await button(page, 'Pause').click();
    await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
    await does(page, 'destroy');
    await told(page, LOST);
    await button(page, 'Reset').click();
    await prepared(page);
    expect(await alert(page).count()).toBe(0);
    await play(page);
    await reach(page, 3);
  },
);

test(
  'GPU process that crashes: a new device the first time, the next backend the second time, and both are said',
  PATIENT,
  async () => {
    const { page } = await open({ path: start('webgpu'), webgpu: true });
    await play(page);
    await reach(page, 3);
    await crash(page);
    await told(page, LOST);
    await startsAgain(page);
    const chip = (name: string) => page.getByRole('button', { name }).count();
    expect(await chip('WebGPU')).toBe(1);
    await crash(page);
    await told(page, LOST);
    await startsAgain(page);
    expect(await chip('WebAssembly')).toBe(1);
    const notices = page.getByRole('log', { name: 'Notices' });
    await notices
      .getByText(/^WebGPU did not come back, so WebAssembly trains from now on/)
      .waitFor();
  },
);

test(
  'WebGL context that is lost while it trains and while paused: told in one sentence, and it starts again',
  PATIENT,
  async () => {
    const { page } = await open({ path: start('webgl'), intruder });
    await play(page);
    await reach(page, 3);
    await does(page, 'lose');
    await told(page, LOST);
    await startsAgain(page);
    await button(page, 'Pause').click();
    await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
    await does(page, 'lose');
    await told(page, LOST);
    await startsAgain(page);
  },
);

test(
  'out of memory: called that, with what to lower, and a smaller run works',
  PATIENT,
  async () => {
    const { page } = await open({ path: start('webgpu'), webgpu: true, intruder });
    await play(page);
    await reach(page, 3);
    await does(page, 'report');
    await told(page, MEMORY);
    await button(page, 'Start again').click();
    await reach(page, 3);
    await does(page, 'throw');
    await told(page, MEMORY);
    await page.evaluate(() => {
      location.hash =
        'preset=spiral&steps=3&batch=30&evaluation.images=40&evaluation.testImages=40';
    });
    await button(page, 'Play').click();
    await done(page);
    expect(await alert(page).count()).toBe(0);
  },
);
