import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Meaning } from '../../src/recipe/meaning';
import type { TaskData } from '../../src/tasks/contract';
import { Random } from '../../src/recipe/random';
import { isLow } from '../../src/train/inspect/doubts';
import { twoParts } from '../../src/train/inspect/examples';
import { inspect } from '../../src/train/inspect/inspect';
import { bestOutputs } from '../../src/upload/inspect/assign';
import { scoreOf } from '../../src/upload/inspect/scores';
import type { ReadNetwork } from '../../src/upload/given';
import type { NetBuilder } from '../../src/upload/net/builder';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, student } from '../support/recipes';
import { readNetwork, values } from '../support/uploads';

beforeAll(useCpu);

const recipe = recipeOf([student(choose('method', 'kd'))]);
const SHA = 'ab'.repeat(32);
const quiet = { progress: () => undefined, pause: () => Promise.resolve() };
const asked = (net: ReadNetwork, data: TaskData, corrections: Partial<Meaning> = {}) =>
  inspect(net, SHA, data, recipe, corrections, quiet);

/**
 * Images of one grey each, whose class is how bright it is: 0..63, 64..127, 128..191, 192..255, with noise that does
 * not reach across.
 */
function greys(count = 60, classes = ['black', 'dark', 'light', 'white']): TaskData {
  const split = (from: number) => {
    const y = Uint8Array.from({ length: count }, (_, i) => (i * 7 + from) % 4);
    const x = Uint8Array.from({ length: count * 12 }, (_, i) => {
      const row = Math.floor(i / 12);
      return y[row]! * 64 + 8 + ((row * 13 + from) % 48);
    });
    return { x, y, count };
  };
  return {
    shape: [2, 2, 3],
    classes,
    train: split(1),
    validation: split(2),
    test: split(3),
    normalisation: { scale: 1 / 255, mean: [0.4, 0.45, 0.5], std: [0.25, 0.2, 0.3] },
  };
}

/**
 * Logits that are exact for a brightness b from 0 to 1, which the network makes of the mean of its input by
 * (mean - low) / (high - low): -sharp (b - centre)² but for what all classes share.
 */
function brightness(
  low: number,
  high: number,
  end?: (b: NetBuilder) => string,
  order = [0, 1, 2, 3],
): ReadNetwork {
  return readNetwork([2, 2, 3], (b) => {
    b.tap('seen', b.add('seen', 'input', { op: 'pool' }));
    const sharp = 40;
    const scale = 1 / (high - low);
    const centres = order.map((c) => (c * 64 + 32) / 255);
    const weight = Array.from({ length: 3 }, () =>
      centres.map((c) => (2 * sharp * c * scale) / 3),
    ).flat();
    const bias = centres.map((c) => -sharp * c * c - 2 * sharp * c * scale * low);
    b.dense('logits', 'seen', values([3, 4], weight), values([4], bias));
    b.tap('logits', 'logits');
    return end ? end(b) : 'logits';
  });
}
const softmax = (b: NetBuilder) => b.add('end', 'logits', { op: 'softmax' });

describe('the normalisation is found by trying', () => {
  it.each([
    [0, 1, '0 to 1'],
    [-1, 1, '-1 to 1'],
    [0, 255, '0 to 255'],
    [-0.5, 0.5, '-0.5 to 0.5'],
  ])('%d to %d is %s', async (low, high, name) => {
    const report = await asked(brightness(low, high), greys());
    expect(report.tried.length).toBeGreaterThan(8);
    expect(report.tried[0]!.input).toEqual(report.meaning.input);
    expect(report.meaning.input.name).toBe(name);
    expect(report.accuracy).toBe(1);
    expect(report.normalisationBy).toBe('trying');
    expect(report.warnings).toEqual([]);
    expect(report.open).toEqual([]);
    expect(report.order).toEqual({ by: 'place', said: null, better: null });
  });

  it('the file’s own word and a person’s are taken without trying', async () => {
    const normalisation = { scale: 1 / 255, mean: [0], std: [1] };
    const said = await asked({ ...brightness(0, 1), normalisation }, greys());
    expect([said.normalisationBy, said.tried.length, said.accuracy]).toEqual(['file', 1, 1]);
    const input = { ...said.meaning.input, name: 'mine', scale: 1 };
    const corrected = await asked({ ...brightness(0, 1), normalisation }, greys(), { input });
    expect([corrected.normalisationBy, corrected.tried.length]).toEqual(['person', 1]);
    expect(corrected.meaning.input).toEqual(input);
    expect(corrected.accuracy).toBeLessThan(0.5);
    expect(corrected.warnings[0]).toMatch(
      /^It is right on \d+\.\d % of the labelled examples, and guessing on 25\.0 %/,
    );
  });
});

