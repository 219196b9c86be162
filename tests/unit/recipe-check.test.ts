import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destseg } from '../../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../../src/recipe/anomaly-check';
import { checkRecipe, requireRecipe } from '../../src/recipe/check';
import { allowedBy, defaultsOf } from '../../src/recipe/fields';
import { defaultPreset, presets, spiralStudy } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { catalogue } from '../support/catalogue';

const problemsOf = (input: unknown) => checkRecipe(input, catalogue).problems;
const spiral = presets.find(({ id }) => id === 'spiral')!.recipe;
const shapes = presets.find(({ id }) => id === 'shapes-b')!.recipe;

const B = { source: 'bundled', id: 'shapes-b' };
const C = { source: 'bundled', id: 'shapes-c' };

/** The spiral's recipe with one value changed at a path such as students.0.name. */
function withValue(path: string, value: unknown, recipe: Recipe = spiral): unknown {
  const copy = JSON.parse(JSON.stringify(recipe)) as unknown;
  const keys = path.split('.');
  let at = copy as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[keys.at(-1)!] = value;
  return copy;
}

describe('presets and shipped recipes', () => {
  it.each(presets)('preset $id passes the check unchanged, also through JSON', ({ id, recipe }) => {
    expect(recipe.preset).toBe(id);
    expect(checkRecipe(recipe, catalogue)).toEqual({ recipe, problems: [] });
    expect(checkRecipe(JSON.parse(JSON.stringify(recipe)), catalogue).recipe).toEqual(recipe);
  });

  it('recipes/ holds every preset, and the study of the spiral', () => {
    const files = readdirSync('recipes').filter((name) => name.endsWith('.json'));
    const shipped = files.map((name) => {
      const recipe = requireRecipe(JSON.parse(readFileSync(`recipes/${name}`, 'utf8')), catalogue);
      return [recipe.preset, recipe] as const;
    });
    const wanted = presets.map(({ id, recipe }) => [id, id === 'spiral' ? spiralStudy : recipe]);
    expect(Object.fromEntries(shipped)).toEqual(Object.fromEntries(wanted));
    expect(shipped.length).toBe(presets.length);
  });

  it('the first visit depends on the device', () => {
    expect([defaultPreset('gpu').id, defaultPreset('cpu').id]).toEqual(['shapes-b', 'spiral']);
  });
});

describe('absent keys', () => {
  it('get their defaults', () => {
    const { version, task, teacher } = spiral;
    const students = [{ name: 'One', model: { id: 'mlp' }, method: { id: 'kd' } }];
    const { recipe } = checkRecipe({ version, task, teacher, students, transfer: 90 }, catalogue);
    expect(recipe).toMatchObject({
      preset: 'custom',
      steps: 1000,
      batch: 64,
      seed: 1,
      optimizer: { kind: 'sgd', rate: 0.05, momentum: 0.9, nesterov: true },
      evaluation: { every: 50, images: 1000, testImages: 10000 },
    });
    expect(recipe?.students[0]).toEqual({
      name: 'One',
      model: { id: 'mlp', params: { hidden: [6, 6] } },
      method: { id: 'kd', params: { temperature: 4, alpha: 0.9 } },
      sampler: { id: 'none', params: { augment: 'none', pad: 4 } },
    });
  });

  it.each(['version', 'task', 'teacher', 'students'])('%s has none', (key) => {
    const { [key]: _, ...rest } = spiral as unknown as Record<string, unknown>;
    const [sentence, ...others] = problemsOf(rest);
    expect(sentence).toMatch(new RegExp(`^${key} is missing`));
    expect(others).toEqual([]);
  });
});

