import type { UserError } from '../recipe/errors';
import { nestingOf } from '../recipe/nesting';
import { LIMITS } from './limits';
import { refuse, shown } from './refuse';

/**
 * Parses JSON from a stranger: UTF-8, a byte order mark allowed, within the limits of size and depth. Keys such as
 * "__proto__" become plain properties of their object; read them through `Json`, which sees own properties only.
 *
 * @param file what sentences call the file
 */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  if (bytes.length > LIMITS.jsonBytes)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${shown(file)} has ${megabytes(bytes.length)} of JSON; at most ${megabytes(LIMITS.jsonBytes)} are read.`,
      'Weights belong in files of their own: convert the network with a recent converter.',
    );
  if (nestingOf(bytes) > LIMITS.jsonDepth)
    throw refuse(
      'E_UPLOAD_JSON',
      `${shown(file)} nests lists and objects more than ${LIMITS.jsonDepth} deep, which no network's file does.`,
      'Export the network anew.',
    );
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw refuse(
      'E_UPLOAD_JSON',
      `${shown(file)} is not valid JSON; it may have been cut off or changed.`,
      'Download or export it again.',
      cause,
    );
  }
}

const megabytes = (bytes: number) => `${(bytes / (1024 * 1024)).toFixed(0)} MiB`;

/**
 * A value in a JSON file that knows where it stands, so that every error names the place. Only own properties are seen.
 */
export class Json {
  readonly value: unknown;
  private readonly file: string;
  /** Such as "modelTopology.layers[3].name"; empty at the top. */
  readonly at: string;

  /** @param file what sentences call the file */
  constructor(value: unknown, file: string, at = '') {
    this.value = value;
    this.file = file;
    this.at = at;
  }

  static parse(bytes: Uint8Array, file: string): Json {
    return new Json(parseJson(bytes, file), file);
  }

  /** True for a JSON object, not for a list or null. */
  isTable(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  isList(): boolean {
    return Array.isArray(this.value);
  }

  has(key: string): boolean {
    return this.isTable() && Object.hasOwn(this.value as object, key);
  }

  /** A value that has to be there. */
  get(key: string): Json {
    const found = this.maybe(key);
    if (!found) throw this.wrong(`has no "${shown(key)}"`);
    return found;
  }

  /** A value, or null where it is absent or null. */
  maybe(key: string): Json | null {
    if (!this.isTable()) throw this.wrong('is not an object');
    const table = this.value as Readonly<Record<string, unknown>>;
    const value = Object.hasOwn(table, key) ? table[key] : null;
    return value === null
      ? null
      : this.part(value, `${this.at === '' ? '' : '.'}${shown(key, 40)}`);
  }

  keys(): readonly string[] {
    if (!this.isTable()) throw this.wrong('is not an object');
    return Object.keys(this.value as object);
  }

  list(): readonly Json[] {
    if (!Array.isArray(this.value)) throw this.wrong('is not a list');
    return this.value.map((value, i) => this.part(value, `[${i}]`));
  }

  text(length: number = LIMITS.nameLength): string {
    if (typeof this.value !== 'string') throw this.wrong('is not text');
    if (this.value.length > length) throw this.wrong(`is longer than ${length} characters`);
    return this.value;
  }

  flag(): boolean {
    if (typeof this.value !== 'boolean') throw this.wrong('is neither true nor false');
    return this.value;
  }

  /** A finite number. */
  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value))
      throw this.wrong('is not a number');
    return this.value;
  }

  /** A whole number from 0 to `most`. */
  count(most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.number();
    if (!Number.isSafeInteger(value) || value < 0 || value > most)
      throw this.wrong(`is ${value}, not a whole number from 0 to ${most}`);
    return value;
  }

  /** A list of whole numbers from 0 to `most`, no longer than `length`. */
  counts(length: number = LIMITS.rank, most?: number): readonly number[] {
    if (Array.isArray(this.value) && this.value.length > length)
      throw this.wrong(`has ${this.value.length} numbers; at most ${length} are allowed`);
    return this.list().map((value) => value.count(most));
  }

  /** The error that names this place. @param why such as "is not a list" */
  wrong(why: string, hint = 'Export the network anew from where it was trained.'): UserError {
    const place = this.at === '' ? shown(this.file) : `${this.at} in ${shown(this.file)}`;
    return refuse('E_UPLOAD_JSON', `${place} ${why}.`, hint);
  }

  private part(value: unknown, step: string): Json {
    return new Json(value, this.file, `${this.at}${step}`);
  }
}
