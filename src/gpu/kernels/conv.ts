import { bindings, entry, spread, unroll } from './launch';
import type { Program } from './launch';
import { halfProducts } from './arithmetic';
import type { Products } from './arithmetic';
import { lanesOf, rowTile } from './geometry';
import type { ConvGeometry } from './geometry';

/**
 * Convolutions by register tiles, without workgroup memory: an invocation computes a few neighbouring pixels of a row for
 * a few channels, reads the row's inputs once for all columns of the filter, and uses every loaded weight for all its
 * pixels. Neighbouring invocations hold neighbouring channels, so that weights and outputs are read and written in
 * order. (Tiles in workgroup memory were measured slower on software adapters: their barriers cost more than they save.)
 */

/** What follows a convolution in the same kernel. */
export interface Epilogue {
  readonly bias: boolean;
  readonly residual: boolean;
  readonly relu: boolean;
}

export const PLAIN: Epilogue = { bias: false, residual: false, relu: false };

const dimensions = ['batch', 'inHeight', 'inWidth', 'outHeight', 'outWidth'] as const;

const sizes = (g: ConvGeometry): number[] => dimensions.map((name) => g[name]);

/** What the source of a kernel depends on, as part of its key. */
const fixed = (g: ConvGeometry): string =>
  [
    `${g.kernelHeight}x${g.kernelWidth}`,
    `${g.inChannels}-${g.outChannels}`,
    `s${g.strideHeight}x${g.strideWidth}`,
    `p${g.padTop}x${g.padLeft}`,
  ].join(' ');

/**
 * y = x * w (+ bias) (+ residual), ReLU. Bindings: x, weights, [bias], [residual], y; the weights begin at `weightsAt`
 * and the bias at `biasAt` floats into their buffers.
 */
export function convForward(
  g: ConvGeometry,
  epilogue: Epilogue,
  weightsAt = 0,
  biasAt = 0,
): Program {
  const tile = rowTile(g.outWidth);
  const { each, lanes, ragged } = lanesOf(g.outChannels);
  const tiles = Math.ceil(g.outWidth / tile);
  const { kernelWidth: kw, strideWidth: stride, inChannels, outChannels } = g;
  const columns = (tile - 1) * stride + kw;
  const used = Array.from({ length: columns }, (_, j) => j).filter((j) =>
    range(tile).some((p) => j - p * stride >= 0 && j - p * stride < kw),
  );
  const names = [
    'x',
    'w',
    ...(epilogue.bias ? ['bias'] : []),
    ...(epilogue.residual ? ['residual'] : []),
    '=y',
  ];
  const channel = (q: number) => (ragged ? `min(c${q}, ${outChannels - 1})` : `c${q}`);
  const half = halfProducts();
  const sums = shortSums(half, tile * each, 'ci', inChannels);
  const code = () => `
${half?.head ?? ''}
${bindings(names, [...dimensions, 'weightsAt', 'biasAt'])}
${entry()}
  let lane = at % ${lanes};
  let strip = at / ${lanes};
  let tiles = (n.outWidth + ${tile - 1}) / ${tile};
  let left = (strip % tiles) * ${tile};
  let oy = (strip / tiles) % n.outHeight;
  let image = strip / (tiles * n.outHeight);
  if (image >= n.batch) { return; }
  ${unroll(each, (q) => `let c${q} = lane + ${q * lanes};`)}
  ${unroll(tile * each, (i) => `var sum${i} = 0.0;`)}
  ${used.map((j) => `let ix${j} = left * ${stride} + ${j - g.padLeft}; let in${j} = ix${j} >= 0 && ix${j} < n.inWidth;`).join('\n')}
  for (var ky = 0; ky < ${g.kernelHeight}; ky++) {
    let iy = oy * ${g.strideHeight} + ky - ${g.padTop};
    if (iy < 0 || iy >= n.inHeight) { continue; }
    let row = (image * n.inHeight + iy) * n.inWidth;
    ${used.map((j) => `let x${j} = (row + ix${j}) * ${inChannels};`).join('\n')}
    var weight = n.weightsAt + ky * ${kw * inChannels * outChannels};
    ${sums.begin}
    for (var ci = 0; ci < ${inChannels}; ci++) {
      ${used.map((j) => `let v${j} = ${sums.load(`select(0.0, x[x${j} + ci], in${j})`)};`).join('\n')}
      ${range(kw)
        .map((kx) =>
          unroll(
            each,
            (
              q,
            ) => `{ let f = ${sums.load(`w[weight + ${kx * inChannels * outChannels} + ${channel(q)}]`)};
        ${range(tile)
          .map((p) => sums.add(p * each + q, `v${p * stride + kx}`))
          .join(' ')} }`,
          ),
        )
        .join('\n')}
      weight += ${outChannels};
      ${sums.flush}
    }
  }
  let out = (image * n.outHeight + oy) * n.outWidth + left;
  ${unroll(tile, (p) => {
    const stores = unroll(each, (q) => {
      const place = `(out + ${p}) * ${outChannels} + c${q}`;
      let value = `sum${p * each + q}`;
      if (epilogue.bias) value += ` + bias[n.biasAt + c${q}]`;
      if (epilogue.residual) value += ` + residual[${place}]`;
      if (epilogue.relu) value = `max(0.0, ${value})`;
      return `${ragged ? `if (c${q} < ${outChannels}) ` : ''}{ y[${place}] = ${value}; }`;
    });
    return p === 0 ? stores : `if (left + ${p} < n.outWidth) { ${stores} }`;
  })}
}`;
  return {
    kernel: {
      key: `conv ${fixed(g)} t${tile} ${epilogue.bias ? 'b' : ''}${epilogue.residual ? 'r' : ''}${epilogue.relu ? 'a' : ''}${half?.key ?? ''}`,
      code,
    },
    groups: spread(g.batch * g.outHeight * tiles * lanes),
    numbers: [...sizes(g), weightsAt, biasAt],
  };
}