describe('a bad value is refused with key, value and what is allowed', () => {
  it.each([
    ['steps', 0, 'steps is 0, allowed is a whole number from 1 to 1000000.'],
    ['steps', 1.5, 'steps is 1.5, allowed is a whole number from 1 to 1000000.'],
    ['seed', 'one', 'seed is "one", allowed is a whole number from 0 to 2147483647.'],
    ['redraw', 1, 'redraw is 1, allowed is true or false.'],
    ['version', 2, 'version is 2, allowed is 1.'],
    ['optimizer.kind', 'lion', 'optimizer.kind is "lion", allowed is one of sgd, adam.'],
    [
      'optimizer.rate',
      1e9,
      'optimizer.rate is 1000000000, allowed is a number from 0.000001 to 1000.',
    ],
    ['students.1.name', '', 'students.1.name is "", allowed is a name of 1 to 40 characters.'],
    ['students', [], 'students is [], allowed is a list of 1 to 8 students.'],
    [
      'students.1.method.params.temperature',
      null,
      'students.1.method.params.temperature is null, allowed is a number from 0.5 to 20.',
    ],
    [
      'students.0.model.params.hidden',
      [6, 0],
      'students.0.model.params.hidden is [6,0], allowed is a list of 1 to 4 whole numbers from 1 to 256.',
    ],
    [
      'students.2.sampler.params.pairs',
      'near',
      'students.2.sampler.params.pairs is "near", allowed is one of any, same, different, neighbours.',
    ],
    [
      'students.2.method.id',
      'hinton',
      /^students\.2\.method\.id is "hinton", allowed is one of .*\berm\b.*\bkd\b.*\.$/,
    ],
    ['teacher.id', 'big', /^teacher\.id is "big", allowed is one of .*\bspiral\b.*\.$/],
    ['teacher.source', 'web', /^teacher\.source is "web", allowed is /],
    ['transfer', 5000, 'transfer is 5000, allowed for Spiral is 30 to 1000.'],
  ])('%s: %j', (path, value, wanted) => {
    const problems = problemsOf(withValue(path, value));
    expect(problems.length).toBe(1);
    expect(problems[0]).toMatch(wanted);
  });

  it.each(['stepps', 'optimizer.lr', 'students.0.model.params.depth', 'task.colour'])(
    'unknown key %s',
    (path) => {
      expect(problemsOf(withValue(path, 1))).toEqual([
        `${path} is not a key that a recipe knows; remove it or correct its name.`,
      ]);
    },
  );

  it('all unknown keys of a table', () => {
    const two = withValue(
      'students.0.colour',
      1,
      withValue('stepps', 0, withValue('sed', 0) as Recipe) as Recipe,
    );
    expect(problemsOf(withValue('students.0.lr', 1, two as Recipe))).toEqual(
      expect.arrayContaining(
        ['stepps', 'sed', 'students.0.colour', 'students.0.lr'].map((key) =>
          expect.stringMatching(new RegExp(`^${key} is not a key`)),
        ),
      ),
    );
  });

  it.each([
    [Infinity, 'steps is a number too large to be held, allowed'],
    [-Infinity, 'steps is a number too far below zero to be held, allowed'],
    [[Infinity], 'steps is ["a number too large to be held"], allowed'],
    [10n, 'steps is "10n", allowed'],
  ])('%s is not told as something else', (value, words) => {
    expect(problemsOf(withValue('steps', value))).toEqual([expect.stringContaining(words)]);
  });

  it.each([null, 7, 'spiral', [], [1]])('and so is what is no recipe at all: %j', (input) => {
    const [sentence] = problemsOf(input);
    expect(sentence).toMatch(/\.$/);
  });

  it('names every problem of a recipe, not the first only', () => {
    const two = withValue('seed', -1, withValue('steps', 0) as Recipe);
    expect(problemsOf(two).length).toBe(2);
  });

  it('as one error for callers that cannot go on', () => {
    expect(() => requireRecipe(withValue('steps', 0), catalogue)).toThrow(
      expect.objectContaining({ code: 'E_RECIPE', message: expect.stringContaining('steps is 0') }),
    );
  });
});

