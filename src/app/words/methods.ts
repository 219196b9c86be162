import { allowedBy, type Field } from '../../recipe/fields';
import type { Citation, MethodEntry } from '../../recipe/recipe';

type Needs = MethodEntry['needs'];

/** What each need means; null where a method does without. A new need has to say itself here. */
const NEEDS: { readonly [K in keyof Needs]-?: (need: Needs[K]) => string | null } = {
  teacher: (need) =>
    ({
      none: null,
      logits: 'a teacher, asked about the batch',
      parents: 'a teacher, asked about both parents of each mix',
    })[need],
  labels: (need) =>
    ({ none: null, hard: 'labels', mixed: 'labels, mixed as the inputs are' })[need],
  index: (need) => (need ? 'a memory of each training row' : null),
  taps: (need) => (need ? 'inner outputs of teacher and student' : null),
  maps: (need) => (need ? 'images' : null),
  several: (need) => (need ? 'every teacher of the run, where there are several' : null),
  rows: (need) => (need === undefined ? null : `a batch of at least ${need} rows`),
};

/** What a method needs beside a student and its inputs. */
export function needsOf(method: MethodEntry): readonly string[] {
  return Object.entries(NEEDS).flatMap(([key, words]) => {
    const said = (words as (need: unknown) => string | null)(method.needs[key as keyof Needs]);
    return said === null ? [] : [said];
  });
}

/** What a field allows and its default: "a number from 0.5 to 20; default 4". */
export function rangeOf(field: Field): string {
  if (field.kind === 'boolean') return `on or off; default ${field.default ? 'on' : 'off'}`;
  if (field.kind === 'choice') {
    const labels = field.options.map(({ label }) => label).join(', ');
    const chosen = field.options.find(({ value }) => value === field.default)?.label;
    return `one of ${labels}; default ${chosen}`;
  }
  const standard = field.kind === 'list' ? field.default.join(', ') : String(field.default);
  const unit = 'unit' in field && field.unit !== undefined ? ` ${field.unit}` : '';
  return `${allowedBy(field)}; default ${standard}${unit}`;
}

/** What a method trains beside a student, and how often it asks the teacher: a sentence each. */
export function costsOf({ costs }: MethodEntry): readonly string[] {
  return [
    `Trained beside the student: ${costs.parameters}.`,
    `Teacher passes for each step: ${costs.passes}.`,
  ];
}

/** What the letters of every formula mean. */
export const LETTERS =
  'S is the student and T the teacher; z are logits, p their softmax, p with τ that of z / τ, τ the temperature; x is an input, y its label. Where no mean is written, it is the mean over the batch.';

/** A reference in one line, without its title, which is the link. */
export function sourceOf({ authors, year, venue }: Citation): string {
  return `${authors} (${year}). ${venue}.`;
}
