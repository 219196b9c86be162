import { describe, expect, it } from 'vitest';
import { Random } from '../../src/recipe/random';
import { LastGood } from '../../src/train/last-good';
import { Diverged, LossWatch } from '../../src/train/watch';
import type { Departure } from '../../src/train/watch';

/** What a watch says to losses that come one a step; null where it never says that they left. */
function told(losses: readonly number[]): Departure | null {
  const watch = new LossWatch();
  for (const [step, loss] of losses.entries()) {
    const left = watch.add({ step, terms: { loss } });
    if (left) return left;
  }
  return watch.end();
}

const times = (count: number, loss: number): number[] => Array.from({ length: count }, () => loss);

describe('a loss that has left', () => {
  it.each([NaN, Infinity, -Infinity])('is seen at once where it is %s', (loss) => {
    expect(told([2, 1, loss])).toMatchObject({ step: 2, began: 2 });
  });

  it('is seen where it stays far above its beginning, by the first step that it was', () => {
    expect(told([1.2, 1, ...times(40, 60)])).toMatchObject({ step: 2, loss: 60, began: 1.2 });
  });

  it('is seen where it jumps about, as long as it is mostly far above', () => {
    const wild = Array.from({ length: 80 }, (_, i) => (i % 6 === 0 ? 0.9 : 40 + i));
    expect(told([1, ...wild])).not.toBeNull();
  });

  it('is seen sooner where it is very far', () => {
    expect(told([1, ...times(4, 5e4), ...times(40, 1)])).toMatchObject({ step: 1 });
  });

  it('is seen in a short run that ends there', () => {
    expect(told([1, 30, 40, 35, 50])).toMatchObject({ step: 1 });
    expect(told([1, 80])).toBeNull();
  });

  it('is seen below zero too: a negative loss may not fall for ever', () => {
    expect(told([-1, ...times(32, -900)])).not.toBeNull();
  });
});

describe('a healthy loss', () => {
  it.each<[string, readonly number[]]>([
    ['falls', Array.from({ length: 300 }, (_, i) => 3 * 0.98 ** i)],
    ['of real values goes below zero', Array.from({ length: 300 }, (_, i) => 1.4 - i / 80)],
    ['has a spike in the warm-up', [2.3, ...times(12, 60), ...times(60, 1.8)]],
    ['has single spikes of a likelihood', [0.5, ...times(90, -2), 129, ...times(90, -2), 64, -1]],
    ['begins near zero', [1e-4, ...times(200, 0.9)]],
    ['begins high and stays there', times(200, 480)],
  ])('that %s is left alone', (_, losses) => {
    expect(told(losses)).toBeNull();
  });

  it('that is noisy is left alone', () => {
    const random = Random.from(1, 'watch');
    expect(
      told(Array.from({ length: 2000 }, () => 1.5 * Math.exp(random.normal() / 2))),
    ).toBeNull();
  });

  it('is measured by its own terms when they change, or weigh more from a step on', () => {
    const watch = new LossWatch();
    for (let step = 0; step < 100; step++) {
      const terms = step < 50 ? { ce: 1 } : { kd: 2, hint: 0.5 };
      expect(watch.add({ step, terms }, { kd: 16, hint: step })).toBeNull();
    }
    expect(watch.lastDoubt).toBe(-1);
  });
});

it('what a watch says does not depend on how often it is asked', () => {
  const losses = [1, 2, ...times(60, 33)];
  const watch = new LossWatch();
  const said: Departure[] = [];
  for (let upTo = 0; upTo < losses.length; upTo += 7)
    for (const [step, loss] of losses.slice(0, upTo).entries()) {
      const left = watch.add({ step, terms: { loss } });
      if (left) said.push(left);
    }
  expect(said[0]).toEqual(told(losses));
});

it('the error says what is known: where the loss began, where it went, and which rate to lower', () => {
  const ran = new Diverged('of KD', { step: 30, loss: 988.4, began: 1.197 }, 'students');
  expect(ran).toMatchObject({ code: 'E_DIVERGED', step: 31, rate: 'students' });
  expect(ran.message).toBe(
    'The loss of KD ran away: it began at 1.2, was 988 at step 31 and stayed far above.',
  );
  const far = new Diverged('of KD', { step: 1, loss: 4128.4, began: 0.55 }, 'students');
  expect(far.message).toContain('was 4,130 at step 2');
  const beyond = new Diverged('of KD', { step: 1, loss: 4.491e6, began: 0.55 }, 'students');
  expect(beyond.message).toContain('was 4.49e6 at step 2');
  const gone = new Diverged('of the generator', { step: 0, loss: NaN, began: 1 }, null);
  expect(gone.message).toBe(
    'The loss of the generator is no finite number any more from step 1 on.',
  );
  expect(gone.hint).not.toContain('rate');
});

describe('the last good weights', () => {
  const stand = (step: number, freed: number[]) => ({
    step,
    seconds: 0,
    networks: [{ dispose: () => void freed.push(step) }],
  });

  it('are those of an evaluation after which the next loss was as it should be', () => {
    const freed: number[] = [];
    const kept = new LastGood();
    kept.keep(stand(0, freed));
    expect(kept.stand).toBeNull();
    kept.prove(0, -1);
    expect(kept.stand?.step).toBe(0);
    kept.keep(stand(50, freed));
    // The loss of step 49 was computed before the step that made these weights.
    kept.prove(49, -1);
    expect(kept.stand?.step).toBe(0);
    kept.prove(64, 17);
    expect(kept.stand?.step).toBe(50);
    kept.keep(stand(100, freed));
    kept.prove(128, 101);
    expect(kept.stand?.step).toBe(50);
    expect(freed).toEqual([0, 100]);
    // A loss that has left may fall for a moment.
    kept.keep(stand(140, freed));
    kept.prove(150, 130);
    expect(kept.stand?.step).toBe(50);
    kept.keep(stand(150, freed));
    kept.keep(stand(200, freed));
    kept.dispose();
    expect(freed.toSorted((a, b) => a - b)).toEqual([0, 50, 100, 140, 150, 200]);
  });
});
