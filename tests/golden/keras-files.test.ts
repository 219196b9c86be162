import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBytes } from '../../src/upload/bytes';
import { readKerasH5 } from '../../src/upload/keras/h5';
import { readKeras3 } from '../../src/upload/keras/keras3';
import { useCpu } from '../support/cpu';
import { reading } from '../support/given';
import { answersOf, worst } from '../support/real';

const fileOf = (name: string) =>
  fromBytes(name, new Uint8Array(readFileSync(new URL(`keras/${name}`, import.meta.url))));
const { tiny, half } = JSON.parse(
  readFileSync(new URL('keras/answers.json', import.meta.url), 'utf8'),
) as {
  readonly tiny: { readonly x: number[]; readonly y: number[] };
  readonly half: { readonly x: number[]; readonly weights: number[][] };
};

beforeAll(useCpu);

describe('files as Keras writes them', () => {
  it.each([
    ['tiny.h5', readKerasH5],
    ['tiny.keras', readKeras3],
    ['aged.keras', readKeras3],
  ])('%s, with a network inside', async (name, read) => {
    const network = await read(fileOf(name), [], reading);
    const y = [tiny.y.slice(0, 4), tiny.y.slice(4)];
    expect(worst(answersOf(network, tf.tensor4d(tiny.x, [2, 5, 5, 3])), y)).toBeLessThan(
      1e-6 * Math.max(...tiny.y.map(Math.abs)),
    );
    expect(network.title).toBe(name.split('.')[0]);
    expect(network).toMatchObject({ layers: 13, repairs: [], layout: 'NHWC' });
    expect(network.remarks).toEqual([
      'The layer flip (RandomFlip) changes images at random in training only; here it passes them on.',
    ]);
    expect(Object.keys(network.graph.taps)).toContain('inner/separable_conv2d');
    expect(network.graph.output).toBe('head');
  });

  it('weights of 16 bits, of either kind, are the numbers that they were', async () => {
    const { weights } = await readKeras3(fileOf('half.keras'), [], reading);
    const found = [...weights.values()].map((values) => [...values]);
    expect(worst(found, half.weights)).toBeLessThan(1e-7);
  });

  it('weights alone are refused', async () => {
    await expect(readKerasH5(fileOf('tiny.weights.h5'), [], reading)).rejects.toMatchObject({
      code: 'E_UPLOAD_NO_ARCHITECTURE',
    });
    await expect(readKerasH5(fileOf('default.h5'), [], reading)).rejects.toThrow(
      'not one that Keras wrote',
    );
  });
});
