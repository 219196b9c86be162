import { beforeAll, expect, it } from 'vitest';
import { entropy, probabilities } from '../../src/train/metrics';
import { BatchMaker, disposeBatch } from '../../src/train/batch';
import { pixelsOf } from '../../src/train/data';
import { RowSource } from '../../src/train/rows';
import { transferOf } from '../../src/samplers/parts/compose';
import { useCpu } from '../support/cpu';
import { drawRows } from '../support/draws';
import { choose } from '../support/recipes';
import { drawnTeacher } from '../support/runs';
import { samplers } from '../../src/samplers/registry';
import { imageTask } from '../support/tasks';

const data = imageTask();
const BATCH = 16;
const rows = Array.from({ length: BATCH }, (_, i) => (i * 7) % data.train.count);

beforeAll(useCpu);

/** What a selection keeps: the rows' provenance as text, and the teacher's entropy on each. */
async function kept(select: string, share: number) {
  const teacher = drawnTeacher(data);
  const choice = choose('sampler', 'interpolation', { select, share });
  const pixels = pixelsOf(data, data.train);
  const source = new RowSource(pixels, data.train.y, data.train.count, 5);
  const maker = new BatchMaker(
    choice,
    1,
    { logits: true, parents: false, taps: false, several: false },
    source.rows(),
  );
  const transfer = transferOf(data.train.y, data.train.count, data.shape, 5);
  maker.draw(rows, transfer);
  const batch = await maker.makeChosen(teacher);
  const logits = (await batch.teacher!.data()) as Float32Array;
  const fresh = teacher.ask(batch.x);
  expect(await fresh.data()).toEqual(logits);
  const out = batch.plans.map((plan, row) => ({
    text: JSON.stringify(plan),
    entropy: entropy(probabilities({ logits, classes: 5 }, row)),
  }));
  disposeBatch(batch);
  fresh.dispose();
  return { real: out.slice(0, BATCH - batch.synthetic), synthetic: out.slice(-batch.synthetic) };
}

it.each([1, 0.5])('confident and uncertain rows part the pool, share %d', async (share) => {
  const confident = await kept('confident', share);
  const uncertain = await kept('uncertain', share);
  const half = BATCH * share;
  expect(confident.synthetic.length).toBe(half);
  expect(uncertain.synthetic.length).toBe(half);

  // The pool: twice the synthetic rows, drawn alike for both.
  const sampler = samplers.get('interpolation');
  const pool = drawRows(sampler, { select: 'confident', share }, data, { batch: BATCH })
    .slice(BATCH - half)
    .map((plan) => JSON.stringify(plan));
  expect(pool.length).toBe(2 * half);
  const together = [...confident.synthetic, ...uncertain.synthetic].map(({ text }) => text);
  expect(together.toSorted()).toEqual(pool.toSorted());

  const most = Math.max(...confident.synthetic.map((row) => row.entropy));
  const least = Math.min(...uncertain.synthetic.map((row) => row.entropy));
  expect(most).toBeLessThanOrEqual(least);
  expect(confident.real).toEqual(uncertain.real);
});

it('"all" draws no more than it keeps', () => {
  expect(drawRows(samplers.get('interpolation'), {}, data, { batch: BATCH }).length).toBe(BATCH);
});
