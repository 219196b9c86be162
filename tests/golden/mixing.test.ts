import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { softmaxAt } from '../../src/gpu/ops/losses';
import { methods } from '../../src/methods/registry';
import { defaultsOf } from '../../src/recipe/fields';
import { Random } from '../../src/recipe/random';
import { render } from '../../src/samplers/parts/render';
import { samplers } from '../../src/samplers/registry';
import { targetsOf } from '../../src/train/rows';
import { klDivergence } from '../../src/train/metrics';
import { useCpu } from '../support/cpu';
import { drawFixed, drawRows } from '../support/draws';
import { lossAndGradient } from '../support/methods';
import { expectClose } from '../support/numbers';
import { imageTask } from '../support/tasks';

beforeAll(useCpu);

describe('the share of the first parent', () => {
  it.each([
    [0.2, 0.178571],
    [0.4, 0.138889],
    [1, 0.083333],
    [2, 0.05],
  ])('has for Beta(%d, a) mean 1/2 and variance %d', (alpha, variance) => {
    const interpolation = samplers.get('interpolation');
    const random = Random.from(1, 'shares');
    const shares = Array.from({ length: 100_000 }, () => {
      const mix = interpolation.draw(0, {
        random,
        params: { ...defaultsOf(interpolation.params), alpha },
        count: 2,
        classes: 2,
        shape: [2],
        partner: () => ({ row: 1, view: null }),
      });
      return 'share' in mix ? mix.share : NaN;
    });
    const mean = shares.reduce((a, b) => a + b) / shares.length;
    const spread = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.005);
    expect(Math.abs(spread - variance)).toBeLessThan(0.003);
    if (alpha !== 1) return;
    const larger = shares.reduce((sum, s) => sum + Math.max(s, 1 - s), 0) / shares.length;
    const apart = shares.reduce((sum, s) => sum + 2 * s * (1 - s), 0) / shares.length;
    expect(Math.abs(larger - 0.75)).toBeLessThan(0.005);
    expect(Math.abs(apart - 1 / 3)).toBeLessThan(0.005);
  });
});

describe('the larger share first', () => {
  const rows = (largerFirst: boolean) =>
    drawRows(samplers.get('interpolation'), { largerFirst, alpha: 0.4 }, imageTask(), {
      batch: 40,
    });
  const shareOf = ({ mix }: ReturnType<typeof rows>[number]) => ('share' in mix ? mix.share : NaN);

  it('changes the shares that are less than half, and no other draw', () => {
    const [drawn, larger] = [rows(false), rows(true)];
    const shares = drawn.map(shareOf);
    expect(larger.map(shareOf)).toEqual(shares.map((share) => Math.max(share, 1 - share)));
    expect(shares.some((share) => share < 0.5)).toBe(true);
    const without = (plans: typeof drawn) =>
      plans.map((plan) => ({ ...plan, mix: { ...plan.mix, share: null } }));
    expect(without(larger)).toEqual(without(drawn));
  });
});

describe('mixed labels', () => {
  const logits = [0.5, -0.2, 1.3];
  const ce = (target: number[]) =>
    lossAndGradient(methods.get('mixup-erm'), {}, { logits: [logits], targets: [target] }).loss;

  it('give the mixture of the two cross-entropies', () => {
    expectClose([ce([0.3, 0, 0.7])], [0.754295073], 1e-6);
    expectClose([ce([1, 0, 0]), ce([0, 0, 1])], [1.314295073, 0.514295073], 1e-6);
  });

  it('stand in the targets by share, the own label first', () => {
    const mix = { kind: 'interpolation', partner: 1, partnerView: null, share: 0.3 } as const;
    const plans = [{ row: 0, view: null, mix }];
    const labels = Uint8Array.of(0, 2);
    expectClose(targetsOf(plans, labels, 3, true), [0.3, 0, 0.7], 1e-6);
    expect([...targetsOf(plans, labels, 3, false)]).toEqual([0, 0, 0]);
  });
});

describe('the teacher of the mix and the mix of the teachers', () => {
  /** A linear teacher, z = W x, on x1 = [1, 0], x2 = [0, 2] and 0.3 x1 + 0.7 x2. */
  const W = [
    [2, -1],
    [0, 1],
    [-1, 0.5],
  ];
  const teacher = (x: readonly number[]) =>
    W.map(([a = 0, b = 0]) => a * (x[0] ?? 0) + b * (x[1] ?? 0));
  const asked = teacher([0.3, 1.4]);
  const first = [teacher([1, 0])];
  const second = [teacher([0, 2])];
  const student = [[0, 0, 0]];
  const answer = [0.0749337, 0.67627765, 0.24878865];
  const mixture = [0.26238744, 0.53923799, 0.19837457];

  it('differ', () => {
    expectClose(
      tf.tidy(() => softmaxAt(tf.tensor2d([asked]), 1).dataSync()),
      answer,
      1e-6,
    );
    expectClose([klDivergence(answer, mixture)], [0.115569925], 1e-6);
  });

  it('are what XCL and its control imitate', () => {
    // At a student without opinion the gradient is 1/3 - target.
    const away = (target: number[]) => target.map((p) => 1 / 3 - p);
    const params = { temperature: 1, labelWeight: 0 };
    const xcl = lossAndGradient(methods.get('xcl'), params, { logits: student, teacher: [asked] });
    expectClose(xcl.gradient, away(answer), 1e-6);
    const control = lossAndGradient(methods.get('mixed-teacher'), params, {
      logits: student,
      first,
      second,
      share: [0.3],
    });
    expectClose(control.gradient, away(mixture), 1e-6);
  });
});

describe('CutMix', () => {
  const cutmix = samplers.get('cutmix');

  it('cuts a side of int(32 sqrt(1 - share)) and counts the pixels', () => {
    const mix = drawFixed(cutmix, 0.64, 16, [32, 32, 3]);
    expect(mix).toMatchObject({ box: [7, 7, 26, 26] });
    expect('share' in mix && mix.share).toBeCloseTo(0.647460938, 8);
  });

  it('clips the box at the border and counts what is left of it', () => {
    const mix = drawFixed(cutmix, 0.64, 0, [32, 32, 3]);
    expect(mix).toMatchObject({ box: [0, 0, 10, 10] });
    expect('share' in mix && mix.share).toBe(1 - 100 / 1024);
  });

  it('keeps everything at share 1 and nothing at share 0', () => {
    expect(drawFixed(cutmix, 1, 16, [32, 32, 3])).toMatchObject({ share: 1 });
    expect(drawFixed(cutmix, 0, 16, [32, 32, 3])).toMatchObject({ share: 0, box: [0, 0, 32, 32] });
  });
});

it('synthetic rows carry no label: shuffled labels change no loss without mixed labels', () => {
  const data = imageTask();
  const plans = drawRows(samplers.get('cutmix'), {}, data);
  expect(plans.every((plan) => plan.mix.kind === 'cutmix')).toBe(true);
  const shuffled = data.train.y.toReversed();
  for (const labels of [data.train.y, shuffled])
    expect(targetsOf(plans, labels, 5, false).every((value) => value === 0)).toBe(true);
  expect(targetsOf(plans, shuffled, 5, true)).not.toEqual(targetsOf(plans, data.train.y, 5, true));
  expect(render({ ...data.train, ...data }, plans).some((value) => value !== 0)).toBe(true);
});
