import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawLatents, latentKl, reconstruction } from '../../src/gpu/ops/variational';
import { upsample } from '../../src/gpu/ops/resize';
import { useCpu } from '../support/cpu';
import type { Wave } from '../support/golden';
import { expectClose, wave } from '../support/numbers';

/** The generator's bound against PyTorch (scripts/torch/golden_generator.py). */

interface Bound {
  readonly rows: number;
  readonly latent: number;
  readonly size: number;
  readonly spread: number;
  readonly waves: Readonly<Record<'head' | 'noise' | 'decoder' | 'x', Wave>>;
  readonly latents: readonly number[];
  readonly reconstruction: number;
  readonly kl: number;
  readonly dHead: readonly number[];
  readonly dDecoder: readonly number[];
}

interface Upsampled {
  readonly shape: readonly [number, number, number, number];
  readonly waves: Readonly<Record<'x' | 'dy', Wave>>;
  readonly y: readonly number[];
  readonly dx: readonly number[];
}

const golden = JSON.parse(readFileSync('tests/golden/generator.json', 'utf8')) as {
  readonly bound: readonly Bound[];
  readonly upsample: readonly Upsampled[];
};

beforeAll(useCpu);

const table = (shape: readonly [number, number], by: Wave) =>
  tf.tensor2d(wave(shape, by), [...shape]);

describe('the bound and its gradient', () => {
  it('has three settings', () => expect(golden.bound.length).toBe(3));

  it.each(golden.bound)('spread $spread, $latent latents', async (wanted) => {
    const { rows, latent, size, spread, waves } = wanted;
    const head = table([rows, 2 * latent], waves.head);
    const noise = table([rows, latent], waves.noise);
    const decoder = table([latent, size], waves.decoder);
    const x = table([rows, size], waves.x);
    expectClose(await drawLatents(head, noise).data(), wanted.latents, 1e-5, 'latents');
    const parts = (h: tf.Tensor2D, d: tf.Tensor2D) =>
      [reconstruction(tf.matMul(drawLatents(h, noise), d), x, spread), latentKl(h)] as const;
    const [found, kl] = parts(head, decoder);
    expectClose(await found.data(), [wanted.reconstruction], 1e-5, 'reconstruction');
    expectClose(await kl.data(), [wanted.kl], 1e-5, 'KL');
    const gradients = tf.grads((...args: tf.Tensor[]) =>
      tf.addN([...parts(args[0] as tf.Tensor2D, args[1] as tf.Tensor2D)]),
    );
    const [dHead, dDecoder] = gradients([head, decoder]) as [tf.Tensor, tf.Tensor];
    expectClose(await dHead.data(), wanted.dHead, 1e-5, 'gradient for the head');
    expectClose(await dDecoder.data(), wanted.dDecoder, 1e-5, 'gradient for the decoder');
  });

  it('weighs its parts: twice the loss, twice the gradient', async () => {
    const head = table([2, 4], [0.9, 0.2, 1, 0]);
    const slope = (factor: number) =>
      tf
        .grad((h: tf.Tensor) => tf.mul(latentKl(h as tf.Tensor2D), factor))(head)
        .data();
    expectClose(
      await slope(2),
      Array.from(await slope(1), (value) => 2 * value),
      1e-6,
    );
  });
});

it.each(golden.upsample)('upsampling of $shape', async ({ shape, waves, y, dx }) => {
  const x = tf.tensor4d(wave(shape, waves.x), [...shape]);
  const [n, h, w, c] = shape;
  const big = [n, 2 * h, 2 * w, c] as const;
  const dy = tf.tensor4d(wave(big, waves.dy), [...big]);
  expectClose(await upsample(x).data(), y, 1e-6, 'y');
  expectClose(
    await tf
      .grad((v: tf.Tensor) => upsample(v as tf.Tensor4D))(x, dy)
      .data(),
    dx,
    1e-5,
    'dx',
  );
});
