import { describe, expect, test } from 'vitest';
import { newRun, type RunView } from '../../src/app/run';
import {
  agreesWords,
  answerRows,
  digitsFor,
  parentWords,
  pastedWords,
} from '../../src/app/stage/answers';
import { paintPlane, parseColour } from '../../src/app/stage/paint';
import { entropyBits, measured, percent, short, timeLeft } from '../../src/app/words/format';
import { deviceNotice, filesFirst } from '../../src/app/words/notices';
import type { Figures } from '../../src/recipe/figures';
import { expectation, gapClosed, outcome, parts } from '../../src/app/words/results';
import { asksValues, initialState, kindShown } from '../../src/app/state';
import { chosenWords } from '../../src/app/own/teacher/Inputs';
import { sayState } from '../../src/app/top/ProgressLine';
import {
  catalogue,
  figures,
  gpu,
  images,
  processor,
  report,
  sample,
  spiral,
} from '../support/page';

const run = newRun(1, images, images.students);
const [KD, XCL] = [1, 2];
const verdict = { ahead: XCL, behind: KD, difference: 0.054, p: 0.001 };

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
    expect([1.374, 0.01034, 12.64, 0, 4.13e8].map(measured)).toEqual([
      '1.37',
      '0.01',
      '12.6',
      '0.00',
      '4.1e8',
    ]);
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

test('a student that is made smaller stands for no method', () => {
  const [erm, kd, xcl] = images.students;
  const smaller = { ...kd!, name: 'KD, 2 bits', compression: { id: 'dkm', params: {} } };
  const none = { ...kd!, name: 'KD, whole', compression: { id: 'none', params: {} } };
  expect(parts({ ...images, students: [smaller, erm!, xcl!] })).toEqual({ erm: 1, kd: -1, xcl: 2 });
  expect(parts({ ...images, students: [smaller, none, xcl!] }).kd).toBe(1);
});

