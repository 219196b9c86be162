import { defaultsOf } from '../../src/recipe/fields';
import type { AnyValues } from '../../src/recipe/fields';
import { Random } from '../../src/recipe/random';
import type { DrawContext, Sampler } from '../../src/samplers/contract';
import { composeRows, transferOf } from '../../src/samplers/parts/compose';
import type { RowPlan } from '../../src/samplers/parts/provenance';
import type { TaskData } from '../../src/tasks/contract';

/** A batch of a sampler on a task's training split, by its defaults where `params` says nothing else. */
export function drawRows(
  sampler: Sampler,
  params: AnyValues,
  data: TaskData,
  { seed = 1, batch = 16 } = {},
): RowPlan[] {
  const { train, shape, classes } = data;
  const random = Random.from(seed, 'draws');
  const rows = Array.from({ length: batch }, (_, i) => (i * 7) % train.count);
  const transfer = transferOf(train.y, train.count, shape, classes.length);
  return composeRows(sampler, { ...defaultsOf(sampler.params), ...params }, rows, transfer, random);
}

/** What a sampler draws when chance gives the same share and the same whole number each time. */
export function drawFixed(sampler: Sampler, share: number, whole: number, shape: number[]) {
  const random = { beta: () => share, integer: () => whole } as unknown as Random;
  const context: DrawContext = {
    random,
    params: defaultsOf(sampler.params),
    count: 2,
    classes: 2,
    shape,
    partner: () => ({ row: 1, view: null }),
  };
  return sampler.draw(0, context);
}
