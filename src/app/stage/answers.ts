import type { StageSample } from '../../worker/protocol';
import type { Latest } from '../feed';
import { valueWords } from '../words/figures';
import { measured } from '../words/format';

/** One line of the table of answers: a class, or what is left of them together. */
export interface AnswerRow {
  readonly name: string;
  readonly teacher: number;
  /** Each student's by now. */
  readonly students: readonly number[];
  /** Each student's when the question was asked. */
  readonly before: readonly number[];
  /** The class is one of the sample's parents. */
  readonly parent: boolean;
  /** Which class it is; null where it is several together. */
  readonly label: number | null;
}

const TOP = 5;

/**
 * The classes that the teacher thinks likeliest, in its order, and the rest as one line. What any student thinks
 * likeliest has a line of its own, in the place of the last of the teacher's.
 *
 * @param latest the students' answers by now; null where those with the sample are the latest
 */
export function answerRows(
  sample: StageSample,
  latest: Latest | null,
  classes: readonly string[],
): AnswerRow[] {
  const now = latest?.students ?? sample.students;
  const order = sample.teacher
    .map((probability, index) => ({ probability, index }))
    .sort((a, b) => b.probability - a.probability)
    .map(({ index }) => index);
  const named = namedOf(order, new Set([order[0] ?? 0, ...now.map(firstChoice)]));
  const labels = new Set(sample.parents.map(({ label }) => label));
  const rows: AnswerRow[] = named.map((index) => ({
    name: classes[index] ?? `class ${index}`,
    teacher: sample.teacher[index] ?? 0,
    students: now.map((student) => student[index] ?? 0),
    before: sample.students.map((student) => student[index] ?? 0),
    parent: labels.has(index),
    label: index,
  }));
  if (named.length === order.length) return rows;
  const rest = order.filter((index) => !named.includes(index));
  const sum = (probabilities: readonly number[]) =>
    rest.reduce((total, index) => total + (probabilities[index] ?? 0), 0);
  const last: AnswerRow = {
    name: `${rest.length} others`,
    teacher: sum(sample.teacher),
    students: now.map(sum),
    before: sample.students.map(sum),
    parent: false,
    label: null,
  };
  return [...rows, last];
}

/** The classes that have lines of their own: all first choices, and the likeliest others. In the order of `order`. */
function namedOf(order: readonly number[], first: ReadonlySet<number>): readonly number[] {
  const others = order.filter((index) => !first.has(index)).slice(0, Math.max(0, TOP - first.size));
  const chosen = new Set([...first, ...others]);
  // A rest of one class has a name.
  return order.length <= chosen.size + 1 ? order : order.filter((index) => chosen.has(index));
}

/** The likeliest class of a distribution. */
export function firstChoice(probabilities: readonly number[]): number {
  return probabilities.reduce(
    (best, value, index) => (value > (probabilities[best] ?? -1) ? index : best),
    0,
  );
}

/**
 * Whether a student's first choice is the teacher's, and which it is where it is another; and whether it was the teacher's
 * when the question was asked, where that has changed.
 */
export function agreesWords(
  asked: number,
  own: number,
  teacher: number,
  classes: readonly string[],
): { readonly before: 'yes' | 'no' | null; readonly now: string } {
  const [then, now] = [asked === teacher, own === teacher];
  return {
    before: then === now ? null : then ? 'yes' : 'no',
    now: now ? 'yes' : `no: ${classes[own] ?? `class ${own}`}`,
  };
}

/** Places after the point, at most. */
const MOST_DIGITS = 3;

/**
 * With how many places percentages are written so that the largest is seen to be it: 0 mostly, more where others would
 * be written alike.
 *
 * @param probabilities of all classes
 */
export function digitsFor(probabilities: readonly number[]): number {
  const best = firstChoice(probabilities);
  const most = probabilities[best] ?? 0;
  for (let digits = 0; digits < MOST_DIGITS; digits += 1) {
    const text = (value: number) => (value * 100).toFixed(digits);
    if (probabilities.every((value, index) => index === best || text(value) !== text(most)))
      return digits;
  }
  return MOST_DIGITS;
}

/** Letter and name of where a sample came from. */
export function sourceOf(source: string): { readonly letter: string; readonly name: string } {
  const known: Readonly<Record<string, { letter: string; name: string }>> = {
    cutmix: { letter: 'C', name: 'CutMix' },
    generator: { letter: 'G', name: 'generated' },
    interpolation: { letter: 'I', name: 'interpolation' },
    noise: { letter: 'N', name: 'noise' },
    none: { letter: 'R', name: 'real' },
    other: { letter: 'O', name: 'other' },
  };
  return known[source] ?? { letter: '?', name: source };
}

/** What is true of a parent: the name of its class, or its values. */
export function parentName(
  { label, values }: StageSample['parents'][number],
  classes: readonly string[],
  unit = '',
): string {
  return values ? valueWords(values, null, unit) : (classes[label] ?? `class ${label}`);
}

/** "63 % ring + 37 % star", the larger share first. @param unit of real-valued targets */
export function parentWords(sample: StageSample, classes: readonly string[], unit = ''): string {
  if (sample.made !== undefined) return sample.made;
  const parents = [...sample.parents].sort((a, b) => b.share - a.share);
  const [from] = parents;
  // A place on a line has no other name than where it is.
  if (sample.source === 'noise' && from?.values && sample.pixels.length === 1)
    return `x = ${measured(sample.pixels[0] ?? NaN)}, moved from x = ${measured(from.pixels[0] ?? NaN)}`;
  if (sample.source === 'none' || parents.length < 2)
    return parents[0] ? parentName(parents[0], classes, unit) : '';
  return parents
    .map(
      (parent) => `${Math.round(parent.share * 100)}\u00a0% ${parentName(parent, classes, unit)}`,
    )
    .join(' + ');
}

/** Why the teacher may see a class in a CutMix picture that neither parent has; null where that cannot be. */
export function pastedWords(sample: StageSample, rectangle: string | undefined): string | null {
  const pasted = sample.source === 'cutmix' && sample.parents.every(({ share }) => share > 0);
  if (!pasted || rectangle === undefined) return null;
  return `The pasted part is itself a rectangle, and “${rectangle}” is one of the classes.`;
}
