import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { cifarArchive, cifarRecords } from '../fixtures/cifar';
import { open } from './support/browser';
import {
  button,
  done,
  LONG,
  prepared,
  reach,
  region,
  spoken,
  stepOf,
  stepsOf,
  watchSteps,
  play,
} from './support/page';

const notices = (page: Page) => page.getByRole('log', { name: 'Notices' });
const alert = (page: Page) => page.getByRole('alert');

/** The page trains: nothing more is asked of it here. A fast machine may be done already. */
async function expectTraining(page: Page): Promise<void> {
  await play(page);
  await reach(page, 5);
  await expect.poll(() => spoken(page), LONG).toMatch(/^(Training|Testing|Done)\./);
}

test('no WebGPU: the page says that the processor trains, and it does', async () => {
  const { page } = await open();
  await notices(page)
    .getByText(/^No GPU can be used here, so the processor trains \(WebAssembly\)/)
    .waitFor();
  await notices(page).getByText('details').click();
  await notices(page).getByText('WebGPU found no graphics adapter.').waitFor();
  await page.getByRole('button', { name: 'WebAssembly' }).click();
  await region(page, 'Device').getByText('gradients are right').waitFor();
  await page.keyboard.press('Escape');
  await expectTraining(page);
});

test('no WebGPU on an address that the browser does not trust: the page works, and a link is shown instead of copied', async () => {
  // The browser itself remarks that it ignores one of the headers there.
  const { page } = await open({ untrusted: true, provoked: [/Cross-Origin-Opener-Policy/] });
  await notices(page).getByText('details').click();
  await notices(page).getByText('This browser has no WebGPU.').waitFor();
  await expectTraining(page);
  await page.getByRole('button', { name: 'Share' }).click();
  await notices(page)
    .getByText(
      /^The browser did not let the page copy the link.* http:\/\/kd\.test:\d+\/#preset=spiral/,
    )
    .waitFor();
});

/** Sabotage of the first worker, as soon as it has told of a step; the next worker is left alone. */
function sabotage(deed: string): () => string {
  let workers = 0;
  return () => {
    workers += 1;
    if (workers > 1) return '';
    return `const tell = self.postMessage.bind(self);
      let done = false;
      self.postMessage = (message, ...rest) => {
        tell(message, ...rest);
        if (done || message.type !== 'metrics') return;
        done = true;
        setTimeout(() => { ${deed} });
      };`;
  };
}

test.each([
  [
    'throws',
    `throw new Error('planted fault');`,
    /^The training worker is gone\. It stopped: .*planted fault/,
  ],
  ['closes', 'self.close();', /^The training worker is gone\. It has not answered for a while\./],
  ['hangs', 'for (;;);', /^The training worker is gone\. It has not answered for a while\./],
])(
  'lost worker that %s: the page says so, and "Start again" starts again',
  async (_, deed, says) => {
    const { page } = await open({ intruder: sabotage(deed), provoked: [/planted fault/] });
    await play(page);
    await expect.poll(() => alert(page).textContent(), LONG).toMatch(says);
    expect(await spoken(page)).toMatch(/^Training stopped\./);
    expect(await button(page, 'Play').isEnabled()).toBe(true);
    const seen = await watchSteps(page);
    await button(page, 'Start again').click();
    await expect.poll(() => alert(page).count()).toBe(0);
    await expect.poll(async () => (await seen()).at(-1), LONG).toBeGreaterThan(5);
    const steps = await seen();
    expect(Math.min(...steps)).toBe(0);
  },
);

const wrongLabel = cifarRecords('cifar10', 20, 3);
wrongLabel[3073 * 7] = 77;

const BAD_FILES: readonly [string, string, Uint8Array, RegExp][] = [
  [
    'archive that breaks off',
    'cifar-10-binary.tar.gz',
    cifarArchive('cifar10', { train: 4, test: 10 }).subarray(0, 40_000),
    /^cifar-10-binary\.tar\.gz is incomplete or damaged/,
  ],
  [
    'web page named .bin',
    'data_batch_1.bin',
    Buffer.from(`<!doctype html><title>404</title>${' '.repeat(4000)}`),
    /^data_batch_1\.bin is a web page, not CIFAR-10 data\./,
  ],
  [
    'label that is none',
    'train.bin',
    wrongLabel,
    /^train\.bin: record 7 \(counted from 0\) has the label 77; CIFAR-10 has labels from 0 to 9/,
  ],
];

const fileField = (page: Page) => region(page, 'Task').locator('input[type="file"]');

function asFile(name: string, bytes: Uint8Array) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
}

test.each(BAD_FILES)(
  'bad file, %s: one sentence under the drop zone',
  async (_, name, bytes, says) => {
    const { page } = await open({ path: '#preset=cifar10' });
    await expect.poll(() => fileField(page).isEnabled(), LONG).toBe(true);
    await fileField(page).setInputFiles(asFile(name, bytes));
    await expect
      .poll(() => region(page, 'Task').getByRole('alert').textContent(), LONG)
      .toMatch(says);
    await play(page);
    await notices(page)
      .getByText(/^This task needs its files first/)
      .waitFor();
  },
);