describe('what cannot go together is refused', () => {
  it.each([
    [
      'two students of one name',
      withValue('students.0.name', 'KD'),
      'students.1.name is "KD", and another student has that name.',
    ],
    [
      'images for points',
      withValue('students.0.model', shapes.students[0]!.model),
      'students.0.model.id is "resnet8half"',
    ],
    [
      'points for images',
      withValue('students.0.model', { id: 'mlp' }, shapes),
      'students.0.model.id is "mlp"',
    ],
    [
      'CutMix on the plane',
      withValue('students.2.sampler', { id: 'cutmix' }),
      'students.2.sampler.id',
    ],
    [
      'crops of points',
      withValue('students.1.sampler.params.augment', 'crop-flip'),
      'cannot be cropped',
    ],
    ["another task's teacher", withValue('teacher.id', 'shapes-b'), 'trained for another task'],
    ['generations of a student without a teacher', withValue('generations', 2), 'asks no teacher'],
    ['six generations', withValue('generations', 6), 'generations is 6, allowed is'],
    [
      'a warm start on rows without labels',
      withValue('students.2.warmStart', 0.3, shapes),
      'leave no row that has one',
    ],
    ['a warm start to the end', withValue('students.0.warmStart', 1), 'warmStart is 1, allowed'],
    ["another task's companion", withValue('companions', [B, C], shapes), 'companions.1.id is'],
    ['a companion that is the teacher', withValue('companions', [B], shapes), 'already'],
    ['five companions', withValue('companions', [B, B, B, B, B], shapes), 'at most 4 teachers'],
    ['no list of companions', withValue('companions', 'B', shapes), 'at most 4 teachers'],
    [
      'a companion that cannot read the task',
      withValue('companions', [{ source: 'train', model: { id: 'mlp' } }], shapes),
      'companions.0.model.id is "mlp"',
    ],
    [
      'cropped points',
      withValue('companions', [{ source: 'train', model: { id: 'mlp' }, augment: 'crop-flip' }]),
      'companions.0.augment',
    ],
    ["another preset's teacher", withValue('teacher.id', 'shapes-c', shapes), 'another task'],
    ['a redraw with a bundled teacher', withValue('redraw', true), 'redraw needs'],
    [
      'a teacher that cannot read the task',
      withValue('teacher.model', { id: 'resnet8' }, spiralStudy),
      'teacher.model.id is "resnet8"',
    ],
    [
      'a method that relates rows, with too few of them',
      withValue('students.1.method', { id: 'dist' }, withValue('batch', 2) as Recipe),
      'DIST compares the rows of a batch, so it needs a batch of at least 3; it is 2.',
    ],
  ])('%s', (_, recipe, words) => {
    expect(problemsOf(recipe)).toContainEqual(expect.stringContaining(words));
  });

  it('three rows are enough to relate them', () => {
    const three = withValue('batch', 3) as Recipe;
    expect(problemsOf(withValue('students.1.method', { id: 'dist' }, three))).toEqual([]);
  });
});

describe('names of strangers', () => {
  /** The end of a colour that a terminal obeys, a bell, a turned direction, an invisible joint, a line's end. */
  const HOSTILE = ['\u001b[31mred', 'bell\u0007', 'a\u202eb', 'a\u2066b', 'a\u200bb', 'a\u2028b'];
  const CLEAN = ['\ufffd[31mred', 'bell\ufffd', 'a\ufffdb', 'a\ufffdb', 'a\ufffdb', 'a\ufffdb'];

  it.each(HOSTILE.map((name, i) => [name, CLEAN[i]]))(
    '%j stands in no checked recipe',
    (name, clean) => {
      const { recipe } = checkRecipe(withValue('students.0.name', name), catalogue);
      expect(recipe?.students[0]?.name).toBe(clean);
      const named = checkRecipe(withValue('preset', name), catalogue);
      expect(named.recipe?.preset).toBe(clean);
      const { arms } = destseg;
      const faults = { ...destseg, arms: [{ ...arms[0], name }, ...arms.slice(1)] };
      expect(requireAnomalyRecipe(faults, catalogue).arms[0]?.name).toBe(clean);
    },
  );

  it('of any writing stay as they are', () => {
    for (const name of ['Größe & Maß = 100 %', '教師', 'معلم', '👩‍🏫'.slice(0, 2)])
      expect(
        checkRecipe(withValue('students.0.name', name), catalogue).recipe?.students[0]?.name,
      ).toBe(name);
  });
});

it('anything at all is judged without an exception', () => {
  fc.assert(
    fc.property(fc.anything(), (input) => {
      expect(problemsOf(input).length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
  const key = fc.constantFrom(
    ...Object.keys(spiral),
    'students.0',
    'students.1.sampler',
    'task.id',
  );
  fc.assert(
    fc.property(key, fc.anything(), (path, value) => {
      const { recipe, problems } = checkRecipe(withValue(path, value), catalogue);
      expect(recipe === null).toBe(problems.length > 0);
    }),
    { numRuns: 1000 },
  );
});

it('fields say what they allow, and their defaults are of that kind', () => {
  const list = catalogue.models.find(({ id }) => id === 'resnet20')!.params['widths']!;
  expect(allowedBy(list)).toBe('a list of 4 whole numbers from 1 to 512');
  expect(defaultsOf({ list })).toEqual({ list: [16, 16, 32, 64] });
});