describe('normalisations that training code uses', () => {
  const seen = (end: (b: NetBuilder, x: string) => string) => (b: NetBuilder) => end(b, 'input');
  /** Colours that no single brightness tells: each image has its own range, and a class by where its light lies. */
  function lit(count = 120): TaskData {
    const random = new Random(3);
    const split = () => {
      const y = Uint8Array.from({ length: count }, () => random.integer(2));
      const x = new Uint8Array(count * 12);
      for (let row = 0; row < count; row++)
        for (let c = 0; c < 3; c++) {
          const low = random.integer(100);
          const span = 60 + random.integer(80);
          for (let p = 0; p < 4; p++) {
            // The first or the last pixel is the brightest of each colour.
            const bright = p === (y[row] === 1 ? 3 : 0);
            x[row * 12 + p * 3 + c] = low + (bright ? span : random.integer(20));
          }
        }
      return { x, y, count };
    };
    return {
      ...greys(),
      classes: ['first', 'last'],
      train: split(),
      validation: split(),
      test: split(),
    };
  }
  /** How far the last pixel lies above a threshold, for each colour, as the standardised image has it. */
  const reads = (threshold: number, sharp: number) =>
    readNetwork(
      [2, 2, 3],
      seen((b, x) => {
        const list = b.add('list', x, { op: 'reshape', shape: [12] });
        const weight = Array.from({ length: 12 }, (_, i) => [0, i >= 9 ? sharp : 0]).flat();
        return b.dense(
          'logits',
          list,
          values([12, 2], weight),
          values([2], [0, -3 * sharp * threshold]),
        );
      }),
    );

  it('each image and colour by its own mean and deviation', async () => {
    const report = await asked(reads(0.6, 5), lit());
    const name = 'each image and colour by its own mean and deviation';
    expect(report.tried.map(({ input }) => input.name)).toContain(name);
    const found = report.tried.find(({ input }) => input.name === name)!;
    expect(found.score).toBe(1);
    expect([report.meaning.input.name, ...report.alike]).toContain(name);
  });

  it('each image from its darkest to its brightest', async () => {
    const report = await asked(reads(0.5, 5), lit());
    expect(report.tried.map(({ input }) => input.perImage)).toContain('range');
  });
});

describe('what is chosen by labelled examples is measured on others', () => {
  /** Labels that nothing in the images tells. */
  function noise(count = 400, classes = 10): TaskData {
    const random = new Random(7);
    const split = () => ({
      y: Uint8Array.from({ length: count }, () => random.integer(classes)),
      x: Uint8Array.from({ length: count * 12 }, () => random.integer(256)),
      count,
    });
    return {
      ...greys(),
      classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
      train: split(),
      validation: split(),
      test: split(),
    };
  }
  /** Outputs without a meaning: as many different answers as can be. */
  const random = new Random(11);
  const blind = readNetwork([2, 2, 3], (b) => {
    const list = b.add('list', 'input', { op: 'reshape', shape: [12] });
    const weight = Array.from({ length: 12 * 40 }, () => random.normal());
    return b.dense(
      'logits',
      list,
      values([12, 40], weight),
      values([40], Array<number>(40).fill(0)),
    );
  });

  it('a map of classes that fits by chance is seen to be none', async () => {
    const data = noise();
    const report = await asked(blind, data);
    expect(report.order!.by).toBe('trying');
    const fitted = report.tried[0]!.score;
    // On the examples that it was fitted to it looks better than guessing; on others it does not.
    expect(fitted).toBeGreaterThan(report.accuracy!);
    expect(report.accuracy!).toBeLessThan(0.2);
    expect(report.images + report.chosenOn!).toBe(400);
    expect(report.order!.said).toMatch(
      /^It has 40 outputs for 10 classes\. Which stands for which was worked out from \d+ labelled examples: class 0 is output \d+, .*; on \d+ others, which it was not worked out from, it is right in \d+\.\d % of cases\.$/,
    );
  });

  it('no example is in both parts, and every class is in each', () => {
    const { tried, judged, apart } = twoParts(greys(60));
    expect([tried.count, judged.count, apart]).toEqual([30, 30, true]);
    for (const part of [tried, judged]) expect(new Set(part.labels).size).toBe(4);
    const few = twoParts(greys(20));
    expect([few.tried === few.judged, few.apart]).toEqual([true, false]);
  });

  it.each([
    [6000, 10],
    [5000, 10],
    [2400, 4],
    [800, 2],
  ])('%i rows dealt in turns of %i classes show every class alike', (count, classes) => {
    const data = greys(count);
    const y = Uint8Array.from({ length: count }, (_, i) => i % classes);
    const { tried, judged } = twoParts({ ...data, validation: { ...data.validation, y } });
    for (const part of [tried, judged]) {
      const seen = Array.from(
        { length: classes },
        (_, i) => part.labels.filter((label) => label === i).length,
      );
      expect(Math.min(...seen)).toBeGreaterThan(part.count / classes / 2);
    }
  });

  it('so few that one part serves for both offer no order, and it is said', async () => {
    const report = await asked(brightness(0, 1, softmax, [2, 0, 3, 1]), greys(20));
    expect([report.order!.better, report.chosenOn, report.images]).toEqual([null, null, 20]);
  });
});

