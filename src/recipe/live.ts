import type { Choice, Recipe } from './recipe';

/** Numbers that a run can take over while it goes on, without starting again. */
const LIVE = { method: 'temperature', sampler: 'share' } as const;

/**
 * What changes from one recipe to the other, in words, where only numbers change that a run can take over while it goes
 * on: the methods' temperature, and the samplers' share. Null where anything else changes too.
 */
export function liveChange(from: Recipe, to: Recipe): readonly string[] | null {
  if (from.students.length !== to.students.length) return null;
  const words = new Set<string>();
  const students = to.students.map((student, i) => {
    const old = from.students[i] as (typeof from.students)[number];
    const method = withOld(old.method, student.method, LIVE.method, words);
    const sampler = withOld(old.sampler, student.sampler, LIVE.sampler, words);
    return { ...student, method, sampler };
  });
  if (!same({ ...to, students }, from)) return null;
  return groups(from) === groups(to) ? [...words] : null;
}

/** The new choice with the old number; says the new one. Rows that the teacher's certainty decides are left out. */
function withOld(old: Choice, now: Choice, key: string, words: Set<string>): Choice {
  const [before, after] = [old.params[key], now.params[key]];
  const chosen = now.params.select !== undefined && now.params.select !== 'all';
  if (typeof before !== 'number' || typeof after !== 'number' || before === after || chosen)
    return now;
  words.add(`${key} ${after}`);
  return { ...now, params: { ...now.params, [key]: before } };
}

/** Which students share a sampler setting: they share its batches. */
function groups(recipe: Recipe): string {
  const settings = recipe.students.map(({ sampler }) => text(sampler));
  return settings.map((setting) => settings.indexOf(setting)).join();
}

const same = (a: unknown, b: unknown): boolean => text(a) === text(b);

/** A value as text that does not depend on the order of its keys. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
