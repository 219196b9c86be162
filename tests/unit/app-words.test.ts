import { describe, expect, test } from 'vitest';
import { newRun, type RunView } from '../../src/app/run';
import { answerRows, digitsFor, parentWords, pastedWords } from '../../src/app/stage/answers';
import { paintPlane, parseColour } from '../../src/app/stage/paint';
import { entropyBits, measured, percent, short, timeLeft } from '../../src/app/words/format';
import { deviceNotice } from '../../src/app/words/notices';
import { expectation, gapClosed, outcome } from '../../src/app/words/results';
import { figures, gpu, images, processor, report, sample, spiral } from '../support/page';

const run = newRun(1, images, images.students);
const [KD, XCL] = [1, 2];
const verdict = { ahead: XCL, behind: KD, difference: 0.054, p: 0.001, beyondNoise: true };

describe('numbers', () => {
  test('are written as people read them', () => {
    expect(percent(0.9253)).toBe('92.5\u00a0%');
    expect(percent(NaN)).toBe('–');
    expect([999, 19_954, 174_970, 812_345, 20_500_000].map(short)).toEqual([
      '999',
      '20\u00a0k',
      '175\u00a0k',
      '812\u00a0k',
      '20.5\u00a0M',
    ]);
    expect([1.374, 0.01034, 12.64, 0].map(measured)).toEqual(['1.37', '0.01', '12.6', '0.00']);
    expect([null, 38.2, 95, 7_300].map(timeLeft)).toEqual([
      '',
      '39\u00a0s left',
      '1\u00a0min 35\u00a0s left',
      '2\u00a0h 1\u00a0min left',
    ]);
    expect(entropyBits([0.5, 0.5, 0])).toBe(1);
  });
});

describe('what to expect', () => {
  test('is said before and during the first steps of an image run, and no longer', () => {
    expect(expectation(images, null)).toContain('behind KD for the first 200 steps');
    expect(expectation(images, 120)).toContain('expected to be behind KD');
    expect(expectation(images, 400)).toBeNull();
    expect(expectation(spiral, null)).toContain('starts more slowly');
  });

  test('is not said where the two are not both there', () => {
    const alone = { ...images, students: images.students.slice(0, 2) };
    expect(expectation(alone, null)).toBeNull();
  });
});

describe('the outcome', () => {
  const with_ = (part: Partial<RunView>): RunView => ({ ...run, ...part });

  test('names nobody within noise', () => {
    expect(outcome(run)).toBeNull();
    const within = { ...verdict, beyondNoise: false };
    expect(outcome(with_({ verdicts: [within] }))).toBe(
      'Extracurricular and KD: no clear difference yet.',
    );
  });

  test('is about Extracurricular and KD before anything else', () => {
    const other = { ...verdict, ahead: KD, behind: 0, difference: 0.2 };
    expect(outcome(with_({ verdicts: [other, verdict] }))).toBe(
      'Extracurricular is ahead of KD by 5.4 points of accuracy, beyond noise.',
    );
  });

  test('tells the gap that was closed on the test, only beyond noise', () => {
    const students = [0.65, 0.85, 0.92].map(figures);
    const tested = { teacher: figures(0.98), students, verdicts: [verdict] };
    expect(gapClosed(with_({ report, tested }))).toBe(
      'Of the gap to the teacher, Extracurricular closed 54\u00a0% of what KD left.',
    );
    const overErm = { ...verdict, behind: 0, difference: 0.27 };
    const both = { ...tested, verdicts: [verdict, overErm] };
    expect(gapClosed(with_({ report, tested: both }))).toBe(
      'Of the gap to the teacher, Extracurricular closed 54\u00a0% of what KD left and 82\u00a0% of what ERM left.',
    );
    const unsure = { ...tested, verdicts: [{ ...verdict, beyondNoise: false }] };
    expect(gapClosed(with_({ report, tested: unsure }))).toBeNull();
    const narrow = { ...tested, teacher: figures(0.855) };
    expect(gapClosed(with_({ report, tested: narrow }))).toBeNull();
    expect(gapClosed(run)).toBeNull();
  });
});

describe('the device', () => {
  test('is talked about when it is not the best one', () => {
    expect(deviceNotice(gpu)).toBeNull();
    expect(deviceNotice(processor)?.sentence).toContain('processor');
    expect(deviceNotice(processor)?.more).toEqual(['WebGPU: none']);
    expect(deviceNotice({ ...gpu, backend: 'webgl' })?.sentence).toContain('WebGL');
    expect(deviceNotice({ ...gpu, software: true })?.sentence).toContain('software');
    const broken = { ...gpu, selfTest: { ...gpu.selfTest, passed: false } };
    expect(deviceNotice(broken)?.tone).toBe('warning');
  });
});