describe('which of several outputs answers', () => {
  const several = (sizes: readonly number[]) =>
    readNetwork([2, 2, 3], (b) => {
      b.add('seen', 'input', { op: 'pool' });
      return sizes.map((size, i) =>
        b.dense(
          `out${i}`,
          'seen',
          values([3, size], Array<number>(3 * size).fill(0.1)),
          values(
            [size],
            Array.from({ length: size }, (_, k) => k),
          ),
        ),
      );
    });

  it.each([
    [
      [16, 4],
      'It has 2 outputs: out0 (16 numbers), out1 (4 numbers). out1 is used, the only one whose size fits the task’s 4 classes.',
    ],
    [
      [4, 4],
      'It has 2 outputs: out0 (4 numbers), out1 (4 numbers). out0 is used, the first of those whose size fits the task’s 4 classes.',
    ],
    [
      [1, 9, 7],
      'It has 3 outputs: out0 (1 number), out1 (9 numbers), out2 (7 numbers). out2 is used, the smallest that is large enough; none has just the task’s 4 classes.',
    ],
  ])('of %j it is said', async (sizes, said) => {
    expect((await asked(several(sizes), greys())).outputSaid).toBe(said);
  });

  it('as a person says', async () => {
    const report = await asked(several([4, 4]), greys(), { output: 'out1' });
    expect(report.outputSaid).toContain('out1 is used, as you said.');
  });
});

describe('few right answers', () => {
  it.each([
    [0.49, 0.1, true],
    [0.51, 0.1, false],
    [0.04, 0.01, true],
    [0.2, 0.01, false],
    [0.6, 0.5, true],
    [0.8, 0.5, false],
  ])('%d beside guessing at %d: %s', (accuracy, chance, low) => {
    expect(isLow(accuracy, chance)).toBe(low);
  });

  it('are put down to what was done to the inputs and what is not known', async () => {
    const net: ReadNetwork = {
      ...readNetwork([4, 4, 1], (b) => {
        b.add('seen', 'input', { op: 'pool' });
        return b.dense('logits', 'seen', values([1, 4], [0, 0, 0, 0]), values([4], [1, 0, 0, 0]));
      }),
      sides: [4, 5],
    };
    const report = await asked(net, greys());
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings[0]).toMatch(
      /^It is right on \d+\.\d % of the labelled examples, and guessing on 25\.0 %\. If it should do better, it may be that it does not know images that were resized for it, or its images had another side: 4, 5 fit as well, or it does not know images whose colours were changed for it, or its inputs were in other numbers than the \d+ normalisations that were tried, or it was trained for another task\.$/,
    );
  });
});

