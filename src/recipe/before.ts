import type { Recipe } from './recipe';

/** Whether something has to be trained before a run's first step: a teacher, its predecessors, or a generator. */
export function trainsFirst({ teacher, companions, generations = 1, students }: Recipe): boolean {
  return (
    generations > 1 ||
    [teacher, ...companions].some(({ source }) => source === 'train') ||
    students.some(({ sampler: { id, params } }) => id === 'generator' && params.from !== 'bundled')
  );
}
