import { describe, expect, it } from 'vitest';
import { countMacs, countParameters } from '../../src/models/net/graph';
import { models } from '../../src/models/registry';
import { defaultsOf } from '../../src/recipe/fields';

const graphOf = (id: string, stemStride: number, classes = 10) => {
  const model = models.get(id);
  return model.graph([32, 32, 3], classes, { ...defaultsOf(model.params), stemStride });
};

/** Parameters and millions of multiply-adds for one 32x32 image, ten classes, at stem stride 1. */
const TABLE: readonly [string, number, string][] = [
  ['resnet8half', 19_954, '3.236'],
  ['resnet8', 78_042, '12.502'],
  ['resnet14', 175_258, '26.657'],
  ['resnet20', 272_474, '40.813'],
  ['resnet14x2', 692_122, '101.107'],
  ['resnet20x2', 1_080_090, '157.730'],
  ['resnet56', 855_770, '125.748'],
];

describe('the CIFAR ResNets', () => {
  it.each(TABLE)('%s has %d parameters and %s million multiply-adds', (id, parameters, macs) => {
    const graph = graphOf(id, 1);
    expect(countParameters(graph)).toBe(parameters);
    expect((countMacs(graph) / 1e6).toFixed(3)).toBe(macs);
  });

  it('all stand in the table', () => {
    const ids = models.all().flatMap(({ id }) => (id.startsWith('resnet') ? [id] : []));
    expect(TABLE.map(([id]) => id).toSorted()).toEqual(ids.toSorted());
  });

  it('cost a quarter at stem stride 2, with as many parameters', () => {
    const [whole, halved] = [graphOf('resnet8half', 1), graphOf('resnet8half', 2)];
    expect(countParameters(halved)).toBe(19_954);
    const head = 32 * 10;
    expect((countMacs(whole) - head) / (countMacs(halved) - head)).toBe(4);
  });
});

it('the tiny convnet and the MLP', () => {
  const tiny = models.get('tinyconv');
  const graph = tiny.graph([32, 32, 3], 10, { widths: [8, 16, 32] });
  expect(countParameters(graph)).toBe(6418);
  // 16x16x8 x 27, 8x8x16 x 72, 4x4x32 x 144, 32 x 10.
  expect(countMacs(graph)).toBe(55_296 + 73_728 + 73_728 + 320);
  const mlp = models.get('mlp').graph([2], 3, { hidden: [6, 6] });
  expect(countParameters(mlp)).toBe(18 + 42 + 21);
  expect(countMacs(mlp)).toBe(12 + 36 + 18);
});
