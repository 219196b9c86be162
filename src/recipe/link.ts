import type { FileNetwork } from './meaning';
import { NESTING, nestingOf } from './nesting';
import { menu, presets } from './presets';
import type { Recipe, Teacher } from './recipe';
import { cleaned, shown } from './shown';

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

/** A part of a link that changes nothing: its key, its value as it stands there, and why. */
export interface Unread {
  readonly key: string;
  readonly value: string;
  /** The key names no place of a recipe, or one that was named before, or the value cannot be read. */
  readonly why: 'place' | 'twice' | 'value';
}

export interface ReadLink {
  /** What the link describes; it still has to pass `mendLink`. Null where there is nothing to check. */
  readonly recipe: unknown;
  /** The preset that it starts from: the link's own, or the one to use otherwise. Null for an empty hash. */
  readonly preset: string | null;
  readonly unread: readonly Unread[];
  /** What is wrong with the link as a whole, as sentences. */
  readonly problems: readonly string[];
  /** What is left out on purpose, as sentences. */
  readonly notices: readonly string[];
}

/**
 * Reads a link's hash; here only its form is judged. Never throws. An empty hash gives null.
 *
 * @param otherwise id of the preset to start from where the link names none that is known
 */
export function decodeLink(hash: string, otherwise: string = presets[0].id): ReadLink {
  const text = hash.replace(/^#/, '');
  const nothing = { recipe: null, preset: null, unread: [], problems: [], notices: [] };
  if (text === '') return nothing;
  const fallback = presets.find(({ id }) => id === otherwise) ?? presets[0];
  if (text.length > LIMIT)
    return {
      ...nothing,
      preset: fallback.id,
      problems: [
        `The link is longer than ${LIMIT} characters; “${fallback.title}” is used instead.`,
      ],
    };
  const pairs = text.split('&').map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? ([pair, ''] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
  const given = pairs.find(([key]) => key === 'preset')?.[1];
  const named = given === undefined ? null : decoded(given);
  const known = presets.find((entry) => entry.id === named);
  const problems = known ? [] : [unknownPreset(named, fallback.title)];
  const preset = known ?? fallback;
  const notices: string[] = [];
  const unread: Unread[] = [];
  // By way of text: a structured clone keeps what the students share, and a change to one would be one to all.
  const recipe: unknown = JSON.parse(JSON.stringify(preset.recipe));
  const seen = new Set<string>();
  for (const [key, raw] of pairs) {
    const value = parsed(decoded(raw));
    const cannot = (why: Unread['why']) =>
      unread.push({ key: shown(key, 60), value: shown(decoded(raw), 60), why });
    if (seen.has(key)) cannot('twice');
    else if (key === 'preset') seen.add(key);
    else if (key === OWN_TEACHER)
      notices.push(
        `This link used someone’s own teacher ${whose(value)}; using the preset teacher instead.`,
      );
    else if (key === OWN_STUDENT)
      notices.push(
        `This link used someone’s own network ${whose(value)} as a student; using the model of the settings instead.`,
      );
    else if (value === undefined) cannot('value');
    else if (!place(recipe, key.split('.'), value)) cannot('place');
    seen.add(key);
  }
  return { recipe, preset: preset.id, unread, problems, notices };
}

function unknownPreset(named: string | null, used: string): string {
  const offers = menu.map(({ id, title }) => `“${title}” (${id})`).join(', ');
  const what =
    named === null
      ? 'The link names no preset'
      : `The link names the preset “${shown(named, 40)}”, which the menu does not have`;
  return `${what}; “${used}” is used instead. The menu has ${offers}.`;
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
  if (nestingOf(text) > NESTING) return undefined;
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
