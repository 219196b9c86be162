import type { StageSample } from '../../worker/protocol';
import { valueWords } from '../words/figures';

/** One line of the table of answers: a class, or what is left of them together. */
export interface AnswerRow {
  readonly name: string;
  readonly teacher: number;
  readonly students: readonly number[];
  /** The class is one of the sample's parents. */
  readonly parent: boolean;
}

const TOP = 5;

/** The classes that the teacher thinks likeliest, in its order, and the rest as one line. */
export function answerRows(sample: StageSample, classes: readonly string[]): AnswerRow[] {
  const order = sample.teacher
    .map((probability, index) => ({ probability, index }))
    .sort((a, b) => b.probability - a.probability)
    .map(({ index }) => index);
  // A rest of one class has a name.
  const named = order.length === TOP + 1 ? order : order.slice(0, TOP);
  const labels = new Set(sample.parents.map(({ label }) => label));
  const rows = named.map((index) => ({
    name: classes[index] ?? `class ${index}`,
    teacher: sample.teacher[index] ?? 0,
    students: sample.students.map((student) => student[index] ?? 0),
    parent: labels.has(index),
  }));
  if (named.length === order.length) return rows;
  const rest = order.slice(named.length);
  const sum = (probabilities: readonly number[]) =>
    rest.reduce((total, index) => total + (probabilities[index] ?? 0), 0);
  const last = { name: `${rest.length} others`, teacher: sum(sample.teacher), parent: false };
  return [...rows, { ...last, students: sample.students.map(sum) }];
}

/** The likeliest class of a distribution. */
export function firstChoice(probabilities: readonly number[]): number {
  return probabilities.reduce(
    (best, value, index) => (value > (probabilities[best] ?? -1) ? index : best),
    0,
  );
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
  if (sample.source === 'none' || parents.length < 2)
    return parents[0] ? parentName(parents[0], classes, unit) : '';
  return parents
    .map(
      (parent) => `${Math.round(parent.share * 100)}\u00a0% ${parentName(parent, classes, unit)}`,
    )
    .join(' + ');
}
