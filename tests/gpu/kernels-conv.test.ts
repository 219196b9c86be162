import { beforeAll, describe, expect, it } from 'vitest';
import {
  convFilterGradient,
  convForward,
  convInputGradient,
  sumSplits,
} from '../../src/gpu/kernels/conv';
import type { Epilogue } from '../../src/gpu/kernels/conv';
import { squareGeometry } from '../../src/gpu/kernels/geometry';
import type { ConvGeometry } from '../../src/gpu/kernels/geometry';
import { Random } from '../../src/recipe/random';
import { useBackend } from '../support/backends';
import { golden } from '../support/golden';
import { expectRelative, wave } from '../support/numbers';
import {
  convolution,
  convolutionFilter,
  convolutionInput,
  sizesOf,
  swappedFilter,
} from '../support/reference';
import { blank, changed, given, noise, run } from '../support/reference-run';

/** Every convolution kernel alone against loops in float64, over shapes that fit no tile. */

const TOLERANCE = 1e-4;

beforeAll(async () => {
  await useBackend('webgpu');
});

type Pair = readonly [number, number];
type Padding = 'same' | 'valid' | Pair;

/** A geometry from [n, h, w, c], filters, kernel and stride by height and width, and zeros above and left. */
function geometry(
  input: readonly [number, number, number, number],
  outChannels: number,
  kernel: Pair,
  stride: Pair,
  padding: Padding,
): ConvGeometry {
  const [batch, inHeight, inWidth, inChannels] = input;
  const along = (axis: 0 | 1, size: number) => {
    const [k, s] = [kernel[axis], stride[axis]];
    if (padding === 'same') {
      const out = Math.ceil(size / s);
      // What is odd goes below and right, as in TensorFlow.
      return { out, before: Math.floor(Math.max(0, (out - 1) * s + k - size) / 2) };
    }
    const before = padding === 'valid' ? 0 : padding[axis];
    return { out: Math.floor((size + 2 * before - k) / s) + 1, before };
  };
  const [rows, columns] = [along(0, inHeight), along(1, inWidth)];
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight: rows.out,
    outWidth: columns.out,
    outChannels,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    padTop: rows.before,
    padLeft: columns.before,
  };
}

/** Shapes that anything of the draw below could miss. */
const edges: readonly ConvGeometry[] = [
  geometry([1, 1, 1, 1], 1, [1, 1], [1, 1], 'valid'),
  geometry([3, 1, 1, 3], 5, [3, 3], [1, 1], [1, 1]),
  // Even kernels: one more zero below and right than above and left.
  geometry([2, 7, 5, 17], 3, [2, 2], [1, 1], 'same'),
  geometry([2, 6, 9, 5], 17, [3, 3], [2, 2], 'same'),
  // Strides that step over pixels.
  geometry([1, 8, 11, 3], 1, [1, 1], [3, 3], 'valid'),
  geometry([2, 9, 10, 4], 6, [5, 5], [3, 3], 'same'),
  geometry([1, 9, 8, 1], 4, [2, 2], [3, 3], 'valid'),
  // Height and width that differ in kernel, stride and padding.
  geometry([2, 6, 7, 3], 8, [1, 5], [2, 1], 'same'),
  geometry([1, 10, 6, 5], 5, [3, 2], [1, 3], [2, 0]),
  // More zeros around than the kernel is wide: outputs that see nothing.
  geometry([1, 3, 4, 2], 3, [1, 1], [1, 1], [2, 2]),
  // Rows longer than a tile, by one; and channels that fill the lanes.
  geometry([2, 3, 17, 8], 16, [3, 3], [1, 1], [1, 1]),
];

const random = Random.from(4, 'convolutions');
const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)]!;

function drawGeometry(): ConvGeometry {
  const kernel = [pick([1, 2, 3, 5]), pick([1, 2, 3, 5])] as const;
  const size = () => 5 + random.integer(9);
  const channels = () => pick([1, 2, 3, 4, 5, 6, 8, 9, 17]);
  return geometry(
    [1 + random.integer(3), size(), size(), channels()],
    channels(),
    kernel,
    [1 + random.integer(3), 1 + random.integer(3)],
    pick<Padding>(['same', 'valid', [1, 1], [0, 2]]),
  );
}

const drawn = Array.from({ length: 10 }, drawGeometry);

const flags = [false, true];
const epilogues = flags.flatMap((bias) =>
  flags.flatMap((residual) => flags.map((relu): Epilogue => ({ bias, residual, relu }))),
);

const titled = (g: ConvGeometry) =>
  `[${g.batch}, ${g.inHeight}, ${g.inWidth}, ${g.inChannels}] to ${g.outChannels}, ` +
  `kernel ${g.kernelHeight}x${g.kernelWidth}, stride ${g.strideHeight}x${g.strideWidth}, ` +
  `${g.padTop} above, ${g.padLeft} left`;