/**
 * dL/dx from dy. Bindings: dy, weights, dx. With `swapped` the weights are [kernelHeight, kernelWidth, outChannels,
 * inChannels], which lie in the order in which they are read.
 */
export function convInputGradient(g: ConvGeometry, swapped: boolean, weightsAt = 0): Program {
  const { kernelWidth: kw, strideWidth: stride, inChannels, outChannels } = g;
  const tile = rowTile(g.inWidth, stride);
  const { each, lanes, ragged } = lanesOf(inChannels);
  const tiles = Math.ceil(g.inWidth / tile);
  // Column of dy, relative to the tile's first, that pixel p meets through filter column kx; null where the stride
  // leaves none.
  const meets = (p: number, kx: number): number | null => {
    const distance = p + g.padLeft - kx;
    return distance % stride === 0 ? distance / stride : null;
  };
  const pairs = range(tile).flatMap((p) =>
    range(kw).flatMap((kx) => {
      const j = meets(p, kx);
      return j === null ? [] : [{ p, kx, j }];
    }),
  );
  const used = [...new Set(pairs.map(({ j }) => j))].sort((a, b) => a - b);
  const name = (j: number) => (j < 0 ? `m${-j}` : `${j}`);
  const channel = (q: number) => (ragged ? `min(c${q}, ${inChannels - 1})` : `c${q}`);
  const place = (kx: number, q: number) =>
    swapped
      ? `weight + ${kx * inChannels * outChannels} + co * ${inChannels} + ${channel(q)}`
      : `weight + ${kx * inChannels * outChannels} + ${channel(q)} * ${outChannels} + co`;
  const half = halfProducts();
  const sums = shortSums(half, tile * each, 'co', outChannels);
  const whole = (total: string) => half?.gradientSum(total) ?? total;
  const code = () => `
${half?.head ?? ''}
${bindings(['dy', 'w', '=dx'], [...dimensions, 'weightsAt'])}
${entry()}
  let lane = at % ${lanes};
  let strip = at / ${lanes};
  let tiles = (n.inWidth + ${tile - 1}) / ${tile};
  let left = (strip % tiles) * ${tile};
  let iy = (strip / tiles) % n.inHeight;
  let image = strip / (tiles * n.inHeight);
  if (image >= n.batch) { return; }
  ${unroll(each, (q) => `let c${q} = lane + ${q * lanes};`)}
  ${unroll(tile * each, (i) => `var sum${i} = 0.0;`)}
  ${used.map((j) => `let ox${name(j)} = left / ${stride} + ${j}; let in${name(j)} = ox${name(j)} >= 0 && ox${name(j)} < n.outWidth;`).join('\n')}
  for (var ky = 0; ky < ${g.kernelHeight}; ky++) {
    let down = iy + ${g.padTop} - ky;
    if (down < 0 || down % ${g.strideHeight} != 0 || down / ${g.strideHeight} >= n.outHeight) { continue; }
    let row = (image * n.outHeight + down / ${g.strideHeight}) * n.outWidth;
    ${used.map((j) => `let y${name(j)} = (row + ox${name(j)}) * ${outChannels};`).join('\n')}
    let weight = n.weightsAt + ky * ${kw * inChannels * outChannels};
    ${sums.begin}
    for (var co = 0; co < ${outChannels}; co++) {
      ${used.map((j) => `let v${name(j)} = ${sums.load(`select(0.0, dy[y${name(j)} + co], in${name(j)})`, true)};`).join('\n')}
      ${range(kw)
        .map((kx) =>
          unroll(
            each,
            (q) => `{ let f = ${sums.load(`w[${place(kx, q)}]`)};
        ${pairs
          .filter((pair) => pair.kx === kx)
          .map(({ p, j }) => sums.add(p * each + q, `v${name(j)}`))
          .join(' ')} }`,
          ),
        )
        .join('\n')}
      ${sums.flush}
    }
  }
  let out = (image * n.inHeight + iy) * n.inWidth + left;
  ${unroll(tile, (p) => {
    const stores = unroll(
      each,
      (q) =>
        `${ragged ? `if (c${q} < ${inChannels}) ` : ''}{ dx[(out + ${p}) * ${inChannels} + c${q}] = ${whole(`sum${p * each + q}`)}; }`,
    );
    return p === 0 ? stores : `if (left + ${p} < n.inWidth) { ${stores} }`;
  })}
}`;
  return {
    kernel: {
      key: `conv dx ${fixed(g)} t${tile}${swapped ? ' swapped' : ''}${half?.key ?? ''}`,
      code,
    },
    groups: spread(g.batch * g.inHeight * tiles * lanes),
    numbers: [...sizes(g), weightsAt],
  };
}