describe('outputs', () => {
  it('logits, probabilities with a softmax, and bare probabilities are told apart', async () => {
    const logits = await asked(brightness(0, 1), greys());
    expect([logits.puts, logits.answers]).toEqual(['logits', 'It puts out logits.']);
    const soft = await asked(brightness(0, 1, softmax), greys());
    expect(soft.puts).toBe('probabilities');
    expect(soft.answers).toContain('the softmax at its end is taken off');
    expect(soft.meaning.answers).toEqual({ kind: 'probabilities', classes: [0, 1, 2, 3] });
    const bare = await asked(
      brightness(0, 1, (b) => b.add('clip', softmax(b), { op: 'clip', low: 0, high: 1 })),
      greys(),
    );
    expect(bare.puts).toBe('probabilities');
    expect(bare.answers).toContain('their logarithms serve as logits');
    expect(bare.accuracy).toBe(1);
  });

  it('another order of the classes is offered, and taken where a person says so', async () => {
    const net = brightness(0, 1, softmax, [2, 0, 3, 1]);
    const report = await asked(net, greys());
    expect(report.meaning.input.name).toBe('0 to 1');
    const better = { classes: [1, 3, 0, 2], accuracy: 1, own: 0 };
    expect(report.order).toEqual({ by: 'place', said: null, better });
    expect([report.images, report.chosenOn]).toEqual([30, 30]);
    expect(report.warnings.join(' ')).toContain(
      'its classes stand in another order (one is offered)',
    );
    const classes = report.order!.better!.classes;
    const taken = await asked(net, greys(), { answers: { kind: 'probabilities', classes } });
    expect([taken.order, taken.accuracy]).toEqual([{ by: 'person', said: null, better: null }, 1]);
  });

  it('names decide the order where the file has them', async () => {
    const net = {
      ...brightness(0, 1, softmax, [2, 0, 3, 1]),
      classes: ['Light', 'BLACK', 'white', 'dark'],
    };
    const report = await asked(net, greys());
    expect([report.order, report.accuracy]).toEqual([{ by: 'names', said: null, better: null }, 1]);
  });

  it('more outputs than classes are mapped by trying; fewer need a person’s word', async () => {
    const four = greys();
    const y = four.validation.y.map((c) => Math.min(c, 2));
    const three = {
      ...four,
      classes: ['black', 'dark', 'bright'],
      validation: { ...four.validation, y },
    };
    const more = await asked(brightness(0, 1, undefined, [3, 1, 0, 2]), three);
    expect([more.order!.by, more.open]).toEqual(['trying', []]);
    expect(more.meaning.answers).toMatchObject({ classes: [2, 1, expect.any(Number)] });
    expect(more.accuracy).toBeGreaterThan(0.7);
    const fewer = greys(60, ['black', 'dark', 'light', 'white', 'pink']);
    const report = await asked(brightness(0, 1), fewer);
    expect(report.meaning.answers).toEqual({ kind: 'logits', classes: [0, 1, 2, 3, null] });
    expect(report.open).toEqual([
      'It has no output for pink; say which outputs stand for which classes, and that these have none.',
    ]);
    const said = await asked(brightness(0, 1), fewer, { answers: report.meaning.answers });
    expect([said.open, said.accuracy]).toEqual([[], 1]);
  });

  it('a single output tells two classes apart', async () => {
    const net = readNetwork([2, 2, 3], (b) => {
      b.add('seen', 'input', { op: 'pool' });
      b.dense('z', 'seen', values([3, 1], [10, 10, 10]), values([1], [-15]));
      return b.add('end', 'z', { op: 'curve', curve: 'sigmoid' });
    });
    const four = greys();
    const halves = (split: TaskData['train']) => ({ ...split, y: split.y.map((c) => c >> 1) });
    const two: TaskData = {
      ...four,
      classes: ['low', 'high'],
      train: halves(four.train),
      validation: halves(four.validation),
    };
    const report = await asked(net, two);
    expect(report.puts).toBe('sigmoid');
    expect(report.accuracy).toBeGreaterThan(0.9);
    expect(report.meaning.answers).toEqual({ kind: 'sigmoid', classes: [null, 0] });
    await expect(asked(net, four)).rejects.toMatchObject({
      code: 'E_UPLOAD_OUTPUTS',
      message: 'net puts out 1 number, and the task asks for 4 classes.',
    });
  });

  it('an output that is not there is refused', async () => {
    await expect(asked(brightness(0, 1), greys(), { output: 'x' })).rejects.toMatchObject({
      code: 'E_UPLOAD_MEANING',
    });
  });
});

