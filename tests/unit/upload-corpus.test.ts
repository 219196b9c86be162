import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { UserError } from '../../src/recipe/errors';
import { readTeacher } from '../../src/upload/read';
import { BAD } from '../support/corpus/all';
import type { BadCase } from '../support/corpus/case';
import sentences from '../support/corpus/sentences.json';
import { GOOD } from '../support/files/good';
import type { Part } from '../support/files/tiny';
import { givenOf, reading } from '../support/given';

const read = (parts: readonly Part[]) =>
  readTeacher(
    parts.map(({ name, bytes }) => givenOf(name, bytes)),
    reading,
  );

const said: Readonly<Record<string, string>> = sentences;
const own = () => Reflect.ownKeys(Object.prototype).map(String).toSorted();
const before = own();
const network = vi.fn<() => never>(() => {
  throw new Error('no file may make a request');
});

beforeAll(() => {
  for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'])
    vi.stubGlobal(name, network);
});
afterAll(() => {
  vi.unstubAllGlobals();
});

describe('a small good network in every form is read', () => {
  it.each(GOOD)('$form', async ({ form, parts }) => {
    const found = await read(parts);
    expect(form.startsWith(found.format)).toBe(true);
    expect(found.repairs).toEqual([]);
    expect(found.layers).toBeGreaterThan(1);
  });
});

describe('bad files', () => {
  it.each<BadCase>(BAD)(
    '$name is refused with its sentence',
    async ({ name, parts }) => {
      const thrown = await read(parts).then(
        () => null,
        (error: UserError) => error,
      );
      expect(thrown?.name).toBe('UserError');
      expect(`${thrown?.code}: ${thrown?.message}`).toBe(said[name]);
      expect(thrown?.hint).not.toBe('');
    },
    5000,
  );

  it('are many, each with a sentence of its own, and change nothing around them', () => {
    expect(BAD.length).toBeGreaterThanOrEqual(200);
    expect(new Set(BAD.map(({ name }) => name))).toEqual(new Set(Object.keys(said)));
    expect(new Set(BAD.map(({ name }) => name)).size).toBe(BAD.length);
    expect(network).not.toHaveBeenCalled();
    expect(own()).toEqual(before);
  });
});
