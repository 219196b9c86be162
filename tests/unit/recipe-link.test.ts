import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRecipe } from '../../src/recipe/check';
import { decodeLink, encodeLink } from '../../src/recipe/link';
import { menu, presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { catalogue } from '../support/catalogue';
import { meaningOf, readNetwork } from '../support/uploads';

const ids = presets.map(({ id }) => id);
const preset = fc.constantFrom(...presets.map(({ recipe }) => recipe));

/** Any words that a link may be made of: presets, paths, numbers, forbidden names, noise. */
const word = fc.oneof(
  fc.constantFrom(...ids, 'preset', 'students', 'task', 'params', 'teacher', 'seed', 'length'),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'polluted', '', '.', '%'),
  fc.constantFrom('0', '1', '-1', '99', '4294967294', '1e9', 'null', '[]', '{}', '"a"'),
  fc.string({ maxLength: 8 }),
);
const path = fc.array(word, { maxLength: 5 }).map((words) => words.join('.'));
const pair = fc.tuple(path, word).map(([key, value]) => `${key}=${value}`);
const hash = fc
  .tuple(fc.constantFrom('', '#'), fc.constantFrom(...ids), fc.array(pair, { maxLength: 6 }))
  .map(([mark, id, pairs]) => [`${mark}preset=${id}`, ...pairs].join('&'));

