import { existsSync } from 'node:fs';
import { mkdtemp, open as openFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open } from './support/browser';
import {
  cancelOnSight,
  choose,
  DATA,
  dataDialog,
  drop,
  reported,
  teacherDialog,
  teacherFiles,
  useAndRun,
} from './support/own';
import { button, LONG, play, prepared, reach, region, spoken } from './support/page';

const RECORD = 3073;
const tiny = (preset: string) =>
  `#preset=${preset}&steps=2&batch=4&evaluation.every=2&evaluation.images=20&evaluation.testImages=20&transfer=100`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'own-'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** The first records of a CIFAR-10 file, under the same name. */
async function firstRecords(name: string, count: number): Promise<string> {
  const from = await openFile(path.join(DATA, 'cifar10', name));
  const { buffer } = await from.read(Buffer.alloc(RECORD * count), 0, RECORD * count, 0);
  await from.close();
  const to = path.join(folder, name);
  await writeFile(to, buffer);
  return to;
}

async function openDialog(page: Page): Promise<void> {
  await button(page, 'Bring your own').click();
  await teacherDialog(page).waitFor();
}

describe.runIf(existsSync(path.join(DATA, 'teachers')))('with real networks', () => {
  test('TensorFlow.js layers, Keras, ONNX and PyTorch networks teach CIFAR-10', async () => {
    const { page } = await open({ path: tiny('cifar10') });
    await expect.poll(() => button(page, 'Advanced settings').isEnabled(), LONG).toBe(true);
    await drop(page, [await firstRecords('train.bin', 200), await firstRecords('test.bin', 50)]);
    await region(page, 'Task')
      .getByText(/^180 training, 20 validation and 50 test/)
      .waitFor();
    await prepared(page);

    const dialog = teacherDialog(page);
    // Dropped anywhere on the page; the others are chosen.
    await drop(
      page,
      teacherFiles('cifar10_resnet8_mlperf_tfjs_layers', 'model.json', 'group1-shard1of1.bin'),
    );
    expect(await reported(dialog, 'model')).toBeGreaterThan(0.8);
    await useAndRun(page, 'model');
    expect(new URL(page.url()).hash).toContain('ownTeacher=');

    const others = [
      ['cifar10_cnn_anshaj_h5_keras_onnx', 'cifar10_model', '.h5', 0.5],
      ['cifar10_cnn_anshaj_h5_keras_onnx', 'cifar10_model', '.keras', 0.5],
      ['cifar10_cnn_anshaj_h5_keras_onnx', 'cifar10_model', '.onnx', 0.5],
      ['cifar10_resnet_akamaster_pth', 'resnet20-12fca82f', '.th', 0.8],
    ] as const;
    for (const [from, title, ending, least] of others) {
      await openDialog(page);
      await choose(dialog, teacherFiles(from, `${title}${ending}`));
      expect(await reported(dialog, title), ending).toBeGreaterThan(least);
      await useAndRun(page, title);
    }

    // A correction is looked at again, and can be taken back.
    await openDialog(page);
    await dialog.getByRole('radio', { name: /^0 to 255/ }).check();
    await expect.poll(() => dialog.getByText('As you say.').count(), LONG).toBe(1);
    await expect.poll(() => dialog.locator('[aria-busy="true"]').count(), LONG).toBe(0);
    expect(await reported(dialog, 'resnet20-12fca82f')).toBeLessThan(0.6);
    await dialog.getByRole('button', { name: 'Forget my corrections' }).click();
    await expect.poll(() => dialog.getByText('As you say.').count(), LONG).toBe(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);

    // Its architecture can learn too, beside the others.
    await openDialog(page);
    await choose(dialog, teacherFiles('cifar10_cnn_anshaj_h5_keras_onnx', 'cifar10_model.h5'));
    await reported(dialog, 'cifar10_model');
    await dialog.getByRole('button', { name: 'Also as a student' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await button(page, 'Apply & restart').click();
    const student = region(page, 'Results').locator(
      'td[data-arm="cifar10_model"][data-metric="accuracy"]',
    );
    await student.waitFor(LONG);
    await expect.poll(() => student.getAttribute('data-value'), LONG).not.toBe('');

    await button(page, 'Back to the preset’s teacher').click();
    await region(page, 'Teacher')
      .getByText(/^ResNet-20/)
      .waitFor();
    expect(new URL(page.url()).hash).not.toContain('ownTeacher=');
  });

  test('a graph model teaches images from IDX files; their teacher is left for another task', async () => {
    const { page } = await open({ path: `${tiny('own-images')}&teacher.steps=1` });
    await expect.poll(() => button(page, 'Advanced settings').isEnabled(), LONG).toBe(true);
    const digits = ['images-idx3-ubyte', 'labels-idx1-ubyte'];
    await drop(
      page,
      digits.map((name) => path.join(DATA, 'mnist', `t10k-first500-${name}`)),
    );
    const data = dataDialog(page);
    await data.getByRole('region', { name: 'Classes' }).waitFor(LONG);
    await data.getByRole('button', { name: 'Use these images' }).click();
    await drop(
      page,
      teacherFiles('mnist_cnn_subhadip_tfjs_graph', 'model.json', 'group1-shard1of1.bin'),
    );
    expect(await reported(teacherDialog(page), 'model')).toBeGreaterThan(0.8);
    await useAndRun(page, 'model');
    await page.getByRole('combobox', { name: 'Preset' }).selectOption('spiral');
    await page.getByText('The teacher model was left: it was brought for another task.').waitFor();
  });

  test('bad files are refused with their sentence, and a run goes on meanwhile', async () => {
    const { page } = await open({ path: '#preset=spiral&steps=100000' });
    await play(page);
    await reach(page, 5);
    const dialog = teacherDialog(page);
    const lfs = path.join(folder, 'network.onnx');
    await writeFile(
      lfs,
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 123456\n`,
    );
    const bad = [
      [[lfs], /Git LFS/],
      [teacherFiles('bad_h5_weights_only_no_config', 'model.h5'), /not its architecture/],
      [
        teacherFiles('bad_onnx_external_data_missing', 'cifar10.onnx'),
        /keeps its weights in cifar10\.onnx\.data, which is not there/,
      ],
    ] as const;
    await openDialog(page);
    for (const [files, sentence] of bad) {
      await choose(dialog, files);
      await expect.poll(() => dialog.getByRole('alert').textContent(), LONG).toMatch(sentence);
      expect(await dialog.getByRole('button', { name: 'Use this teacher' }).isEnabled()).toBe(
        false,
      );
    }
    await page.keyboard.press('Escape');
    expect(await spoken(page)).toMatch(/^Training\./);
    await region(page, 'Teacher').getByText('MLP 64-64').waitFor();
  });
});

test('our own weights teach again; reading and looking are cancelled at once', async () => {
  let held = false;
  let release = () => undefined as void;
  let asked = () => undefined as void;
  const away = new Promise<void>((resolve) => (asked = resolve));
  const { page } = await open({
    path: tiny('shapes-b'),
    // The first reader's script stays away for as long as it takes to cancel.
    before: (page) =>
      page.route('**/reader.worker-*.js', async (route) => {
        if (held) return route.fallback();
        held = true;
        asked();
        await new Promise<void>((resolve) => (release = resolve));
        return route.abort();
      }),
    provoked: [/reader\.worker/],
  });
  await prepared(page);
  const own = [path.resolve('public/teachers/shapes-b.safetensors')];
  await openDialog(page);
  const dialog = teacherDialog(page);
  // Nothing is read while the script stays away, so that what ends it is the button.
  await choose(dialog, own);
  await away;
  const cancel = dialog.getByRole('button', { name: 'Cancel' });
  await cancel.click();
  await expect.poll(() => cancel.count(), LONG).toBe(0);
  release();

  const looking = cancelOnSight(dialog, /^(Trying|Asking|Waiting|Getting)/);
  await choose(dialog, own);
  await looking;
  expect(await dialog.getByRole('button', { name: 'Use this teacher' }).isEnabled()).toBe(false);

  await choose(dialog, own);
  expect(await reported(dialog, 'shapes-b')).toBeGreaterThan(0.7);
  await useAndRun(page, 'shapes-b');
});
