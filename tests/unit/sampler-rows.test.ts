import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyValues } from '../../src/recipe/fields';
import type { RowPlan, View } from '../../src/samplers/parts/provenance';
import { render } from '../../src/samplers/parts/render';
import { samplers } from '../../src/samplers/registry';
import { pixelsOf, realRow } from '../../src/train/data';
import { drawRows } from '../support/draws';
import { expectClose } from '../support/numbers';
import { imageTask, planeTask } from '../support/tasks';

const SIDE = 8;
const images = imageTask({ side: SIDE });
const plane = planeTask();
const pixels = pixelsOf(images, images.train);
const seeds = fc.nat(10_000);

type Image = readonly (readonly number[][])[];

/** A data set row in normalised units, [y][x][channel]. */
function imageOf(row: number): Image {
  const values = render(pixels, [realRow(row)]);
  return Array.from({ length: SIDE }, (_, y) =>
    Array.from({ length: SIDE }, (__, x) => [0, 1, 2].map((c) => values[(y * SIDE + x) * 3 + c]!)),
  );
}

/** Crop out of the zero-padded image, then mirror: the textbook way round. */
function viewed(row: number, view: View | null): Image {
  const image = imageOf(row);
  if (!view) return image;
  return image.map((_, y) => {
    const line = image.map((__, x) => image[y + view.top]?.[x + view.left] ?? [0, 0, 0]);
    return view.flip ? line.toReversed() : line;
  });
}

/** A row from its provenance alone. */
function rebuilt({ row, view, mix }: RowPlan): Image {
  const first = viewed(row, view);
  if (!('partner' in mix)) return first;
  const second = viewed(mix.partner, mix.partnerView);
  return first.map((line, y) =>
    line.map((pixel, x) => {
      const other = second[y]![x]!;
      if (mix.kind === 'interpolation')
        return pixel.map((value, c) => mix.share * value + (1 - mix.share) * other[c]!);
      const [top, left, bottom, right] = mix.box;
      return y >= top && y < bottom && x >= left && x < right ? other : pixel;
    }),
  );
}

const flat = (rows: Image[]): number[] => rows.flat(3);
const throughJson = (plans: readonly RowPlan[]) =>
  JSON.parse(JSON.stringify(plans)) as readonly RowPlan[];

it('a row of the data set is (value * scale - mean) / std', () => {
  const { mean, std } = images.normalisation;
  const wanted = Array.from(images.train.x.slice(0, SIDE * SIDE * 3), (value, i) => {
    const c = i % 3;
    return (value / 255 - mean[c]!) / std[c]!;
  });
  expectClose(render(pixels, [realRow(0)]), wanted, 1e-6);
});

describe.each(samplers.all().filter((sampler) => 'share' in sampler.params))(
  'share of $id',
  (sampler) => {
    it.each([images, plane].filter((data) => data.shape.length > 1 || sampler.id !== 'cutmix'))(
      '0 is the data, bit for bit: shape $shape',
      (data) => {
        const plans = drawRows(sampler, { share: 0 }, data);
        const wanted = drawRows(samplers.get('none'), {}, data);
        expect(plans).toEqual(wanted);
        const split = pixelsOf(data, data.train);
        expect(render(split, plans)).toEqual(render(split, wanted));
      },
    );

    it.each([
      [0.5, 8],
      [1, 16],
      [0.3, 5],
    ])('%d of 16 rows are %d synthetic ones, which stand last', (share, count) => {
      const kinds = drawRows(sampler, { share }, images).map((plan) => plan.mix.kind);
      expect(kinds.slice(0, 16 - count)).toEqual(new Array(16 - count).fill('real'));
      expect(kinds.slice(16 - count)).toEqual(new Array(count).fill(sampler.id));
    });

    it('starts each synthetic row from the row that all arms share', () => {
      const rows = (params: AnyValues) => drawRows(sampler, params, images).map((plan) => plan.row);
      expect(rows({ share: 1 })).toEqual(rows({ share: 0 }));
    });
  },
);