test.each([
  ['own-images', /^Your own images are not here yet\. Press “Own images”/, /press “Own images”/],
  ['cifar100', /^CIFAR-100 is not part of this page\. Drop its archive/, /drop them under “Task”/],
])(
  '%s without its files: where they are given, and nothing says Ready',
  async (id, stage, says) => {
    const { page } = await open({ path: `#preset=${id}` });
    await region(page, 'Stage').getByText(stage).waitFor(LONG);
    await expect.poll(() => spoken(page), LONG).toMatch(/^Waits for files\./);
    await region(page, 'Results')
      .getByText(/stand here once a run has begun/)
      .waitFor();
    await play(page);
    await notices(page).getByText(says).waitFor();
  },
);

test('bad files after good ones: what was read before stays', async () => {
  const { page } = await open({ path: '#preset=cifar10' });
  await expect.poll(() => fileField(page).isEnabled(), LONG).toBe(true);
  const good = cifarArchive('cifar10', { train: 40, test: 20 });
  await fileField(page).setInputFiles(asFile('cifar-10-binary.tar.gz', good));
  const loaded = region(page, 'Task').getByText(/^180 training, 20 validation and 20 test images/);
  await loaded.waitFor();
  for (const [, name, bytes, says] of BAD_FILES) {
    await fileField(page).setInputFiles(asFile(name, bytes));
    await expect
      .poll(() => region(page, 'Task').getByRole('alert').textContent(), LONG)
      .toMatch(says);
    expect(await loaded.isVisible()).toBe(true);
  }
  await prepared(page);
  await button(page, 'Step').click();
  await reach(page, 1);
});

test('bad link: plain sentences name what is wrong and what is used instead, and the page works', async () => {
  const { page } = await open({ path: '#preset=nowhere' });
  const says = async (sentence: RegExp) => {
    const warning = notices(page).getByText(/^Not everything in this link could be used/);
    await expect.poll(() => warning.count(), LONG).toBe(1);
    await expect.poll(() => notices(page).textContent(), LONG).toMatch(sentence);
  };
  const follow = (hash: string) =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  await says(
    /The link names the preset “nowhere”, which the menu does not have; “Spiral, 90 points” is used instead. The menu has .*DeSTSeg/,
  );
  await follow('preset=spiral&steps=-5');
  await says(/Steps is -5, allowed is a whole number from 1 to 1000000; 2500 is used instead/);
  expect(new URL(page.url()).hash).toBe('#preset=spiral');
  await follow('preset=spiral&steps=1e999&seed=5');
  await says(/Steps is a number too large to be held/);
  expect(new URL(page.url()).hash).toBe('#preset=spiral&seed=5');
  await follow('preset=spiral&colour=%22red%22');
  await says(/“colour” is no setting that is known here; it was left out/);
  await follow('preset=spiral&steps={');
  await says(/Steps is “\{”, which could not be read; 2500 is used instead/);
  await follow('%E0%A4%A=&&&=%%');
  await says(/The link names no preset; “Spiral, 90 points” is used instead/);
  expect(await page.getByRole('combobox', { name: 'Preset' }).inputValue()).toBe('spiral');
  await expectTraining(page);
  expect(await stepsOf(page)).toBe(2500);
});

test('WebGPU that computes wrong gradients: the next backend is taken, and the page says why', async () => {
  const { page } = await open({
    webgpu: true,
    // The software adapter passes for hardware, and what is read back from it is zeros.
    intruder: () => `
      const say = (key, value) => Object.defineProperty(GPUAdapterInfo.prototype, key, { get: () => value });
      say('isFallbackAdapter', false);
      for (const key of ['vendor', 'architecture', 'device', 'description']) say(key, 'honest');
      const { getMappedRange } = GPUBuffer.prototype;
      GPUBuffer.prototype.getMappedRange = function (...place) {
        const range = getMappedRange.apply(this, place);
        return this.usage & GPUBufferUsage.MAP_READ ? new ArrayBuffer(range.byteLength) : range;
      };`,
  });
  await notices(page).getByText('details').click({ timeout: 120_000 });
  await notices(page)
    .getByText(/^WebGPU computes wrong gradients here \(off by /)
    .waitFor();
  await page.getByRole('button', { name: 'WebAssembly' }).waitFor();
  await expectTraining(page);
});

test('a step that cannot be replayed on the GPU: the page says why, and trains on', async () => {
  const settings = [
    'preset=spiral&steps=12&students.2.sampler.params.select=%22confident%22',
    'evaluation.every=12&evaluation.images=32&evaluation.testImages=32',
  ].join('&');
  const { page } = await open({ path: `?backend=webgpu#${settings}`, webgpu: true });
  await play(page);
  await notices(page)
    .getByText(/^Steps are not replayed on the GPU but run one by one, because the choice of half/)
    .waitFor({ timeout: LONG.timeout });
  await done(page);
  expect(await stepOf(page)).toBe(12);
});

test('damaged teacher: one sentence, and "Retry" once it is mended', async () => {
  const teacher = '**/teachers/spiral.safetensors';
  const { page } = await open({
    before: (page) =>
      page.route(teacher, (route) => route.fulfill({ body: 'not a teacher', status: 200 })),
  });
  await play(page);
  await expect
    .poll(() => alert(page).textContent(), LONG)
    .toMatch(/^The teacher "MLP 64-64" is not the one its card describes/);
  expect(await spoken(page)).toMatch(/^The run failed\./);
  await page.unroute(teacher);
  await button(page, 'Retry').click();
  await expect.poll(() => alert(page).count(), LONG).toBe(0);
  await reach(page, 5);
});
