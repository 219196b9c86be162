import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { linesOf, mathOf, textOf } from '../../src/app/methods/mathml';
import type { Field, Fields } from '../../src/recipe/fields';
import { evaluationFields, optimizerFields, runFields } from '../../src/recipe/run-fields';
import { catalogue } from '../support/catalogue';

const entries = (['tasks', 'models', 'methods', 'samplers', 'compressions'] as const).flatMap(
  (kind) => catalogue[kind].map((entry) => ({ name: `${kind}/${entry.id}`, kind, entry })),
);

/** One sentence or more for people: begins with a capital or a digit, ends with a full stop. */
const SENTENCE = /^[\p{Lu}\d].*\.$/u;

function allows(field: Field): boolean {
  switch (field.kind) {
    case 'number':
      return field.default >= field.min && field.default <= field.max;
    case 'integer':
      return (
        Number.isInteger(field.default) && field.default >= field.min && field.default <= field.max
      );
    case 'boolean':
      return typeof field.default === 'boolean';
    case 'choice':
      return field.options.some((option) => option.value === field.default);
    case 'list':
      return (
        field.default.length >= field.minLength &&
        field.default.length <= field.maxLength &&
        field.default.every((n) => Number.isInteger(n) && n >= field.min && n <= field.max)
      );
  }
}

function expectFields(fields: Fields): void {
  for (const [key, field] of Object.entries(fields)) {
    expect(key, 'keys stand in links').toMatch(/^[a-z][A-Za-z0-9]*$/);
    expect(field.help, `help of ${key}`).toMatch(SENTENCE);
    expect(field.label, `label of ${key}`).toMatch(/^\S.{1,23}$/);
    expect(allows(field), `default of ${key}`).toBe(true);
    const values = field.kind === 'choice' ? field.options.map(({ value }) => value) : [];
    expect(new Set(values).size, `options of ${key}`).toBe(values.length);
  }
}

it.each(['tasks', 'models', 'methods', 'samplers'] as const)(
  'every file of src/%s is found, one entry each',
  (kind) => {
    const files = readdirSync(`src/${kind}`).filter(
      (name) => name.endsWith('.ts') && !['contract.ts', 'registry.ts'].includes(name),
    );
    expect(catalogue[kind].map(({ id }) => `${id}.ts`).toSorted()).toEqual(files.toSorted());
  },
);

describe.each(entries)('$name', ({ entry }) => {
  it('says what it is in a title and one sentence', () => {
    expect(entry.id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(entry.title).toMatch(/^\S.{1,30}$/);
    expect(entry.oneLine).toMatch(SENTENCE);
  });

  it('has parameters with help, and defaults that they allow', () => {
    expectFields(entry.params);
  });

  it('cites whole references', () => {
    for (const reference of entry.cite) {
      for (const part of [reference.authors, reference.title, reference.venue])
        expect(part).toMatch(/^\S.{2,}/);
      expect(reference.year).toBeGreaterThan(1900);
      expect(reference.year).toBeLessThanOrEqual(new Date().getFullYear());
      expect(new URL(reference.url).protocol).toBe('https:');
    }
    expect(Array.isArray(entry.cite)).toBe(true);
  });
});

/** Part of a line: no capital and no full stop needed. */
const PHRASE = /^\S.*[^.]$/;

it('every file of src/compression is found, one entry each', () => {
  const files = readdirSync('src/compression').filter(
    (name) => name.endsWith('.ts') && !['contract.ts', 'registry.ts'].includes(name),
  );
  expect(catalogue.compressions.map(({ id }) => `${id}.ts`).toSorted()).toEqual(files.toSorted());
});

describe.each([...catalogue.methods, ...catalogue.compressions])('the card of $id', (card) => {
  const { formula, known, reading, costs } = card;

  it('says what is known and what is our reading', () => {
    expect(known).toMatch(SENTENCE);
    expect(reading ?? 'None.').toMatch(SENTENCE);
    for (const text of [known, reading ?? '']) expect(text.length).toBeLessThan(420);
  });

  it('says what it costs', () => {
    for (const text of Object.values(costs)) {
      expect(text).toMatch(PHRASE);
      expect(text.length).toBeLessThan(120);
    }
  });

  it('has a formula that is LaTeX', () => {
    const lines = linesOf(formula);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(mathOf(line).map(textOf).join(''), line).toMatch(/\S/);
  });
});

it('methods from the literature cite it', () => {
  const cited = catalogue.methods.filter(({ cite }) => cite.length > 0).map(({ id }) => id);
  expect(cited).toEqual(expect.arrayContaining(['erm', 'kd', 'xcl', 'mixup-erm']));
});

it("the recipe's own fields have help and good defaults", () => {
  for (const fields of [runFields, evaluationFields, optimizerFields]) expectFields(fields);
});

it('the catalogue is plain data: it survives JSON', () => {
  expect(JSON.parse(JSON.stringify(catalogue))).toEqual(catalogue);
});
