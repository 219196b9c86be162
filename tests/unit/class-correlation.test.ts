import { beforeAll, expect, it } from 'vitest';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SMALL_MLP, student } from '../support/recipes';
import { drawnTeacher, trainerOf } from '../support/runs';
import { planeTask } from '../support/tasks';

beforeAll(useCpu);

it('the classes of a student that imitates their correlation lie nearer to the teacher’s than those of one that only watches it', async () => {
  const data = planeTask();
  const teacher = drawnTeacher(data, choose('model', 'mlp', { hidden: [7] }));
  const arm = (gamma: number) =>
    student(choose('method', 'icc', { gamma }), undefined, SMALL_MLP, `weight ${gamma}`);
  const trainer = trainerOf(recipeOf([arm(0), arm(20)], { steps: 60, batch: 15 }), data, teacher);
  await trainer.prepare();
  while (trainer.step < 60) await trainer.takeStep();
  const [watching, imitating] = await trainer.trainPoints();
  trainer.dispose();
  teacher.dispose();
  const of = (point: typeof watching) => point?.terms.frobenius ?? NaN;
  expect(of(imitating)).toBeLessThan(0.5 * of(watching));
  expect(imitating?.terms.correlation).toBeCloseTo(of(imitating) ** 2 / 9, 5);
});