describe('the outcome', () => {
  const with_ = (part: Partial<RunView>): RunView => ({ ...run, report, ...part });
  const point = { step: 500, seconds: 1, students: [], averaged: null };
  const constant = { accuracy: 0.1, kl: 2.2, nll: 2.3 };
  const ended = (teacher: number, students: readonly Figures[], verdicts = [verdict]) =>
    with_({ verdicts, tested: { teacher: figures(teacher), students, constant, verdicts } });

  test('of one run is said of these examples and this run, and never more', () => {
    expect(outcome(run)).toBeNull();
    expect(outcome(with_({ verdicts: [verdict], evaluation: point }))).toBe(
      'At step 500, Extracurricular is ahead of KD by 5.4 points of accuracy on these 1,000 validation examples, in one run; another seed may differ.',
    );
    expect(outcome(ended(0.98, [0.65, 0.86, 0.92].map(figures)))).toBe(
      'Extracurricular is ahead of KD by 5.4 points of accuracy on these 3,000 test examples, in one run; another seed may differ.',
    );
    const nll = { ...verdict, figure: 'nll' as const, difference: 0.3 };
    expect(outcome(with_({ verdicts: [nll] }))).toContain('by 0.30 nats of NLL on these');
  });

  test('names nobody where other examples could turn it round', () => {
    expect(outcome(with_({ verdicts: [{ ...verdict, difference: 0.001, p: 0.3 }] }))).toBe(
      'Extracurricular and KD are 0.1 points of accuracy apart on these 1,000 validation examples, in one run: other examples could turn that round.',
    );
  });

  test('is about Extracurricular and KD before anything else', () => {
    const other = { ...verdict, ahead: KD, behind: 0, difference: 0.2 };
    expect(outcome(with_({ verdicts: [other, verdict] }))).toContain('by 5.4 points');
  });

  test('is none where a student does no better than one answer to everything', () => {
    const chance = { ...figures(0.105), kl: 2 };
    expect(outcome(ended(0.98, [figures(0.65), chance, figures(0.92)]))).toBe(
      'No comparison: by accuracy KD does no better than one answer to everything (10.5\u00a0% against 10.0\u00a0%).',
    );
    const far = { ...figures(0.76), kl: 13.7 };
    expect(outcome(ended(0.98, [figures(0.65), figures(0.6), far]))).toBe(
      'No comparison: by KL to the teacher Extracurricular does no better than one answer to everything (13.7 against 2.20).',
    );
    const early = { ...point, students: [chance, chance, chance], constant };
    expect(outcome(with_({ verdicts: [verdict], evaluation: early }))).toMatch(
      /^No comparison yet: by accuracy KD .*, by accuracy Extracurricular /,
    );
  });

  test('is a lead over a student that has not learnt by KL alone, and says so', () => {
    const behind = { ...figures(0.232), kl: 2.34 };
    const lead = { ahead: KD, behind: XCL, difference: 0.173, p: 1e-9 };
    const students = [figures(0.243), figures(0.405), behind];
    expect(outcome(ended(0.98, students, [lead]))).toBe(
      'KD is ahead of Extracurricular by 17.3 points of accuracy on these 3,000 test examples, in one run; but by KL to the teacher Extracurricular does no better than one answer to everything (2.34 against 2.20), and another seed may differ.',
    );
    // Not told apart by the examples, or in favour of the one that has not learnt: none.
    for (const other of [
      { ...lead, p: 0.2 },
      { ...lead, ahead: XCL, behind: KD },
    ])
      expect(outcome(ended(0.98, students, [other]))).toMatch(
        /^No comparison: by KL to the teacher Extracurricular/,
      );
  });

  test('gives the difference of the figures as they are shown', () => {
    const students = [0.5, 0.7286, 0.7524].map(figures);
    expect(outcome(ended(0.98, students, [{ ...verdict, difference: 0.0238 }]))).toContain(
      'by 2.3 points of accuracy',
    );
    expect(gapClosed(ended(0.7286, [0.4, 0.5, 0.7524].map(figures)))).toContain('by 2.3 points');
  });

  test('of smaller students is about the whole one and the best of them', () => {
    const [, kd] = images.students;
    const smaller = (name: string) => ({ ...kd!, name, compression: { id: 'dkm', params: {} } });
    const students = [{ ...kd!, name: 'Whole' }, smaller('4 bits'), smaller('2 bits')];
    const some = newRun(1, { ...images, students }, students);
    const verdicts = [
      { ahead: 1, behind: 2, difference: 0.227, p: 0 },
      { ahead: 0, behind: 2, difference: 0.24, p: 0 },
      { ahead: 0, behind: 1, difference: 0.013, p: 0.004 },
    ];
    const seen = { ...some, report, verdicts };
    expect(outcome(seen)).toContain('Whole is ahead of 4 bits by 1.3 points');
    // Without a whole one: of equally clear ones the widest.
    const alone = students.map(({ name }) => smaller(name));
    const left = { ...newRun(1, { ...images, students: alone }, alone), report, verdicts };
    expect(outcome(left)).toContain('Whole is ahead of 2 bits by 24.0 points');
  });

  test('is none after training came apart, whatever the last figures were', () => {
    const exploded = { step: 31, good: 20 };
    expect(outcome(with_({ verdicts: [verdict], exploded }))).toBe(
      'Nobody is ahead: training came apart at step 31. What is shown are the last good weights, those of step 20, by the validation split.',
    );
    expect(outcome(with_({ exploded: { step: 2, good: 0 } }))).toContain(
      'No later weights were good: what is shown is how the students began',
    );
  });

  test('tells the gap in accuracy that was closed on the test in this run', () => {
    const students = [0.65, 0.85, 0.92].map(figures);
    expect(gapClosed(ended(0.98, students))).toBe(
      'Of the gap to the teacher’s accuracy, Extracurricular closed 54\u00a0% of what KD left in this run.',
    );
    const overErm = { ...verdict, behind: 0, difference: 0.27 };
    expect(gapClosed(ended(0.98, students, [verdict, overErm]))).toBe(
      'Of the gap to the teacher’s accuracy, Extracurricular closed 54\u00a0% of what KD left and 82\u00a0% of what ERM left in this run.',
    );
    expect(gapClosed(ended(0.98, students, [{ ...verdict, p: 0.2 }]))).toBeNull();
    expect(gapClosed(run)).toBeNull();
  });

  test('calls a student above its teacher that, and never a gap closed by more than all', () => {
    expect(gapClosed(ended(0.9, [0.65, 0.85, 0.92].map(figures)))).toBe(
      'Extracurricular is above its teacher by 2.0 points of accuracy on them.',
    );
  });

  test('never says that something is beyond noise', () => {
    for (const p of [0, 1e-9, 0.5])
      for (const students of [[0.65, 0.85, 0.92].map(figures), [0.1, 0.1, 0.1].map(figures)]) {
        const seen = ended(0.9, students, [{ ...verdict, p }]);
        expect(`${outcome(seen)} ${gapClosed(seen)}`).not.toMatch(/noise|significant/);
      }
  });
});

