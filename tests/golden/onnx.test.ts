import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { readOnnx } from '../../src/upload/onnx/read';
import { useCpu } from '../support/cpu';
import { givenOf, reading } from '../support/given';
import type { Wave } from '../support/golden';
import { expectClose, wave } from '../support/numbers';
import { answersOf } from '../support/real';

/** Networks as PyTorch exports them, with what PyTorch answers on two images (scripts/torch/export_onnx.py). */

interface Case {
  readonly name: string;
  readonly opset: number;
  readonly batch: 'any' | 'one';
  /** In base64. */
  readonly file: string;
  readonly scores: readonly number[];
}

const { x: input, cases } = JSON.parse(
  readFileSync(new URL('onnx.json', import.meta.url), 'utf8'),
) as { readonly x: Wave; readonly cases: readonly Case[] };

beforeAll(useCpu);

it.each(cases.map((entry) => [entry.name, entry.opset, entry.batch, entry] as const))(
  'a %s network, operator set %i, exported for %s row',
  async (name, _opset, _batch, { file, scores }) => {
    const bytes = Uint8Array.from(Buffer.from(file, 'base64'));
    const read = await readOnnx(givenOf(`${name}.onnx`, bytes), [], reading);
    const x = tf.tensor4d(wave([2, 3, 8, 8], input), [2, 3, 8, 8]).transpose([0, 2, 3, 1]);
    const found = answersOf(read, x).flat();
    expectClose(found, scores, 1e-4);
    // Axes in the file's order cost nothing where no matrices are made of them.
    const permutes = read.graph.nodes.filter(({ op }) => op === 'permute').length;
    expect(permutes).toBeLessThanOrEqual(/patches|transformer/.test(name) ? 6 : 0);
  },
);