describe('answers', () => {
  const classes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const teacher = [0.02, 0.4, 0.1, 0.03, 0.3, 0.1, 0.05];

  test('stand in the teacher’s order, the rest in one line', () => {
    const rows = answerRows({ ...sample(1), teacher, students: [teacher] }, null, classes);
    expect(rows.map(({ name }) => name)).toEqual(['b', 'e', 'c', 'f', 'g', '2 others']);
    expect(rows.at(-1)?.teacher).toBeCloseTo(0.05, 12);
    expect(rows.reduce((sum, row) => sum + (row.students[0] ?? 0), 0)).toBeCloseTo(1, 12);
  });

  test('of six classes have no rest, which would be a single one', () => {
    const six = { ...sample(1), teacher: teacher.slice(0, 6), students: [] };
    expect(answerRows(six, null, classes).at(-1)?.name).toBe('a');
  });

  test('show what a student thinks likeliest, however unlikely the teacher thinks it', () => {
    const own = [0.6, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05];
    const rows = answerRows({ ...sample(1), teacher, students: [teacher, own] }, null, classes);
    expect(rows.map(({ name }) => name)).toEqual(['b', 'e', 'c', 'f', 'a', '2 others']);
    for (const student of [0, 1]) {
      const shown = rows.slice(0, -1).map(({ students }) => students[student] ?? 0);
      expect(Math.max(...shown)).toBeCloseTo([0.4, 0.6][student] ?? 0, 12);
    }
  });

  test('give seven students with seven first choices seven lines', () => {
    const students = classes.map((_, at) => classes.map((__, k) => (k === at ? 0.4 : 0.1)));
    const rows = answerRows({ ...sample(1), teacher, students }, null, classes);
    expect(rows.map(({ name }) => name)).toEqual(['b', 'e', 'c', 'f', 'g', 'd', 'a']);
  });

  test('of now stand beside those when the question was asked', () => {
    const asked = { ...sample(1), teacher: [0.1, 0.9], students: [[0.7, 0.3]] };
    const latest = { id: 1, step: 50, students: [[0.2, 0.8]], kl: [0.01] };
    expect(answerRows(asked, latest, ['a', 'b'])).toMatchObject([
      { name: 'b', students: [0.8], before: [0.3] },
      { name: 'a', students: [0.2], before: [0.7] },
    ]);
  });

  test('are written with so many places that the first choice is seen to be it', () => {
    expect(digitsFor([0.6, 0.4])).toBe(0);
    expect(digitsFor([0.384, 0.378, 0.2])).toBe(1);
    expect(digitsFor([0.50001, 0.49999])).toBe(3);
    expect(digitsFor([0.5, 0.5])).toBe(3);
  });

  test('to a CutMix picture say where a pasted rectangle is a class itself', () => {
    expect(pastedWords(sample(1), 'square')).toBe(
      'The pasted part is itself a rectangle, and “square” is one of the classes.',
    );
    expect(pastedWords(sample(1), undefined)).toBeNull();
    expect(pastedWords({ ...sample(1), source: 'interpolation' }, 'square')).toBeNull();
    const whole = sample(1).parents.map((parent, at) => ({ ...parent, share: at }));
    expect(pastedWords({ ...sample(1), parents: whole }, 'square')).toBeNull();
  });

  test('name the parents with their shares, the larger one first', () => {
    expect(parentWords(sample(1), ['ship', 'plane'])).toBe('63\u00a0% plane + 37\u00a0% ship');
    expect(parentWords({ ...sample(1), source: 'none' }, ['ship', 'plane'])).toBe('plane');
  });
});

describe('the plane', () => {
  test('is as strong as the network is sure, and paper where it is not', () => {
    const probabilities = Float32Array.from([1, 0, 0.5, 0.5, 0.5, 0.5, 0, 1]);
    const { side, pixels } = paintPlane(
      { side: 2, extent: 1, probabilities },
      [
        [255, 0, 0],
        [0, 0, 255],
      ],
      [250, 250, 250],
    );
    const at = (row: number, column: number) =>
      Array.from(pixels.slice((row * side + column) * 4, (row * side + column) * 4 + 4));
    expect(at(0, 0)).toEqual([255, 0, 0, 255]);
    expect(at(0, side - 1)).toEqual([250, 250, 250, 255]);
    expect(at(side - 1, side - 1)).toEqual([0, 0, 255, 255]);
  });

  test('puts a grid’s values at the centres of its cells, however coarse it is', () => {
    const grid = (side: number) => ({
      side,
      extent: 1,
      // The first class right of the middle, the second left of it.
      probabilities: Float32Array.from({ length: side * side * 2 }, (_, at) => {
        const right = (Math.floor(at / 2) % side) + 0.5 > side / 2;
        return (at % 2 === 0) === right ? 1 : 0;
      }),
    });
    const paper = [250, 250, 250] as const;
    for (const cells of [8, 16, 64]) {
      const { side, pixels } = paintPlane(
        grid(cells),
        [
          [255, 0, 0],
          [0, 0, 255],
        ],
        paper,
      );
      const colour = (column: number) => Array.from(pixels.slice(column * 4, column * 4 + 3));
      expect(colour(side / 2 - Math.ceil(side / cells))).toEqual([0, 0, 255]);
      expect(colour(side / 2 + Math.ceil(side / cells))).toEqual([255, 0, 0]);
      // In the middle nobody is likelier, left and right of it alike.
      const [left, right] = [colour(side / 2 - 1), colour(side / 2)];
      expect(left[0]).toBe(right[2]);
    }
  });

  test('takes its colours from the style sheet, minified or not', () => {
    expect(parseColour(' #1b1d22 ')).toEqual([27, 29, 34]);
    expect(parseColour('#fff')).toEqual([255, 255, 255]);
    expect(parseColour('red')).toEqual([0, 0, 0]);
  });
});