/** Pixels of a row that the filter gradient takes at once. */
const FILTER_TILE = 4;
/** Sums that one invocation keeps in registers. */
const FILTER_SUMS = 48;
/** Invocations that fill a large GPU; rows are split no further than that, and not under ROWS_EACH. */
const FILTER_INVOCATIONS = 16384;
const ROWS_EACH = 4;

export interface FilterProgram extends Program {
  /** How many partial sums of the whole filter the kernel writes: [splits, ...filter]. */
  readonly splits: number;
}

/**
 * dL/dw from x and dy as `splits` partial sums, each over some rows of all images (split-K): the sum over batch and
 * pixels is what is long here. Bindings: x, dy, partial. Add them up with `sumSplits`.
 */
export function convFilterGradient(g: ConvGeometry): FilterProgram {
  const { kernelWidth: kw, strideWidth: stride, inChannels, outChannels } = g;
  const { each, lanes, ragged } = lanesOf(outChannels);
  const most = Math.max(1, Math.min(8, Math.floor(FILTER_SUMS / (kw * each))));
  const block = Math.min(most, inChannels);
  const blocks = Math.ceil(inChannels / block);
  const tile = Math.min(FILTER_TILE, g.outWidth);
  const used = Array.from({ length: (tile - 1) * stride + kw }, (_, j) => j).filter((j) =>
    range(tile).some((p) => j - p * stride >= 0 && j - p * stride < kw),
  );
  const rows = g.batch * g.outHeight;
  const units = g.kernelHeight * blocks * lanes;
  const wanted = Math.min(Math.ceil(FILTER_INVOCATIONS / units), Math.ceil(rows / ROWS_EACH));
  const rowsEach = Math.ceil(rows / Math.max(1, wanted));
  const splits = Math.ceil(rows / rowsEach);
  const channel = (q: number) => (ragged ? `min(c${q}, ${outChannels - 1})` : `c${q}`);
  const size = g.kernelHeight * kw * inChannels * outChannels;
  const wide = inChannels % block === 0;
  const half = halfProducts();
  const load = (value: string, gradient = false) => half?.load(value, gradient) ?? value;
  const whole = (total: string) => half?.gradientSum(total) ?? total;
  const code = () => `
${half?.head ?? ''}
${bindings(['x', 'dy', '=partial'], [...dimensions, 'splits', 'rows'])}
${entry()}
  let lane = at % ${lanes};
  let first = ((at / ${lanes}) % ${blocks}) * ${block};
  let ky = (at / ${lanes * blocks}) % ${g.kernelHeight};
  let part = at / ${units};
  if (part >= n.splits) { return; }
  ${unroll(each, (q) => `let c${q} = lane + ${q * lanes};`)}
  ${unroll(kw * block * each, (i) => `var sum${i} = 0.0;`)}
  let end = min((part + 1) * n.rows, n.batch * n.outHeight);
  for (var r = part * n.rows; r < end; r++) {
    let iy = (r % n.outHeight) * ${g.strideHeight} + ky - ${g.padTop};
    if (iy < 0 || iy >= n.inHeight) { continue; }
    let row = ((r / n.outHeight) * n.inHeight + iy) * n.inWidth;
    for (var left = 0; left < n.outWidth; left += ${tile}) {
      let out = (r * n.outWidth + left) * ${outChannels};
      ${range(tile)
        .map((p) =>
          unroll(each, (q) => {
            const value = `dy[out + ${p * outChannels} + ${channel(q)}]`;
            const there = p === 0 ? value : `select(0.0, ${value}, left + ${p} < n.outWidth)`;
            return `let d${p}_${q} = ${load(there, true)};`;
          }),
        )
        .join('\n')}
      ${used.map((j) => `let ix${j} = left * ${stride} + ${j - g.padLeft}; let in${j} = ix${j} >= 0 && ix${j} < n.inWidth; let x${j} = (row + ix${j}) * ${inChannels} + first;`).join('\n')}
      ${unroll(
        block,
        (i) => `{
        ${used.map((j) => `let v${j} = ${load(`select(0.0, x[x${j} + ${i}], in${j})`)};`).join('\n')}
        ${range(kw)
          .map((kx) =>
            unroll(
              each,
              (q) =>
                `sum${(kx * block + i) * each + q} += ${products(
                  half,
                  range(tile).map((p) => [`v${p * stride + kx}`, `d${p}_${q}`]),
                )};`,
            ),
          )
          .join('\n')}
      }`,
      )}
    }
  }
  let base = part * ${size} + ky * ${kw * inChannels * outChannels};
  ${range(kw)
    .map((kx) =>
      unroll(block, (i) => {
        const stores = unroll(
          each,
          (q) =>
            `${ragged ? `if (c${q} < ${outChannels}) ` : ''}{ partial[base + ${kx * inChannels * outChannels} + (first + ${i}) * ${outChannels} + c${q}] = ${whole(`sum${(kx * block + i) * each + q}`)}; }`,
        );
        return wide ? stores : `if (first + ${i} < ${inChannels}) { ${stores} }`;
      }),
    )
    .join('\n')}
}`;
  return {
    kernel: { key: `conv dw ${fixed(g)} t${tile}${half?.key ?? ''}`, code },
    groups: spread(splits * units),
    numbers: [...sizes(g), splits, rowsEach],
    splits,
  };
}

