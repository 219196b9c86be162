import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../src/recipe/recipe';
import { liveChange } from '../../src/recipe/live';
import { choose, recipeOf, student, TINY } from '../support/recipes';

const cutmix = (share: number, select = 'all') => choose('sampler', 'cutmix', { share, select });
const arm = (temperature: number, share: number, select = 'all', name = 'one') =>
  student(choose('method', 'xcl', { temperature }), cutmix(share, select), TINY, name);
const of = (...students: Recipe['students']): Recipe => recipeOf([...students]);

describe('what a run can take over while it goes on', () => {
  it('is the temperature and the share', () => {
    expect(liveChange(of(arm(4, 1)), of(arm(2, 1)))).toEqual(['temperature 2']);
    expect(liveChange(of(arm(4, 1)), of(arm(4, 0.5)))).toEqual(['share 0.5']);
    expect(liveChange(of(arm(4, 1)), of(arm(3, 0.5)))).toEqual(['temperature 3', 'share 0.5']);
    expect(liveChange(of(arm(4, 1)), of(arm(4, 1)))).toEqual([]);
  });

  it('does not depend on the order of keys', () => {
    const { students, ...rest } = of(arm(4, 1));
    expect(liveChange({ ...rest, students }, { students, ...rest })).toEqual([]);
  });

  it('is nothing else', () => {
    const from = of(arm(4, 1));
    expect(liveChange(from, { ...from, batch: from.batch + 1 })).toBeNull();
    expect(liveChange(from, of(arm(4, 1), arm(4, 1, 'all', 'two')))).toBeNull();
    expect(liveChange(from, of(arm(4, 1, 'all', 'another name')))).toBeNull();
    expect(liveChange(from, { ...from, batch: 3, students: [arm(2, 1)] })).toBeNull();
  });

  it('is no share that rows are chosen by, or that parts students who share their batches', () => {
    expect(liveChange(of(arm(4, 1, 'confident')), of(arm(4, 0.5, 'confident')))).toBeNull();
    const two = (share: number) => of(arm(4, 1), arm(4, share, 'all', 'two'));
    expect(liveChange(two(1), two(0.5))).toBeNull();
    expect(liveChange(two(0.5), two(1))).toBeNull();
    expect(liveChange(two(0.5), two(0.25))).toEqual(['share 0.25']);
  });
});
