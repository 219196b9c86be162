import { beforeAll, describe, expect, it } from 'vitest';
import type { Meaning } from '../../src/recipe/meaning';
import type { ReadNetwork } from '../../src/upload/given';
import { adapt } from '../../src/upload/inspect/adapt';
import type { TaskSide } from '../../src/recipe/task-side';
import { useCpu } from '../support/cpu';
import { answerOf, meaningOf, readNetwork, values } from '../support/uploads';

beforeAll(useCpu);

/** Four pixels of three colours, normalised by numbers of its own. */
const colours: TaskSide = {
  shape: [2, 2, 3],
  classes: ['a', 'b', 'c'],
  normalisation: { scale: 1 / 255, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.5] },
};
const pixels = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 255];
const grey: TaskSide = {
  ...colours,
  shape: [2, 2, 1],
  normalisation: { scale: 1 / 255, mean: [0.13], std: [0.31] },
};

/** Pixels as the task gives them to networks. */
function seen({ shape, normalisation: { scale, mean, std } }: TaskSide, of: readonly number[]) {
  const channels = shape.at(-1)!;
  return of.map((p, i) => (p * scale - mean[i % channels]!) / std[i % channels]!);
}

/** A network that gives its input back as a list. */
const mirror = (input: readonly number[]): ReadNetwork =>
  readNetwork(input, (b) =>
    b.add('list', 'input', { op: 'reshape', shape: [input.reduce((x, y) => x * y, 1)] }),
  );

/** What a mirror of such a shape sees of the pixels: all its outputs stand for classes. */
function sees(task: TaskSide, net: ReadNetwork, of: readonly number[], more: Partial<Meaning>) {
  const size = net.graph.input.reduce((x, y) => x * y, 1);
  const wide = { ...task, classes: Array.from({ length: size }, (_, i) => `${i}`) };
  return answerOf(adapt(net, wide, meaningOf(net, size, more)), seen(task, of));
}

const range = (more: Partial<Meaning['input']>): Pick<Meaning, 'input'> => ({
  input: {
    name: 'x',
    order: 'rgb',
    scale: 1,
    mean: [0],
    std: [1],
    perImage: false,
    ...more,
  },
});

function expectNear(got: readonly number[], wanted: readonly number[], digits = 3): void {
  expect(got).toHaveLength(wanted.length);
  got.forEach((n, i) => expect(n, `place ${i}`).toBeCloseTo(wanted[i]!, digits));
}