/** Sums partial [splits, size] over its first axis into `out` from `outAt` on. Bindings: partial, out. */
export function sumSplits(size: number, splits: number, outAt = 0): Program {
  return {
    kernel: {
      key: 'sum splits',
      code: () => `
${bindings(['partial', '=out'], ['size', 'splits', 'outAt'])}
${entry()}
  if (at >= n.size) { return; }
  var sum = 0.0;
  for (var i = 0; i < n.splits; i++) { sum += partial[i * n.size + at]; }
  out[n.outAt + at] = sum;
}`,
    },
    groups: spread(size),
    numbers: [size, splits, outAt],
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Channels whose products are added up in 16 bits before the sum goes on in 32. */
const SHORT = 4;

/**
 * Source of sums over a loop of channels: straight into `sum0`, `sum1`, ... in 32 bits; in half precision by short sums
 * beside them, which are added every few channels.
 *
 * @param over the loop's variable @param channels its end
 */
function shortSums(half: Products | null, count: number, over: string, channels: number) {
  if (!half)
    return {
      begin: '',
      flush: '',
      load: (value: string, _gradient = false) => value,
      add: (i: number, v: string) => `sum${i} += ${v} * f;`,
    };
  const each = (line: (i: number) => string) => unroll(count, line);
  return {
    begin: each((i) => `var short${i} = ${half.zero};`),
    flush: `if (${over} % ${SHORT} == ${SHORT - 1} || ${over} == ${channels - 1}) { ${each(
      (i) => `sum${i} += ${half.widen(`short${i}`)}; short${i} = ${half.zero};`,
    )} }`,
    load: (value: string, gradient = false) => half.load(value, gradient),
    add: (i: number, v: string) => `short${i} = ${half.add(`short${i}`, v, 'f')};`,
  };
}

/** A sum of a few products. */
function products(half: Products | null, pairs: readonly (readonly [string, string])[]): string {
  if (!half) return pairs.map(([a, b]) => `${a} * ${b}`).join(' + ');
  return half.widen(pairs.reduce((total, [a, b]) => half.add(total, a, b), half.zero));
}
