import type { LayerPart, Layers, LayerStep } from '../../recipe/layers';
import type { Chain } from './chain';
import type { ActivationStep, Hints, PoolStep } from './hints';

/** How an image gets through the convolutions: what the sizes of a file may decide. */
export interface Geometry {
  /** [height, width, channels] or [numbers]. */
  readonly input: readonly number[];
  readonly convs: readonly Convolution[];
  /** Places of the convolutions (from 0) that a pool stands behind. */
  readonly pools: readonly number[];
  readonly pool: PoolStep;
  readonly end: 'flatten' | 'mean' | 'max' | 'none';
  /** How usual it is: the less the more so. */
  readonly rank: number;
}

type Convolution = Pick<Extract<LayerStep, { op: 'conv' }>, 'stride' | 'padding' | 'dilation'>;
type Pair = readonly [number, number];

/** Everything else that no size tells. */
export interface Manner {
  readonly activation: ActivationStep;
  readonly poolKind: PoolStep['kind'];
  /** What stands behind a layer with a norm, in order. */
  readonly norm: 'before' | 'after' | 'last';
}

const USUAL: Manner = {
  activation: { op: 'activation', kind: 'relu', alpha: 0.01 },
  poolKind: 'max',
  norm: 'before',
};

/** What is usual, or what a pickled model has as layers of its own. */
export const usualFor = ({ activations: [own] }: Hints): Manner => ({
  ...USUAL,
  ...(own && { activation: own }),
});

/** Sides of images that networks are commonly made for, by their channels. */
const SIDES: Readonly<Record<number, readonly number[]>> = {
  1: [28, 32, 64, 48, 24, 16, 20, 40, 56, 96, 100, 128, 224],
  3: [32, 64, 28, 224, 96, 48, 128, 16, 24, 40, 56, 100, 112, 150, 160, 256, 299],
};
/** Of all sides up to this one the equation is tried where none of the usual ones solves it. */
const LARGEST = 256;
/** Up to so many convolutions every choice of pools is looked at. */
const MOST_FREE = 6;

const square = (n: number): Pair => [n, n];
const poolOf = (size: number, stride: number, padding: number): PoolStep => ({
  op: 'pool',
  kind: 'max',
  size: square(size),
  stride: square(stride),
  padding: square(padding),
  ceil: false,
});
const POOLS: readonly (readonly [PoolStep, number])[] = [
  [poolOf(2, 2, 0), 0],
  [poolOf(3, 2, 0), 2],
  [poolOf(3, 2, 1), 3],
  [poolOf(3, 3, 0), 3],
  [poolOf(4, 4, 0), 4],
];

/**
 * The ways in which sizes of a chain fit together, the most usual first.
 *
 * @param wanted shape of the task's inputs, which come first; null where no task is known
 * @param most how many are wanted
 */
export function geometriesOf(
  chain: Chain,
  hints: Hints,
  wanted: readonly number[] | null,
  most: number,
): readonly Geometry[] {
  const convs = chain.links.flatMap(({ part }) => (part.op === 'conv' ? [part] : []));
  if (convs.length === 0) return lists(chain, wanted).slice(0, most);
  const [first] = convs as [(typeof convs)[0]];
  const own = wanted?.length === 3 ? [wanted as readonly [number, number, number]] : [];
  const usual = (SIDES[first.within] ?? SIDES[3] ?? []).map(
    (side) => [side, side, first.within] as const,
  );
  const inputs = [...own.map(([h, w]) => [h, w, first.within] as const), ...usual].filter(
    (one, i, all) => all.findIndex((other) => String(other) === String(one)) === i,
  );
  const found = solved(chain, convs, hints, inputs, own.length > 0);
  if (found.length > 0) return best(found, most);
  const every = Array.from(
    { length: LARGEST - 3 },
    (_, i) => [i + 4, i + 4, first.within] as const,
  );
  const odd = best(solved(chain, convs, hints, every, false, true), most);
  return odd.length > 0 ? odd : backwards(chain, convs, hints);
}

/** From here on a geometry is no guess but a beginning: it fits the sizes, and nothing speaks for it. */
export const ONLY_FITS = 50;

