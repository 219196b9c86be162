import type { FileNetwork } from './meaning';
import { presets } from './presets';
import type { Recipe, Teacher } from './recipe';
import { cleaned } from './shown';

/** Longest link that is read; a recipe is a few hundred characters. */
const LIMIT = 8192;
const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor']);

/** The key under which a link names a teacher that it cannot carry: its name and the beginning of its digest. */
const OWN_TEACHER = 'ownTeacher';
/** The same for a student's architecture. */
const OWN_STUDENT = 'ownStudent';
const DIGITS = 12;

/**
 * A recipe as the hash of a link (without #): the preset's name and only what differs from it, one readable pair per
 * value, such as preset=shapes-b&seed=3&students.1.method.params.temperature=2. Somebody's own
 * networks stay out of it; the first teacher and the first student among them are named.
 */
export function encodeLink(recipe: Recipe): string {
  const preset = presets.find((entry) => entry.id === recipe.preset) ?? presets[0];
  const pairs: [string, string][] = [['preset', preset.id]];
  const { teacher, companions, students } = recipe;
  const carried = {
    ...recipe,
    preset: preset.id,
    teacher: teacher.source === 'file' ? preset.recipe.teacher : teacher,
    companions: companions.filter(({ source }) => source !== 'file'),
    students: students.map((student) => {
      const { file: _, ...plain } = student;
      return plain;
    }),
  };
  differences(preset.recipe, carried, '', pairs);
  const own = [teacher, ...companions].find(isFile);
  const named = ({ name, sha256 }: FileNetwork) => JSON.stringify([name, sha256.slice(0, DIGITS)]);
  if (own) pairs.push([OWN_TEACHER, named(own)]);
  const architecture = students.find(({ file }) => file)?.file;
  if (architecture) pairs.push([OWN_STUDENT, named(architecture)]);
  return pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
}

const isFile = (teacher: Teacher): teacher is Extract<Teacher, { source: 'file' }> =>
  teacher.source === 'file';

/** Writes down where `to` differs from `from`; in what order a table's keys stand is no difference. */
function differences(from: unknown, to: unknown, path: string, pairs: [string, string][]): void {
  // A table may have keys more than it had, a list not.
  const sameForm =
    isTable(from) &&
    isTable(to) &&
    Array.isArray(from) === Array.isArray(to) &&
    (!Array.isArray(from) || Object.keys(from).length === Object.keys(to).length) &&
    Object.keys(from).every((key) => Object.hasOwn(to, key));
  if (sameForm)
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      differences(from[key], to[key], path === '' ? key : `${path}.${key}`, pairs);
  else if (from !== to) pairs.push([path, JSON.stringify(to)]);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * Reads a link's hash. The result still has to pass `checkRecipe`: here only the form of the link is judged. Any string
 * gives a candidate; what could not be read is said in `problems`. An empty hash gives null.
 */
export function decodeLink(hash: string): {
  readonly recipe: unknown;
  readonly preset: string | null;
  readonly problems: readonly string[];
  /** What is left out on purpose, as sentences. */
  readonly notices: readonly string[];
} {
  const text = hash.replace(/^#/, '');
  if (text === '') return { recipe: null, preset: null, problems: [], notices: [] };
  if (text.length > LIMIT)
    return {
      recipe: null,
      preset: null,
      problems: [`The link is longer than ${LIMIT} characters.`],
      notices: [],
    };
  const problems: string[] = [];
  const notices: string[] = [];
  const pairs = text.split('&').map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? ([pair, ''] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
  const named = decoded(pairs.find(([key]) => key === 'preset')?.[1] ?? '');
  const preset = presets.find((entry) => entry.id === named);
  if (!preset) {
    const known = presets.map((entry) => entry.id).join(', ');
    return {
      recipe: null,
      preset: null,
      problems: [`The link names the preset "${named.slice(0, 40)}"; known are ${known}.`],
      notices: [],
    };
  }
  // By way of text: a structured clone keeps what the students share, and a change to one would be one to all.
  const recipe: unknown = JSON.parse(JSON.stringify(preset.recipe));
  const seen = new Set<string>();
  for (const [key, raw] of pairs) {
    if (key === 'preset') continue;
    const value = parsed(decoded(raw));
    if (seen.has(key)) problems.push(`${key.slice(0, 60)} stands twice in the link.`);
    else if (key === OWN_TEACHER)
      notices.push(
        `This link used someone’s own teacher ${whose(value)}; using the preset teacher instead.`,
      );
    else if (key === OWN_STUDENT)
      notices.push(
        `This link used someone’s own network ${whose(value)} as a student; using the model of the settings instead.`,
      );
    else if (value === undefined || !place(recipe, key.split('.'), value))
      problems.push(`"${key.slice(0, 60)}" in the link could not be read.`);
    seen.add(key);
  }
  return { recipe, preset: preset.id, problems, notices };
}

/** What is said of a network that the link could not carry: its name, and the beginning of its digest. */
function whose(value: unknown): string {
  const [name, digest] = (Array.isArray(value) ? value : []) as readonly unknown[];
  const cut = (text: unknown, length: number) =>
    typeof text === 'string' ? cleaned(text).slice(0, length) : '';
  const digits = cut(digest, DIGITS);
  return `${cut(name, 80) || 'without a name'}${digits && `, ${digits}..`}`;
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Sets a value at a path of existing tables. A table's last key may be new (the check refuses keys it does not know); a
 * list keeps its length.
 */
function place(target: unknown, path: readonly string[], value: unknown): boolean {
  let at: unknown = target;
  if (path.some((key) => key === '' || FORBIDDEN.has(key))) return false;
  for (const key of path.slice(0, -1)) {
    if (!isTable(at) || !Object.hasOwn(at, key)) return false;
    at = at[key];
  }
  const last = path.at(-1) as string;
  if (!isTable(at) || (Array.isArray(at) && !Object.keys(at).includes(last))) return false;
  at[last] = value;
  return true;
}