describe('how a network from files is given its numbers', () => {
  const tried = (...scores: readonly number[]) =>
    scores.map((score) => ({
      input: {
        name: `${score}`,
        order: 'rgb' as const,
        scale: 1,
        mean: [],
        std: [],
        perImage: false,
      },
      images: 40,
      score,
      logLikelihood: null,
    }));

  test('is said to fit best only where its figure is the highest, and on which examples', () => {
    const some = { alike: [], chosenOn: 84, images: 200 };
    expect(chosenWords(some, tried(0.9, 0.5))).toBe(
      'The first fits best. Tried on up to 84 labelled examples, others than those of the figure above.',
    );
    expect(chosenWords(some, tried(0.1, 0.119))).toMatch(/^The first was taken, though another/);
    expect(chosenWords({ ...some, chosenOn: null }, tried(0.9))).toContain('the same 200');
    expect(chosenWords({ ...some, alike: ['0 to 1'] }, tried(0.9))).toMatch(/^About as good: 0 to/);
  });
});

describe('the page’s state', () => {
  test('is the same to see as to hear before there is a run', () => {
    const state = {
      ...initialState(images),
      worker: 'ready' as const,
      catalogue,
    };
    expect(sayState(state)).toEqual(['ready', 'Ready.']);
    const cifar = { ...images, task: { id: 'cifar10', params: {} } };
    expect(sayState({ ...state, draft: cifar })).toEqual(['waits for files', 'Waits for files.']);
  });

  test('knows what a task is before its run, from the catalogue', () => {
    const values = { ...initialState(spiral), catalogue };
    expect(kindShown(values)).toBe('plane');
    expect(kindShown(initialState(spiral))).toBeNull();
    const [, entry] = catalogue.tasks;
    const asking = { ...catalogue, tasks: [{ ...entry!, asks: 'values' as const }] };
    expect(asksValues({ ...values, catalogue: asking })).toBe(true);
    expect(asksValues(values)).toBe(false);
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

  test('agree with the teacher or not, and say what they did when asked where that changed', () => {
    const words = (asked: number, own: number) => agreesWords(asked, own, 1, classes);
    expect(words(1, 1)).toEqual({ before: null, now: 'yes' });
    expect(words(0, 1)).toEqual({ before: 'no', now: 'yes' });
    expect(words(1, 2)).toEqual({ before: 'yes', now: 'no: c' });
    expect(words(0, 2)).toEqual({ before: null, now: 'no: c' });
  });

  test('to a place on a line that noise moved name both places, not a label as if it were a place', () => {
    const from = { row: 0, label: -1, values: [-0.065], share: 1, pixels: [0.5] };
    const moved = { ...sample(1), source: 'noise', pixels: [0.62], parents: [from] };
    expect(parentWords(moved, [])).toBe('x = 0.62, moved from x = 0.50');
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

test('a task without its files says where they are given: own images have no place under “Task” to be dropped at', () => {
  expect(filesFirst(true).sentence).toMatch(/press “Own images”.*drop them anywhere/);
  expect(filesFirst(false).sentence).toMatch(/drop them under “Task”, or choose them/);
});