describe('any link', () => {
  it.each([
    ['of anything', fc.string({ unit: 'binary', maxLength: 300 })],
    ['that looks like one', hash],
  ])('%s is judged, never thrown at', (_, strings) => {
    fc.assert(
      fc.property(strings, (text) => {
        const { recipe, problems } = decodeLink(text);
        const checked = checkRecipe(recipe, catalogue);
        expect(checked.recipe === null).toBe(checked.problems.length > 0);
        for (const sentence of [...problems, ...checked.problems]) expect(sentence).toMatch(/\.$/);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'students.length=-1',
    'students.length=4294967295',
    'students.4294967294=1',
    'students.99=1',
    'students.0.model.params.widths.1000000000=8',
    'students.push=1',
  ])('cannot stretch a list: %s', (text) => {
    const { recipe, unread } = decodeLink(`preset=shapes-b&${text}`);
    expect(unread).toMatchObject([{ why: 'place' }]);
    expect(recipe).toEqual(presets.find(({ id }) => id === 'shapes-b')!.recipe);
  });

  it.each([
    '__proto__.polluted=1',
    'constructor.prototype.polluted=1',
    'task.__proto__.polluted=1',
    'task.params.__proto__={"polluted":1}',
    'students.0.constructor={"polluted":1}',
    'students.prototype=1',
  ])('cannot reach a prototype by a path: %s', (text) => {
    const { recipe, unread } = decodeLink(`preset=spiral&${text}`);
    expect(unread).toMatchObject([{ why: 'place' }]);
    expect(recipe).toStrictEqual(presets[1]!.recipe);
    const { params } = (recipe as Recipe).task;
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each([
    'task={"__proto__":{"polluted":1},"id":"spiral"}',
    'task.params={"__proto__":{"points":90}}',
    'optimizer={"constructor":{"prototype":{"polluted":1}}}',
  ])('cannot bring a prototype along in a value: %s', (text) => {
    const { recipe } = decodeLink(`preset=spiral&${text}`);
    expect(checkRecipe(recipe, catalogue).problems).toEqual([
      expect.stringMatching(/(__proto__|constructor) is not a key that a recipe knows/),
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(['', '#', '#preset=spiral', 'preset=spiral&seed=3'])('"%s" has no problem', (text) => {
    expect(decodeLink(text)).toMatchObject({ problems: [], unread: [] });
  });

  it.each([
    ['#seed=3', 'The link names no preset; “Shapes, 1,000 images” is used instead'],
    [
      '#preset=unknown',
      'The link names the preset “unknown”, which the menu does not have; “Shapes',
    ],
    [
      `#preset=spiral&${'x'.repeat(9000)}`,
      'longer than 8192 characters; “Shapes, 1,000 images” is used',
    ],
  ])('%s has one: %s', (text, words) => {
    expect(decodeLink(text).problems).toEqual([expect.stringContaining(words)]);
  });

  it('is told all that the menu has, and nothing else', () => {
    const [sentence] = decodeLink('preset=unknown').problems;
    for (const { id, title } of menu) expect(sentence).toContain(`“${title}” (${id})`);
    expect(menu.map(({ id }) => id).toSorted()).toEqual([...ids, 'destseg'].toSorted());
    expect(menu[0]?.id).toBe('spiral');
  });

  it.each([
    ['seed=', 'value'],
    ['seed=%zz', 'value'],
    [`seed=${'['.repeat(3000)}${']'.repeat(3000)}`, 'value'],
    ['no.such=1', 'place'],
    ['=1', 'place'],
    ['seed=1&seed=2', 'twice'],
    ['preset="grid"', 'twice'],
  ])('%s leaves one key out: %s', (text, why) => {
    expect(decodeLink(`preset=spiral&${text}`).unread).toMatchObject([{ why }]);
  });
});

/** Changes that keep a recipe valid. */
const name = fc.string({ minLength: 1, maxLength: 40 });
const changes = fc.record(
  {
    seed: fc.nat(2 ** 31 - 1),
    steps: fc.integer({ min: 1, max: 1_000_000 }),
    batch: fc.integer({ min: 1, max: 1024 }),
    averageDecay: fc.double({ min: 0, max: 0.9999, noNaN: true }),
    rate: fc.double({ min: 1e-6, max: 1000, noNaN: true }),
    every: fc.integer({ min: 1, max: 100_000 }),
    temperature: fc.double({ min: 0.5, max: 20, noNaN: true }),
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    sampler: fc.constantFrom('interpolation', 'noise', 'none'),
    generations: fc.integer({ min: 1, max: 5 }),
    warmStart: fc.double({ min: 0, max: 0.9, noNaN: true }),
    companions: fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 4 }),
  },
  { requiredKeys: [] },
);

function changed(recipe: Recipe, change: typeof changes extends fc.Arbitrary<infer C> ? C : never) {
  const {
    rate,
    every,
    temperature,
    names,
    sampler,
    companions = [],
    generations: wanted,
    warmStart,
    ...own
  } = change;
  // Both are for tasks of classes.
  const values = catalogue.tasks.find(({ id }) => id === recipe.task.id)?.asks === 'values';
  const generations = values ? undefined : wanted;
  const sampled = catalogue.samplers.find(({ id }) => id === sampler);
  const students = recipe.students.slice(0, names?.length ?? 3).map((student, i) => ({
    ...student,
    name: names?.[i] ?? student.name,
    ...(warmStart !== undefined && !values && i === 0 && { warmStart }),
    ...(temperature !== undefined &&
      i === 1 &&
      'temperature' in student.method.params && {
        method: { id: 'kd', params: { temperature, alpha: 0.5 } },
      }),
    ...(sampled && i === 2 && { sampler: { id: sampled.id, params: {} } }),
  }));
  // The first student of a line of generations asks a teacher.
  const line = students.slice(0, 1).map((student) => ({ ...student, method: { id: 'kd' } }));
  const candidate = {
    ...recipe,
    ...own,
    students: generations === undefined ? students : [...line, ...students.slice(1)],
    ...(generations !== undefined && { generations }),
    companions: companions.map((steps) => ({
      source: 'train',
      model: recipe.students[0]!.model,
      steps,
    })),
    ...(rate !== undefined && { optimizer: { ...recipe.optimizer, rate } }),
    ...(every !== undefined && { evaluation: { ...recipe.evaluation, every } }),
  };
  const checked = checkRecipe(candidate, catalogue);
  if (!checked.recipe) throw new Error(checked.problems.join(' '));
  return checked.recipe;
}

describe('a recipe through a link', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(preset, changes, (from, change) => {
        const recipe = changed(from, change);
        const link = encodeLink(recipe);
        expect(link).toMatch(/^[A-Za-z0-9._~=&%!'()*-]+$/);
        const decoded = decodeLink(`#${link}`);
        expect(decoded.problems).toEqual([]);
        expect(checkRecipe(decoded.recipe, catalogue).recipe).toEqual(recipe);
      }),
      { numRuns: 300 },
    );
  });

  it('names somebody’s own teacher and carries it not', () => {
    const { recipe } = presets[0];
    const net = readNetwork([32, 32, 3], (b) => b.add('end', 'input', { op: 'pool' }));
    const own = {
      source: 'file',
      name: 'my net',
      sha256: '0123456789abcdef'.repeat(4),
      meaning: meaningOf(net, 3),
    } as const;
    const link = encodeLink({ ...recipe, teacher: own, companions: [own], seed: 3 });
    expect(link).toBe(
      'preset=shapes-b&seed=3&ownTeacher=%5B%22my%20net%22%2C%220123456789ab%22%5D',
    );
    const read = decodeLink(link);
    expect(checkRecipe(read.recipe, catalogue).recipe).toEqual({ ...recipe, seed: 3 });
    expect(read.problems).toEqual([]);
    expect(read.notices).toEqual([
      'This link used someone’s own teacher my net, 0123456789ab..; using the preset teacher instead.',
    ]);
    expect(decodeLink('preset=spiral&ownTeacher=7').notices).toHaveLength(1);
  });

  it('carries only what differs from its preset', () => {
    const { recipe } = presets[0];
    expect(encodeLink(recipe)).toBe('preset=shapes-b');
    const [erm, kd, xcl] = recipe.students;
    const params = { ...kd!.method.params, temperature: 2 };
    const students = [erm!, { ...kd!, method: { ...kd!.method, params } }, xcl!];
    expect(encodeLink({ ...recipe, seed: 3, students })).toBe(
      'preset=shapes-b&students.1.method.params.temperature=2&seed=3',
    );
  });

  it('changes the one student that it names, not those that share its model', () => {
    const { recipe } = decodeLink('preset=spiral&students.0.model.params.hidden=[4,4]');
    const { students } = recipe as Recipe;
    const hidden = students.map(({ model }) => model.params['hidden']);
    expect(hidden).toEqual([
      [4, 4],
      [6, 6],
      [6, 6],
    ]);
  });

  it('says the same whatever order its keys stand in', () => {
    const reversed = Object.fromEntries(Object.entries(presets[1]!.recipe).toReversed());
    expect(encodeLink(reversed as unknown as Recipe)).toBe('preset=spiral');
  });

  it('of an unknown preset is written against the first one', () => {
    const link = encodeLink({ ...presets[1]!.recipe, preset: 'custom' });
    expect(link).toMatch(/^preset=shapes-b&task\.id=/);
    const { recipe } = decodeLink(link);
    expect(recipe).toEqual({ ...presets[1]!.recipe, preset: 'shapes-b' });
  });
});
