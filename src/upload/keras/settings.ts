import { fieldOf, numberOf } from '../fields';

/** A layer's own configuration with checked values. Names may be written in snake or camel case. */
export class Settings {
  private readonly raw: unknown;
  private readonly wrong: (why: string) => Error;

  /** @param wrong makes the error that names the file and the layer */
  constructor(raw: unknown, wrong: (why: string) => Error) {
    this.raw = raw;
    this.wrong = wrong;
  }

  /** The value as it stands; null where it is absent. */
  get(name: string): unknown {
    const camel = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    return fieldOf(this.raw, name, camel) ?? null;
  }

  text(name: string, otherwise: string): string {
    const value = this.get(name);
    if (value === null) return otherwise;
    if (typeof value !== 'string') throw this.odd(name, value);
    return value;
  }

  /** One of a few words. */
  choice<W extends string>(name: string, words: readonly W[], otherwise: W): W {
    const value = this.text(name, otherwise).toLowerCase();
    const word = words.find((each) => each === value);
    if (word === undefined)
      throw this.wrong(
        `its ${name} is ${JSON.stringify(value).slice(0, 40)}, not ${words.join(' or ')}`,
      );
    return word;
  }

  /** True or false; also as older programs and NumPy write them: 1, 0, 1.0, "True", {"type": "bool_", "value": true}. */
  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name);
    if (value === null) return otherwise;
    const plain = truthOf(fieldOf(fieldOf(value, 'config') ?? value, 'value') ?? value);
    if (plain === null) throw this.odd(name, value);
    return plain;
  }

  number(name: string, otherwise: number): number {
    const value = this.get(name);
    if (value === null) return otherwise;
    // A number of NumPy's keeps its class in files of Keras 2.
    const plain = numberOf(value) ?? numberOf(fieldOf(fieldOf(value, 'config') ?? value, 'value'));
    if (plain === null) throw this.odd(name, value);
    return plain;
  }

  /** A whole number of at least `least`. */
  whole(name: string, least: number, otherwise?: number): number {
    const value = this.get(name) ?? otherwise ?? null;
    if (!wholeFrom(least)(value)) throw this.odd(name, value);
    return value as number;
  }

  /** Two whole numbers of at least `least`, or one for both. */
  pair(
    name: string,
    least: number,
    otherwise?: readonly [number, number],
  ): readonly [number, number] {
    const value = this.get(name) ?? otherwise ?? null;
    const fits = wholeFrom(least);
    if (fits(value)) return [value as number, value as number];
    const list = wholesOf(value, least);
    if (list?.length === 1) return [list[0] as number, list[0] as number];
    if (list?.length !== 2) throw this.odd(name, value);
    return [list[0] as number, list[1] as number];
  }

  /** What stands above, below, left and right: one number, one for each axis, or two for each axis. */
  margins(name: string): readonly [number, number, number, number] {
    const value = this.get(name);
    const axes = Array.isArray(value) ? (value as readonly unknown[]) : [value, value];
    const sides = axes.flatMap((axis) =>
      Array.isArray(axis) ? (axis as unknown[]) : [axis, axis],
    );
    const list = wholesOf(sides, 0);
    if (axes.length !== 2 || list?.length !== 4) throw this.odd(name, value);
    return list as unknown as readonly [number, number, number, number];
  }

  /** Whole numbers, negative ones included, or one of them. */
  wholes(name: string, otherwise?: readonly number[]): readonly number[] {
    const value = this.get(name) ?? otherwise ?? null;
    const list = wholesOf(typeof value === 'number' ? [value] : value, -Infinity);
    if (list === null) throw this.odd(name, value);
    return list;
  }

  odd(name: string, value: unknown): Error {
    const text = JSON.stringify(value) ?? 'undefined';
    return this.wrong(`its ${name} is ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`);
  }
}

const wholeFrom =
  (least: number) =>
  (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least;

/** What a word or number means as yes or no; null where it means neither. */
function truthOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

/** A list of at most 64 whole numbers, or null. */
function wholesOf(value: unknown, least: number): readonly number[] | null {
  if (!Array.isArray(value) || value.length > 64 || !value.every(wholeFrom(least))) return null;
  return value as number[];
}