describe('provenance rebuilds', () => {
  it.each(['none', 'cutmix'])('cropped, mirrored rows of %s to the bit', (id) => {
    fc.assert(
      fc.property(seeds, fc.nat(4), (seed, pad) => {
        const plans = drawRows(samplers.get(id), { augment: 'crop-flip', pad }, images, { seed });
        expect([...render(pixels, plans)]).toEqual(flat(throughJson(plans).map(rebuilt)));
      }),
      { numRuns: 10 },
    );
  });

  it('views of every kind: shifted both ways and mirrored', () => {
    const plans = drawRows(samplers.get('none'), { augment: 'crop-flip', pad: 2 }, images, {
      batch: 1000,
    });
    const kinds = new Set(plans.map(({ view }) => `${view?.top} ${view?.left} ${view?.flip}`));
    expect(kinds.size).toBe(5 * 5 * 2);
  });

  it('interpolated rows to 1e-6, within the bounds of their parents', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('none', 'crop-flip'), (seed, augment) => {
        const plans = drawRows(samplers.get('interpolation'), { augment, pad: 2 }, images, {
          seed,
        });
        const found = render(pixels, plans);
        expectClose(found, flat(throughJson(plans).map(rebuilt)), 1e-6);
        const parents = (pick: (plan: RowPlan) => Image) => flat(plans.map(pick));
        const first = parents((plan) => viewed(plan.row, plan.view));
        const second = parents(({ mix }) =>
          'partner' in mix ? viewed(mix.partner, mix.partnerView) : [],
        );
        const outside = found.findIndex(
          (value, i) =>
            value < Math.min(first[i]!, second[i]!) - 1e-6 ||
            value > Math.max(first[i]!, second[i]!) + 1e-6,
        );
        expect(outside).toBe(-1);
      }),
      { numRuns: 10 },
    );
  });

  it.each([1, 0])('a share of %d as exactly one of the parents', (share) => {
    const partner = 3;
    const plan: RowPlan = {
      row: 2,
      view: null,
      mix: { kind: 'interpolation', partner, partnerView: null, share },
    };
    const parent = realRow(share === 1 ? 2 : partner);
    expect(render(pixels, [plan])).toEqual(render(pixels, [parent]));
  });

  it('a row mixed with itself as itself', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const mix = { kind: 'interpolation', partner: 5, partnerView: null, share } as const;
        expectClose(
          render(pixels, [{ row: 5, view: null, mix }]),
          render(pixels, [realRow(5)]),
          1e-6,
        );
      }),
    );
  });

  it('noise from its seed, with the wanted spread around the row', () => {
    const plans = drawRows(samplers.get('noise'), { sigma: 0.5 }, images);
    const found = render(pixels, plans);
    expect(render(pixels, throughJson(plans))).toEqual(found);
    const clean = render(
      pixels,
      plans.map((plan) => realRow(plan.row)),
    );
    const added = found.map((value, i) => value - clean[i]!);
    const mean = added.reduce((a, b) => a + b) / added.length;
    const spread = Math.sqrt(added.reduce((sum, v) => sum + (v - mean) ** 2, 0) / added.length);
    // 3,072 values: five standard errors.
    expect(Math.abs(mean)).toBeLessThan(0.045);
    expect(Math.abs(spread - 0.5)).toBeLessThan(0.032);
  });
});

it('CutMix boxes lie in the image and their share counts the pixels', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      for (const { mix } of drawRows(samplers.get('cutmix'), {}, images, { seed })) {
        if (mix.kind !== 'cutmix') throw new Error('not a CutMix row');
        const [top, left, bottom, right] = mix.box;
        expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
        expect(Math.max(bottom, right)).toBeLessThanOrEqual(SIDE);
        expect(mix.share).toBe(1 - ((bottom - top) * (right - left)) / SIDE ** 2);
      }
    }),
    { numRuns: 50 },
  );
});

it('equal seeds draw equally, other seeds otherwise', () => {
  for (const sampler of samplers.all().filter(({ id }) => id !== 'none')) {
    const draw = (seed: number) => drawRows(sampler, {}, images, { seed });
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  }
});
