import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withCompression } from '../../src/app/edit';
import { MetricLog } from '../../src/app/metrics';
import { ticksIn } from '../../src/charts/SizeChart';
import { WeightMap } from '../../src/charts/WeightMap';
import { checkRecipe } from '../../src/recipe/check';
import type { EvaluationPoint, WeightSpread } from '../../src/recipe/events';
import { decodeLink, encodeLink } from '../../src/recipe/link';
import { presets } from '../../src/recipe/presets';
import { spreadOf } from '../../src/train/spread';
import { catalogue } from '../support/catalogue';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const spread: WeightSpread = {
  layer: 'hidden2.weight',
  low: -1,
  high: 1,
  learnt: [1, 2, 1, 0],
  used: [0, 2, 2, 0],
  levels: [-0.25, 0.25],
};

const point = (step: number, spreads?: EvaluationPoint['spreads']): EvaluationPoint => ({
  step,
  seconds: 1,
  students: [],
  averaged: null,
  footprints: [{ bytes: 612, macs: 1184 }],
  ...(spreads && { spreads }),
});

describe('the log of a run', () => {
  it('keeps spreads of the students that have some', () => {
    const log = new MetricLog();
    log.evaluated(point(1));
    log.evaluated(point(2, [null, spread]));
    expect(log.spreads(0)).toEqual([]);
    expect(log.spreads(1)).toEqual([{ step: 2, spread }]);
    log.clear();
    expect(log.spreads(1)).toEqual([]);
  });
});

it('sizes have round ticks within their range', () => {
  expect(ticksIn(212, 1900)).toEqual([500, 1000]);
  expect(ticksIn(50, 900_000)).toEqual([100, 1000, 10_000, 100_000]);
});

describe('the map of weights', () => {
  const drawn = (columns: Parameters<typeof WeightMap>[0]['columns']) =>
    renderToStaticMarkup(<WeightMap columns={columns} steps={10} colour="red" />);

  it('draws a rectangle for every bin with weights, and says what is stored', () => {
    const html = drawn([
      { step: 5, spread },
      { step: 10, spread },
    ]);
    expect(html.match(/<rect/g)?.length).toBe(4);
    expect(html.match(/<line/g)?.length).toBe(2);
    expect(html).toContain(
      'hidden2.weight over the steps; at step 10 2 stored values: -0.25, 0.25',
    );
    expect(html).not.toContain('NaN');
  });

  it('says so where there are no weights', () => {
    expect(drawn([])).toContain('No weights yet');
  });
});

it('a spread counts every weight once, and names the stored values unless they are many', () => {
  const learnt = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i));
  const used = learnt.map((value) => Math.round(value * 2) / 2);
  const found = spreadOf('w', learnt, used, used);
  for (const counts of [found.learnt, found.used])
    expect(counts.reduce((a, b) => a + b, 0)).toBe(200);
  expect(found.levels).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(found.high).toBe(1);
  expect(spreadOf('w', learnt, used, learnt).levels).toEqual([]);
});

it('a compression is chosen, travels in a link, and is taken away again', () => {
  const [{ recipe }] = presets;
  const choice = { id: 'dkm', params: { bits: 1 } };
  const students = recipe.students.map((one) => withCompression(one, choice));
  const read = decodeLink(encodeLink({ ...recipe, students }));
  expect(read.problems).toEqual([]);
  const { recipe: checked } = checkRecipe(read.recipe, catalogue);
  expect(checked?.students[1]?.compression).toMatchObject({
    id: 'dkm',
    params: { bits: 1, dim: 1 },
  });
  const none = { id: 'none', params: {} };
  expect(students.map((one) => withCompression(one, none))).toEqual(recipe.students);
});