function valuesFor(g: ConvGeometry) {
  const sizes = sizesOf(g);
  return {
    x: noise(sizes.x, 'x'),
    w: noise(sizes.w, 'w'),
    bias: noise(g.outChannels, 'bias'),
    residual: noise(sizes.y, 'residual'),
    dy: noise(sizes.y, 'dy'),
  };
}

/** The values behind others, as they lie in a flat buffer of all parameters. */
const behind = (count: number, values: ArrayLike<number>) => [
  ...noise(count, 'before'),
  ...Array.from(values),
];

async function expectForward(g: ConvGeometry, { bias, residual, relu }: Epilogue): Promise<void> {
  const values = valuesFor(g);
  const wanted = convolution(g, values.x, values.w, {
    ...(bias && { bias: values.bias }),
    ...(residual && { residual: values.residual }),
    relu,
  });
  const [y] = await run(
    convForward(g, { bias, residual, relu }, 7, 3),
    given(values.x),
    given(behind(7, values.w)),
    ...(bias ? [given(behind(3, values.bias))] : []),
    ...(residual ? [given(values.residual)] : []),
    blank(wanted.length),
  );
  expectRelative(y!, wanted, TOLERANCE, 'y');
}

describe.each([...edges, ...drawn].map((g, i) => ({ title: titled(g), g, i })))('$title', (one) => {
  const { g, i } = one;

  // Epilogues take turns: every shape compiles a pipeline for each.
  it('forward', () => expectForward(g, epilogues[i % epilogues.length]!));

  it.each([false, true])('gradient of the input, weights swapped: %s', async (swapped) => {
    const { w, dy } = valuesFor(g);
    const wanted = convolutionInput(g, dy, w);
    const weights = swapped ? swappedFilter(g, w) : w;
    const [dx] = await run(
      convInputGradient(g, swapped, 5),
      given(dy),
      given(behind(5, weights)),
      blank(wanted.length),
    );
    expectRelative(dx!, wanted, TOLERANCE, 'dx');
  });

  it('gradient of the filter, in parts that add up', async () => {
    const { x, dy } = valuesFor(g);
    const wanted = convolutionFilter(g, x, dy);
    const program = convFilterGradient(g);
    const [partial] = await run(
      program,
      given(x),
      given(dy),
      blank(program.splits * wanted.length),
    );
    const [sum] = await run(
      sumSplits(wanted.length, program.splits, 2),
      given(partial!),
      changed(new Float32Array(wanted.length + 3).fill(0.5)),
    );
    expectRelative(sum!.subarray(2, -1), wanted, TOLERANCE, 'dw');
    expect([...sum!.subarray(0, 2), sum!.at(-1)], 'neighbours in the buffer').toEqual([
      0.5, 0.5, 0.5,
    ]);
  });
});

describe('what follows a convolution in its kernel', () => {
  const g = geometry([2, 5, 6, 3], 6, [3, 3], [1, 1], [1, 1]);

  it.each(epilogues)('bias $bias, residual $residual, ReLU $relu', (epilogue) =>
    expectForward(g, epilogue),
  );
});

it('a filter gradient over many rows has many parts, and one over few rows has one', () => {
  const long = convFilterGradient(geometry([8, 33, 5, 3], 4, [3, 3], [1, 1], 'same'));
  expect(long.splits).toBe(66);
  expect(convFilterGradient(edges[0]!).splits).toBe(1);
});

it('the loops agree with PyTorch', () => {
  for (const { shape, kernel, filters, stride, pad, waves, y, dx, dw } of golden('convolution')) {
    const g = squareGeometry(shape, filters, kernel, stride, pad);
    const values = {
      x: wave(shape, waves.x),
      w: wave([kernel, kernel, shape[3], filters], waves.w),
      dy: wave([shape[0], g.outHeight, g.outWidth, filters], waves.dy),
    };
    expectRelative(convolution(g, values.x, values.w), y, 1e-6, 'y');
    expectRelative(convolutionInput(g, values.dy, values.w), dx, 1e-6, 'dx');
    expectRelative(convolutionFilter(g, values.x, values.dy), dw, 1e-6, 'dw');
  }
});

it('kernels of one key are one kernel', () => {
  const made = new Map<string, string>();
  const draws = Array.from({ length: 200 }, () => drawGeometry());
  for (const g of [...edges, ...draws])
    for (const { kernel } of [
      ...epilogues.map((epilogue) => convForward(g, epilogue)),
      convInputGradient(g, true),
      convInputGradient(g, false),
      convFilterGradient(g),
    ]) {
      const code = kernel.code();
      expect(made.get(kernel.key) ?? code, kernel.key).toBe(code);
      made.set(kernel.key, code);
    }
});