describe('scores and assignments', () => {
  it('answers that are no numbers are wrong, and as unlikely as can be', () => {
    const logits = Float32Array.of(NaN, NaN, Infinity, Infinity, 2, 1);
    const score = scoreOf({ logits, size: 2, labels: Uint8Array.of(0, 1, 0) }, [0, 1]);
    expect(score.accuracy).toBe(1 / 3);
    expect(score.logLikelihood).toBeCloseTo(
      (4 * Math.log(1e-7) - Math.log(1 + Math.exp(-1))) / 3,
      5,
    );
  });

  it('the best assignment is that of all permutations', () => {
    const random = Random.from(1, 'assignment');
    const permutations = (list: number[]): number[][] =>
      list.length < 2
        ? [list]
        : list.flatMap((head) =>
            permutations(list.filter((n) => n !== head)).map((rest) => [head, ...rest]),
          );
    for (let trial = 0; trial < 20; trial++) {
      const counts = Float64Array.from({ length: 4 * 5 }, () => random.integer(30));
      const worth = (map: readonly (number | null)[]) =>
        map.reduce<number>((sum, o, c) => sum + (o === null ? 0 : counts[c * 5 + o]!), 0);
      const best = Math.max(...permutations([0, 1, 2, 3, 4]).map((p) => worth(p.slice(0, 4))));
      const found = bestOutputs(counts, 4, 5);
      expect(new Set(found).size).toBe(4);
      expect(worth(found)).toBe(best);
      // Five classes and four outputs: one class stays without.
      const turned = Float64Array.from({ length: 20 }, (_, i) => counts[(i % 4) * 5 + (i >> 2)]!);
      const fewer = bestOutputs(turned, 5, 4);
      expect(fewer.filter((o) => o === null)).toHaveLength(1);
      expect(
        fewer.reduce<number>((sum, o, c) => sum + (o === null ? 0 : turned[c * 4 + o]!), 0),
      ).toBe(best);
    }
  });
});

describe('what else is reported', () => {
  it('size, memory, speed, and inner values matched with the student’s', async () => {
    const report = await asked(brightness(0, 1), greys());
    expect(report).toMatchObject({
      name: 'net',
      sha256: SHA,
      inputShape: [2, 2, 3],
      parameters: 16,
      macs: 12,
      fits: [],
      chance: 0.25,
      images: 30,
      chosenOn: 30,
      outputSaid: null,
      outputs: [{ name: 'logits', size: 4 }],
      // Sixteen weights, and the scales and shifts in front.
      memory: { weights: 4 * (16 + 6), activations: 4 * 8 * (12 + 12 + 3 + 4) },
    });
    expect(report.speed.imagesPerSecond).toBeGreaterThan(0);
    expect(report.taps.all).toEqual([{ name: 'seen', shape: [3] }]);
    expect(report.meaning.taps).toEqual({ pool: 'seen' });
  });

  it('a network of another size and of one colour is fitted, which is said', async () => {
    const net = readNetwork([4, 4, 1], (b) => {
      b.add('seen', 'input', { op: 'pool' });
      return b.dense(
        'logits',
        'seen',
        values([1, 4], [0, 40, 80, 120]),
        values([4], [0, -10, -30, -60]),
      );
    });
    const report = await asked(net, greys());
    expect(report.fits).toEqual([
      'Images of 2 x 2 are resized to 4 x 4 for it.',
      'Colours are turned into grey for it.',
    ]);
    expect(report.accuracy).toBe(1);
  });

  it('nothing of it stays on the device, whether it ends or is ended', async () => {
    const net = brightness(0, 1, softmax);
    await asked(net, greys());
    const { numTensors } = tf.memory();
    await asked(net, greys());
    let pauses = 0;
    const pause = () => (++pauses > 5 ? Promise.reject(new Error('enough')) : Promise.resolve());
    await expect(inspect(net, SHA, greys(), recipe, {}, { ...quiet, pause })).rejects.toThrow(
      'enough',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('a pause that throws ends it', async () => {
    const pause = () => Promise.reject(new Error('enough'));
    await expect(
      inspect(brightness(0, 1), SHA, greys(), recipe, {}, { ...quiet, pause }),
    ).rejects.toThrow('enough');
  });
});