/** The image from which convolutions alone lead to what the first dense layer takes. */
function backwards(
  chain: Chain,
  convs: readonly Extract<LayerPart, { op: 'conv' }>[],
  hints: Hints,
): readonly Geometry[] {
  const dense = chain.links.find(({ part }) => part.op === 'dense')?.part;
  const [windows] = windowsOf(convs, hints);
  if (dense?.op !== 'dense' || !windows) return [];
  const area = dense.features / (convs.at(-1)?.filters ?? 1);
  const side = Array.from({ length: Math.floor(Math.sqrt(area)) }, (_, i) => i + 1).findLast(
    (n) => area % n === 0,
  );
  if (side === undefined) return [];
  const sides: [number, number] = [side, area / side];
  for (const [i, { kernel }] of [...convs.entries()].toReversed()) {
    const { stride, padding, dilation } = windows[0][i] as Convolution;
    for (const axis of [0, 1] as const)
      sides[axis] =
        (sides[axis] - 1) * stride[axis] +
        dilation[axis] * (kernel[axis] - 1) +
        1 -
        2 * padding[axis];
  }
  if (sides.some((n) => n < 1)) return [];
  const input = [...sides, convs[0]?.within ?? 1];
  const pool = POOLS[0]?.[0] as PoolStep;
  return [{ input, convs: windows[0], pools: [], pool, end: 'flatten', rank: ONLY_FITS }];
}

