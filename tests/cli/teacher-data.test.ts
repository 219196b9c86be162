import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/recipe/random';
import { cifarRecords } from '../fixtures/cifar';
import { pngFile } from '../support/files/png';
import { floats, onnxFile } from '../support/onnx-file';
import { wave } from '../support/uploads';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'teacher-data-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (...parts: string[]) => path.join(scratch, ...parts);

/** A network of two outputs: the image itself, and so many logits of the means of its colours. */
const network = (classes: number) =>
  onnxFile({
    input: [null, 3, 32, 32],
    nodes: [
      { op: 'Relu', inputs: ['x'], outputs: ['picture'] },
      { op: 'GlobalAveragePool', inputs: ['picture'], outputs: ['mean'] },
      { op: 'Flatten', inputs: ['mean'], outputs: ['list'] },
      { op: 'MatMul', inputs: ['list', 'w'], outputs: ['logits'] },
    ],
    outputs: ['picture', 'logits'],
    weights: { w: floats([3, classes], wave(3 * classes, 2)) },
  });

beforeAll(() => {
  writeFileSync(at('ten.onnx'), network(10));
  writeFileSync(at('five.onnx'), network(5));
  mkdirSync(at('my data'));
  writeFileSync(at('my data', 'train.bin'), cifarRecords('cifar10', 120, 1));
  writeFileSync(at('my data', 'test.bin'), cifarRecords('cifar10', 40, 2));
  const random = new Random(5);
  for (const kind of ['dark', 'bright', 'grey']) {
    mkdirSync(at('pictures', kind), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const samples = Array.from({ length: 32 * 32 * 3 }, () => random.integer(200));
      writeFileSync(at('pictures', kind, `${i}.png`), pngFile(32, 32, samples));
    }
  }
  mkdirSync(at('notes'));
  writeFileSync(at('notes', 'notes.md'), 'hello');
});

function command(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/cli.mjs', ...args, '--backend', 'cpu'],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

it('CIFAR’s files are read whatever their folder is called, and it is said which output answers', () => {
  const { status, stdout, stderr } = command('teacher', at('ten.onnx'), '--data', at('my data'));
  expect(status, stderr).toBe(0);
  expect(stdout).toContain(
    `Looked at as a teacher for the task cifar10, with the data in ${at('my data')}.`,
  );
  expect(stdout).toContain('2 outputs: picture (3,072), logits (10)');
  expect(stdout).toContain(
    'It has 2 outputs: picture (3,072 numbers), logits (10 numbers). logits is used, the only one whose size fits the task’s 10 classes.',
  );
  expect(stdout).not.toContain('Without --data');
});

it('folders of images are decoded as npm run distill does; a map that was worked out is said', () => {
  const pictures = at('pictures');
  const { status, stdout, stderr } = command(
    'teacher',
    at('five.onnx'),
    '--task',
    'images',
    '--data',
    pictures,
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toContain(`for the task images, with the data in ${pictures}`);
  expect(stdout).toMatch(
    /It has 5 outputs for 3 classes\. Which stands for which was worked out from \d+ labelled examples: /,
  );
  expect(stdout).not.toContain('nothing here that could decode it');
});

it('several outputs are listed without data too', () => {
  const { status, stdout } = command('teacher', at('ten.onnx'));
  expect(status).toBe(0);
  expect(stdout).toContain('2 outputs: picture (3,072), logits (10)');
  expect(stdout).toContain('Which of them answers depends on the task: --data says it.');
  expect(stdout).not.toContain('It seems to put out');
});

it.each([
  ['teacher', 'ten.onnx', 'nowhere', 2, 'nowhere, and there is no such file or folder.'],
  ['teacher', 'ten.onnx', 'notes', 1, 'notes, which holds no data that are known.'],
  [
    'distill',
    'recipes/cifar10.json',
    'nowhere',
    2,
    'nowhere, and there is no such file or folder.',
  ],
  ['distill', 'recipes/cifar10.json', 'notes', 1, 'notes, which holds no file of CIFAR-10.'],
])('%s %s --data %s is said not to be understood', (name, file, data, code, words) => {
  const given = name === 'teacher' ? at(file) : file;
  const { status, stderr, stdout } = command(name, given, '--data', at(data));
  expect([status, stderr]).toEqual([code, expect.stringContaining(words)]);
  expect(stdout).not.toContain('Refused');
});