describe('in front of a network', () => {
  it.each<[string, Partial<Meaning>, (p: number, c: number) => number]>([
    ['pixels as they are', {}, (p) => p],
    ['0 to 1', range({ scale: 1 / 255 }), (p) => p / 255],
    ['-1 to 1', range({ scale: 1 / 127.5, mean: [1] }), (p) => p / 127.5 - 1],
    [
      'mean and deviation of each colour',
      range({ scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
      (p, c) => (p / 255 - [0.485, 0.456, 0.406][c]!) / [0.229, 0.224, 0.225][c]!,
    ],
  ])('the task’s normalisation becomes %s', (_, more, wanted) => {
    const got = sees(colours, mirror([2, 2, 3]), pixels, more);
    expectNear(
      got,
      pixels.map((p, i) => wanted(p, i % 3)),
    );
  });

  it('colours come in the other order, each less its own mean', () => {
    const got = sees(
      colours,
      mirror([2, 2, 3]),
      pixels,
      range({ order: 'bgr', mean: [100, 110, 120] }),
    );
    expectNear(got.slice(0, 3), [30 - 100, 20 - 110, 10 - 120]);
  });

  it('every image is standardised by itself', () => {
    const mean = pixels.reduce((a, b) => a + b) / 12;
    const std = Math.sqrt(pixels.reduce((sum, p) => sum + (p - mean) ** 2, 0) / 12);
    const got = sees(colours, mirror([2, 2, 3]), pixels, range({ perImage: true }));
    expectNear(
      got,
      pixels.map((p) => (p - mean) / std),
    );
    const flat = pixels.map(() => 100);
    expectNear(
      sees(colours, mirror([2, 2, 3]), flat, range({ perImage: true })),
      flat.map(() => 0),
    );
  });

  it('every colour of every image is standardised by itself', () => {
    const got = sees(colours, mirror([2, 2, 3]), pixels, range({ perImage: 'channels' }));
    const wanted = pixels.map((p, i) => {
      const own = pixels.filter((_, at) => at % 3 === i % 3);
      const mean = own.reduce((a, b) => a + b) / 4;
      return (p - mean) / Math.sqrt(own.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 4);
    });
    expectNear(got, wanted);
    const flat = pixels.map(() => 100);
    const none = sees(colours, mirror([2, 2, 3]), flat, range({ perImage: 'channels' }));
    expectNear(
      none,
      flat.map(() => 0),
    );
  });

  it('every image is stretched from its darkest to its brightest', () => {
    const got = sees(colours, mirror([2, 2, 3]), pixels, range({ perImage: 'range' }));
    expectNear(
      got,
      pixels.map((p) => (p - 10) / 245),
    );
    const flat = pixels.map(() => 100);
    expectNear(
      sees(colours, mirror([2, 2, 3]), flat, range({ perImage: 'range' })),
      flat.map(() => 0),
    );
  });

  it('grey becomes three colours, and colours grey', () => {
    const three = sees(grey, mirror([2, 2, 3]), [1, 2, 3, 4], {});
    expectNear(three, [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    const one = sees(colours, mirror([2, 2, 1]), pixels, {});
    expectNear(one.slice(0, 1), [0.299 * 10 + 0.587 * 20 + 0.114 * 30]);
  });

  it('images are resized between the centres of their pixels', () => {
    const got = sees(grey, mirror([4, 4, 1]), [0, 100, 0, 100], {});
    expectNear(got.slice(0, 4), [0, 25, 75, 100]);
    const near = sees(grey, mirror([4, 4, 1]), [0, 100, 0, 100], { resize: 'nearest' });
    expectNear(near.slice(0, 4), [0, 0, 100, 100]);
  });

  it('images are read as a list, by pixels or by colours', () => {
    expectNear(sees(colours, mirror([12]), pixels, {}), pixels);
    const planes = sees(colours, mirror([12]), pixels, { flatten: 'colours' });
    expectNear(planes, [10, 40, 70, 100, 20, 50, 80, 110, 30, 60, 90, 255]);
    expectNear(sees(grey, mirror([2, 2]), [1, 2, 3, 4], {}), [1, 2, 3, 4]);
  });

  it('points are read as they are', () => {
    const plane = {
      shape: [2],
      classes: ['a', 'b'],
      normalisation: { scale: 1, mean: [0, 0], std: [1, 1] },
    };
    expectNear(sees(plane, mirror([2]), [0.5, -2], {}), [0.5, -2]);
  });

  it.each([
    ['a sequence', [16, 8], /reads inputs of shape 16 x 8, such as text, sound or tables/],
    ['numbers without a side', [37], /such as text, sound or tables have/],
    ['four colours', [2, 2, 4], /reads images of 2 x 2 x 4/],
  ])('%s is refused', (_, input, words) => {
    expect(() => sees(colours, mirror(input), pixels, {})).toThrow(words);
  });
});

/** Answers with given numbers, whatever it is shown, and what follows. */
const says = (numbers: readonly number[], more?: Parameters<typeof readNetwork>[1]) =>
  readNetwork([2, 2, 3], (b) => {
    const size = numbers.length;
    b.add('list', 'input', { op: 'reshape', shape: [12] });
    b.dense(
      'logits',
      'list',
      values([12, size], Array<number>(12 * size).fill(0)),
      values([size], numbers),
    );
    return more ? more(b) : 'logits';
  });
const answered = (net: ReadNetwork, answers: Meaning['answers'], task = colours) =>
  answerOf(adapt(net, task, meaningOf(net, 3, { answers })), seen(colours, pixels));

describe('behind a network', () => {
  const numbers = [1.5, -20, 3];
  const softmax = says(numbers, (b) => b.add('end', 'logits', { op: 'softmax' }));

  it('a softmax is taken off, so that its logits are exact', () => {
    expectNear(answered(softmax, { kind: 'probabilities', classes: [0, 1, 2] }), numbers, 5);
  });

  it('probabilities without a softmax become their logarithms', () => {
    const net = says([0.7, 0.3, 0]);
    const got = answered(net, { kind: 'probabilities', classes: [0, 1, 2] });
    expectNear(got, [Math.log(0.7), Math.log(0.3), Math.log(1e-7)], 4);
  });

  it('sigmoids become log-odds; a single one tells two classes apart', () => {
    const several = says(numbers, (b) => b.add('end', 'logits', { op: 'curve', curve: 'sigmoid' }));
    expectNear(answered(several, { kind: 'sigmoid', classes: [0, 1, 2] }), numbers, 4);
    const shares = says([0.25, 0.5, 0.75]);
    expectNear(
      answered(shares, { kind: 'sigmoid', classes: [0, 1, 2] }),
      [-1, 0, 1].map((n) => n * Math.log(3)),
      4,
    );
    const one = says([1.5], (b) => b.add('end', 'logits', { op: 'curve', curve: 'sigmoid' }));
    const two = { ...colours, classes: ['a', 'b'] };
    expectNear(answered(one, { kind: 'sigmoid', classes: [null, 0] }, two), [0, 1.5]);
    expectNear(answered(one, { kind: 'sigmoid', classes: [0, null] }, two), [1.5, 0]);
  });

  it('classes are picked from the outputs; one without an output is nearly impossible', () => {
    const net = says([1, 2, 3, 4]);
    expectNear(answered(net, { kind: 'logits', classes: [3, 0, 2] }), [4, 1, 3]);
    const low = 4 + Math.log(1e-7);
    expectNear(answered(net, { kind: 'logits', classes: [3, null, 0] }), [4, low, 1], 4);
    expectNear(answered(net, { kind: 'logits', classes: [null, 0, 3] }), [low, 1, 4], 4);
  });

  it.each<[string, (number | null)[], RegExp]>([
    ['too few classes', [0, 1], /2 classes are named, and the task has 3/],
    ['an output that is not there', [0, 1, 7], /output 7 .* there are only 3/],
    ['an output twice', [0, 1, 1], /one output stands for two classes/],
    ['no output', [null, null, null], /no output stands for any class/],
  ])('a map with %s is refused', (_, classes, words) => {
    expect(() => answered(says(numbers), { kind: 'logits', classes })).toThrow(words);
  });

  const real: TaskSide = {
    ...colours,
    classes: [],
    targets: { names: ['pitch', 'yaw'], unit: '°', mean: [10, -5], std: [4, 2] },
  };
  const units = { kind: 'values', scale: [2, 1], shift: [1, 0] } as const;

  it('real values come in the task’s standardised units', () => {
    const constant = { kind: 'constant', logVariance: [-1, -2] } as const;
    const got = answered(says([3, -7]), { ...units, spread: constant }, real);
    expectNear(got, [(3 * 2 + 1 - 10) / 4, (-7 + 5) / 2, -1, -2], 4);
  });

  it.each([
    ['variance', [4, 9], [4, 9]],
    ['log-variance', [Math.log(4), Math.log(9)], [4, 9]],
    ['deviation', [2, 3], [4, 9]],
  ] as const)('with a %s from the same output', (kind, second, variances) => {
    const net = says([3, -7, ...second]);
    const spread = { kind, output: net.outputs[0]! };
    const got = answered(net, { ...units, spread }, real);
    expectNear(
      got.slice(2),
      [Math.log((variances[0] * 4) / 16), Math.log((variances[1] * 1) / 4)],
      4,
    );
  });
});
