import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { countMacs, countParameters } from '../../src/models/net/graph';
import { readSafetensors } from '../../src/models/net/safetensors';
import { models } from '../../src/models/registry';
import type { TeacherCard } from '../../src/recipe/recipe';
import { render } from '../../src/samplers/parts/render';
import type { TaskData } from '../../src/tasks/contract';
import shapes from '../../src/tasks/shapes';
import { realRow } from '../../src/train/data';
import { Teacher } from '../../src/train/teacher';

/** What the PyTorch twins answer to the first 16 test images of the shapes (scripts/torch/teacher_logits.py). */
const golden = JSON.parse(readFileSync('tests/golden/teachers.json', 'utf8')) as Record<
  string,
  { sha256: string; logits: number[][] }
>;
const cards = JSON.parse(readFileSync('public/teachers/cards.json', 'utf8')) as TeacherCard[];
const CIFAR = {
  scale: 1 / 255,
  mean: [0.492887, 0.482861, 0.446702],
  std: [0.246437, 0.243747, 0.261128],
};

let images: TaskData;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const context = { trainCount: 1, seed: undefined, sources: [], progress: () => undefined };
  images = await shapes.load({ preset: 'C' }, context);
  // The generator draws all 3,000 test images for the 16 that are needed.
}, 60_000);

const fileOf = (card: TeacherCard) => readFileSync(`public/teachers/${card.id}.safetensors`);

test('every bundled task has its teacher', () => {
  expect(cards.map((card) => card.id)).toEqual(['cifar10', 'shapes-b', 'shapes-c', 'spiral']);
});

describe.each(cards)('$id', (card) => {
  const input = card.task.id === 'spiral' ? [2] : [32, 32, 3];
  const classes = card.task.id === 'spiral' ? 3 : 10;
  const graph = models.get(card.model.id).graph(input, classes, card.model.params);

  test('is the file that its card describes', () => {
    const bytes = fileOf(card);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(card.sha256);
    expect(bytes.byteLength).toBe(card.bytes);
    expect(countParameters(graph)).toBe(card.parameters);
    expect(countMacs(graph)).toBe(card.macs);
  });

  // The spiral's teacher is an MLP that this engine trained itself: it has no twin.
  if (card.task.id === 'spiral') return;

  test('answers as its PyTorch twin does, to 1e-4', () => {
    const expected = golden[card.id];
    expect(expected?.sha256).toBe(card.sha256);
    const { tensors } = readSafetensors(fileOf(card), card.id);
    const weights = new Map([...tensors].map(([name, { values }]) => [name, values]));
    const teacher = new Teacher(card.title, graph, weights);
    const plans = Array.from({ length: 16 }, (_, row) => realRow(row));
    const normalisation = card.task.id === 'cifar10' ? CIFAR : images.normalisation;
    const pixels = { x: images.test.x, shape: images.shape, normalisation };
    const x = tf.tensor(render(pixels, plans), [16, 32, 32, 3]);
    const logits = teacher.ask(x).arraySync();
    logits.forEach((row, i) =>
      row.forEach((value, c) =>
        expect(Math.abs(value - (expected?.logits[i]?.[c] ?? NaN))).toBeLessThan(1e-4),
      ),
    );
  });
});
