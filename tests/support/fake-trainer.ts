import type { Recipe } from '../../src/recipe/recipe';
import type { Trainer } from '../../src/train/trainer';

/**
 * A trainer whose steps cost nothing: for the order and the pace of the loop's events.
 *
 * @param shown what it shows on the stage, in the place of next to nothing
 */
export function fakeTrainer(
  recipe: Pick<Recipe, 'steps' | 'evaluation'>,
  onStep: (step: number) => void = () => undefined,
  shown: Partial<Pick<Trainer, 'look' | 'again' | 'planes' | 'lines'>> = {},
): Trainer {
  const figures = { accuracy: 1, agreement: 1, kl: 0, nll: 0, ece: 0 };
  const trainer = {
    recipe,
    step: 0,
    get shown(): number {
      return trainer.step;
    },
    refusal: null,
    notices: [],
    teacher: { calls: 0, rows: 0 },
    prepare: () => Promise.resolve({}),
    takeStep() {
      trainer.step += 1;
      onStep(trainer.step);
      return Promise.resolve();
    },
    watch: () => Promise.resolve(),
    trainPoints: () => Promise.resolve([{ loss: 0, terms: {} }]),
    evaluate: (seconds: number) =>
      Promise.resolve({
        point: { step: trainer.step, seconds, students: [figures], averaged: null },
        verdicts: [],
      }),
    test: () => Promise.resolve({ teacher: figures, students: [figures], verdicts: [] }),
    look: () => Promise.resolve([{ id: trainer.step }]),
    again: () => Promise.resolve([]),
    lines: () => Promise.resolve(null),
    planes: () => Promise.resolve(null),
  };
  return Object.assign(trainer, shown) as unknown as Trainer;
}