/** Of two that are the same but for their side only the first is a choice. */
function best(found: readonly Geometry[], most: number): readonly Geometry[] {
  const seen = new Set<string>();
  const ranked = found.toSorted((a, b) => a.rank - b.rank);
  return ranked
    .filter((one) => {
      const { rank: _, ...same } = one;
      const key = JSON.stringify(one.pools.length === 0 ? { ...same, pool: null } : same);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, most);
}

/** A list of numbers, or an image that is flattened first. */
function lists(chain: Chain, wanted: readonly number[] | null): readonly Geometry[] {
  const [head] = chain.links;
  const features = head?.part.op === 'dense' ? head.part.features : 0;
  const base = { convs: [], pools: [], pool: POOLS[0]?.[0] as PoolStep };
  const plain: Geometry = { ...base, input: [features], end: 'none', rank: 1 };
  const images = (wanted?.length === 3 ? [wanted] : [])
    .filter((shape) => shape.reduce((a, b) => a * b, 1) === features)
    .map((input): Geometry => ({ ...base, input, end: 'flatten', rank: 0 }));
  const side = Math.sqrt(features / 3);
  if (images.length === 0 && Number.isInteger(side) && side >= 8)
    images.push({ ...base, input: [side, side, 3], end: 'flatten', rank: 0 });
  // Of grey images a list is the same numbers in the same order.
  return images[0]?.input[2] === 1 ? [plain] : [...images, plain];
}

function solved(
  chain: Chain,
  convs: readonly Extract<LayerPart, { op: 'conv' }>[],
  hints: Hints,
  inputs: readonly (readonly [number, number, number])[],
  task: boolean,
  plainly = false,
): Geometry[] {
  const dense = chain.links.find(({ part }) => part.op === 'dense')?.part;
  const channels = convs.at(-1)?.filters ?? 1;
  const area = dense?.op === 'dense' ? dense.features / channels : null;
  const pools: readonly (readonly [PoolStep, number])[] =
    hints.pools.length > 0 ? distinct(hints.pools).map((pool) => [pool, 0]) : POOLS;
  const found: Geometry[] = [];
  const sets = placesFor(convs);
  // A model whose layers are known and that has no pool among them may still call one, but seldom does.
  const bare = hints.convs.size > 0 && hints.pools.length === 0 ? 3 : 0;
  for (const [geometry, extra] of windowsOf(convs, hints)) {
    // Of unusual sides only the usual windows are looked at: there are a hundred times as many.
    if (plainly && extra > 0) continue;
    for (const [place, input] of inputs.entries())
      for (const [kind, [pool, odd]] of pools.entries())
        for (const [where, irregular] of sets) {
          if (where.length === 0 && kind > 0) continue;
          const shape = through(input, convs, geometry, where, pool);
          if (!shape) continue;
          const [h, w] = shape;
          const rank =
            extra +
            irregular +
            (where.length === 0 ? 0 : odd + bare) +
            (task && place === 0 ? 0 : 1.5 + place / 10);
          const base = { input, convs: geometry, pools: where, pool, rank };
          if (area !== null && h * w === area && !(area === 1 && h > 1)) {
            found.push({
              ...base,
              end: 'flatten',
              rank:
                rank +
                (area === 1 ? 0.6 : 0) +
                (hints.ends.length > 0 && !hints.ends.includes('flatten') ? 2 : 0),
            });
            // At one pixel a list and a mean are the same.
            if (area === 1) continue;
          }
          // A mean leaves the sides open: the first input is as good as any.
          if ((area === null || area === 1) && place === 0 && h * w > 1 && odd === 0) {
            const wide = Math.max(h, w) > input[0] / 2 ? 1 : 0;
            // Networks that end in a mean keep their sides more often than not.
            const bare = geometry.every(({ padding }) => padding.every((n) => n === 0)) ? 0.5 : 0;
            const end = hints.ends.includes('max') && !hints.ends.includes('mean') ? 'max' : 'mean';
            found.push({
              ...base,
              end,
              rank: rank + wide + bare + (hints.ends.includes(end) ? 0 : 0.5),
            });
          }
          if (area === null && h * w === 1) found.push({ ...base, end: 'flatten', rank });
        }
  }
  return found;
}

const distinct = (pools: readonly PoolStep[]): PoolStep[] =>
  pools.filter(
    (one, i) => pools.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i,
  );

/** The sides after all convolutions and pools; null where the image is too small for them. */
function through(
  input: readonly [number, number, number],
  convs: readonly Extract<LayerPart, { op: 'conv' }>[],
  geometry: readonly Convolution[],
  pools: readonly number[],
  pool: PoolStep,
): Pair | null {
  let sides: [number, number] = [input[0], input[1]];
  const slide = (
    i: 0 | 1,
    size: Pair,
    stride: Pair,
    pad: Pair,
    dilation: number,
    ceil: boolean,
  ) => {
    const free = sides[i] + 2 * pad[i] - dilation * (size[i] - 1) - 1;
    return free < 0 ? 0 : (ceil ? Math.ceil : Math.floor)(free / stride[i]) + 1;
  };
  for (const [i, { kernel }] of convs.entries()) {
    const { stride, padding, dilation } = geometry[i] as Convolution;
    sides = [
      slide(0, kernel, stride, padding, dilation[0], false),
      slide(1, kernel, stride, padding, dilation[1], false),
    ];
    if (pools.includes(i))
      sides = [
        slide(0, pool.size, pool.stride, pool.padding, 1, pool.ceil),
        slide(1, pool.size, pool.stride, pool.padding, 1, pool.ceil),
      ];
    if (sides[0] < 1 || sides[1] < 1) return null;
  }
  return sides;
}

/** Strides and margins of all convolutions, with how unusual they are. */
function windowsOf(
  convs: readonly Extract<LayerPart, { op: 'conv' }>[],
  hints: Hints,
): readonly (readonly [readonly Convolution[], number])[] {
  if (convs.every(({ name }) => hints.convs.has(name)))
    return [[convs.map(({ name }) => hints.convs.get(name) as Convolution), 0]];
  const same = (i: number): Pair => {
    const [h, w] = convs[i]?.kernel ?? [1, 1];
    return [Math.floor((h - 1) / 2), Math.floor((w - 1) / 2)];
  };
  const all = convs.map((_, i) => i);
  const wide = all.filter((i) => same(i).some((n) => n > 0));
  const margins: [ReadonlySet<number>, number][] = [
    [new Set(), 0],
    [new Set(all), 0],
  ];
  // Both ways in one network: the first with a margin and the others without is the commonest of these.
  if (wide.length > 1 && wide.length <= MOST_FREE)
    for (let bits = 1; bits < 2 ** wide.length - 1; bits++) {
      const some = wide.filter((_, i) => (bits >> i) & 1);
      margins.push([new Set(some), some.length === 1 && some[0] === wide[0] ? 2 : 3]);
    }
  const grows = all.filter((i) => i > 0 && (convs[i]?.filters ?? 0) > (convs[i - 1]?.filters ?? 0));
  const large = convs[0]?.kernel[0] ?? 1;
  const strides: [(i: number) => number, number][] = [
    [() => 1, 0],
    [() => 2, convs.every(({ kernel }) => kernel[0] % 2 === 0) ? 1 : 3],
    [(i) => (grows.includes(i) ? 2 : 1), 3],
    [(i) => (i === 0 ? 2 : 1), 3],
    ...(large >= 11
      ? [[(i: number) => (i === 0 ? 4 : 1), 1] as [(i: number) => number, number]]
      : []),
  ];
  return strides.flatMap(([stride, odd], way) =>
    (way === 0 ? margins : margins.slice(0, 2)).map(([padded, mixed]) => {
      const choice = convs.map(({ name }, i): Convolution => {
        const known = hints.convs.get(name);
        if (known) return known;
        const none: Pair = i === 0 && large >= 11 && stride(0) === 4 ? [2, 2] : [0, 0];
        return {
          stride: square(stride(i)),
          padding: padded.has(i) ? same(i) : none,
          dilation: [1, 1],
        };
      });
      return [choice, odd + mixed] as const;
    }),
  );
}

/** Where pools may stand, with how unusual that is. */
function placesFor(
  convs: readonly Extract<LayerPart, { op: 'conv' }>[],
): readonly (readonly [readonly number[], number])[] {
  const n = convs.length;
  const all = convs.map((_, i) => i);
  const last = n - 1;
  const grows = all.filter((i) => i < last && (convs[i + 1]?.filters ?? 0) !== convs[i]?.filters);
  const usual: (readonly [readonly number[], number])[] = [
    [all, n > 6 ? 2 : n > 3 ? 0.3 : 0],
    ...(n > 1 ? [[all.filter((i) => i % 2 === 1), 0] as const] : []),
    [[...grows, last], 0.2],
    [grows, 0.6],
    [all.slice(0, -1), 0.7],
    [[last], 0.8],
    [[], n < 3 ? 0.8 : 0.4],
    [all.filter((i) => i % 3 === 2), 1],
    [[0], 1.2],
    [all.slice(1), 1.2],
    // Of VGGs of sixteen layers and of nineteen.
    ...[
      [2, 2, 3, 3, 3],
      [2, 2, 4, 4, 4],
      [1, 1, 2, 2, 2],
      [2, 2, 2, 2, 2],
    ].map((blocks) => {
      let at = -1;
      return [blocks.map((count) => (at += count)).filter((i) => i <= last), 0.5] as const;
    }),
  ];
  if (n <= MOST_FREE)
    for (let bits = 1; bits < 2 ** n; bits++) usual.push([all.filter((i) => (bits >> i) & 1), 1.8]);
  const seen = new Set<string>();
  return usual
    .toSorted(([, a], [, b]) => a - b)
    .filter(([where]) => {
      const fresh = !seen.has(String(where));
      seen.add(String(where));
      return fresh;
    });
}

/** The layers of a chain under a geometry and a manner. */
export function layersOf(chain: Chain, hints: Hints, geometry: Geometry, manner: Manner): Layers {
  const steps: LayerStep[] = [];
  const norm = (name: string): LayerStep => ({
    op: 'norm',
    name,
    epsilon: hints.epsilons.get(name) ?? 1e-5,
  });
  const { links, first, flat } = chain;
  steps.push(...first.map(norm));
  if (links[0]?.part.op === 'dense' && geometry.end === 'flatten') steps.push({ op: 'flatten' });
  let conv = -1;
  for (const [i, { part, norms, slopes }] of links.entries()) {
    const { name } = part;
    if (part.op === 'conv') {
      conv += 1;
      steps.push({ op: 'conv', name, ...(geometry.convs[conv] as Convolution) });
    } else steps.push({ op: 'dense', name });
    const end = i === links.length - 1;
    const act: LayerStep[] =
      slopes.length > 0
        ? slopes.map((slope) => ({ op: 'slope', name: slope }))
        : end
          ? []
          : [manner.activation];
    const pool: LayerStep[] =
      part.op === 'conv' && geometry.pools.includes(conv)
        ? [{ ...geometry.pool, kind: manner.poolKind }]
        : [];
    const own = norms.map(norm);
    const way = {
      before: [...own, ...act, ...pool],
      after: [...act, ...own, ...pool],
      last: [...act, ...pool, ...own],
    }[manner.norm];
    steps.push(...way);
    const leaves = part.op === 'conv' && links[i + 1]?.part.op !== 'conv';
    if (!leaves) continue;
    if (geometry.end === 'flatten') steps.push({ op: 'flatten' });
    else if (geometry.end !== 'none') steps.push({ op: 'global', kind: geometry.end });
    steps.push(...flat.map(norm));
  }
  return { input: geometry.input, steps };
}
