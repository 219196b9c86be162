import { describe, expect, test } from 'vitest';
import { newRun, type RunView } from '../../src/app/run';
import { answerRows, parentWords } from '../../src/app/stage/answers';
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
    const rows = answerRows({ ...sample(1), teacher, students: [teacher] }, classes);
    expect(rows.map(({ name }) => name)).toEqual(['b', 'e', 'c', 'f', 'g', '2 others']);
    expect(rows.at(-1)?.teacher).toBeCloseTo(0.05, 12);
    expect(rows.reduce((sum, row) => sum + (row.students[0] ?? 0), 0)).toBeCloseTo(1, 12);
  });

  test('of six classes have no rest, which would be a single one', () => {
    const six = { ...sample(1), teacher: teacher.slice(0, 6), students: [] };
    expect(answerRows(six, classes).at(-1)?.name).toBe('a');
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

  test('takes its colours from the style sheet, minified or not', () => {
    expect(parseColour(' #1b1d22 ')).toEqual([27, 29, 34]);
    expect(parseColour('#fff')).toEqual([255, 255, 255]);
    expect(parseColour('red')).toEqual([0, 0, 0]);
  });
});
