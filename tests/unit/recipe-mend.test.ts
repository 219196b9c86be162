import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRecipe } from '../../src/recipe/check';
import { checkInWords, mendLink } from '../../src/recipe/check-words';
import { decodeLink } from '../../src/recipe/link';
import { presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { catalogue } from '../support/catalogue';

/** What the page makes of a link, as the worker answers it. */
function opened(hash: string): { readonly recipe: Recipe; readonly problems: readonly string[] } {
  const { recipe, preset, unread, problems } = decodeLink(hash);
  if (recipe === null || preset === null) throw new Error('there is nothing to mend');
  const mended = mendLink(recipe, { preset, unread }, catalogue);
  return { recipe: mended.recipe, problems: [...problems, ...mended.problems] };
}

const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));

describe('a link with one bad value', () => {
  it.each([
    [
      'students.2.sampler.params.share=7',
      'Student 3 (Extracurricular), Outside share is 7, allowed is a number from 0 to 1; 0.5 is used instead.',
    ],
    [
      'optimizer.kind="lion"',
      'Optimizer is "lion", allowed is one of “SGD with momentum”, “Adam”; “Adam” is used instead.',
    ],
    [
      'steps=1e999',
      'Steps is a number too large to be held, allowed is a whole number from 1 to 1000000; 2500 is used instead.',
    ],
    ['redraw=1', 'Redraw the data is 1, allowed is on or off; off is used instead.'],
    [
      'students.0.method.id="hinton"',
      'Student 1 (ERM), Method is "hinton", allowed is one of those in its menu; “ERM” is used instead.',
    ],
    [
      'students.1.model.params.hidden=[6,"a"]',
      'Student 2 (KD), Hidden layers is [6,"a"], allowed is a list of 1 to 4 whole numbers from 1 to 256; 6, 6 is used instead.',
    ],
    ['colour="red"', '“colour” is no setting that is known here; it was left out.'],
    [
      'task.params.colour="red"',
      'Task, “colour” is no setting that is known here; it was left out.',
    ],
    ['seed={', 'Seed is “{”, which could not be read; 1 is used instead.'],
    ['seed=4&seed=5', 'Seed stands twice in the link; 4 is used.'],
    ['students.9.name="x"', '“students.9.name” is no setting that is known here; it was left out.'],
    [
      'evaluation=3',
      'Evaluation is 3, allowed is a table with known keys; the preset’s own is used instead.',
    ],
    [
      'teacher.id="big"',
      'Teacher is "big", allowed is one of those in its menu; the preset’s own is used instead.',
    ],
    [
      'transfer=5000',
      'Training examples is 5000, allowed for Spiral is 30 to 1000; 1000 is used instead.',
    ],
    [
      'students.0.name="KD"',
      'Student 2 (KD), Name is "KD", and another student has that name; "KD 2" is used instead.',
    ],
  ])('%s: the others are kept, and it is named as the page calls it', (pair, sentence) => {
    const { recipe, problems } = opened(`preset=spiral&batch=33&${pair}&averageDecay=0.5`);
    expect(recipe).toMatchObject({ batch: 33, averageDecay: 0.5 });
    expect(checkRecipe(recipe, catalogue).problems).toEqual([]);
    expect(problems).toEqual([sentence]);
  });

  it('names all of several, and keeps what is good of a list that stands as one value', () => {
    const { students } = presets[1]!.recipe;
    const four = [
      ...students,
      {
        ...students[1]!,
        name: 'Hot',
        method: { id: 'kd', params: { temperature: 99, alpha: 0.5 } },
      },
    ];
    const { recipe, problems } = opened(
      `preset=spiral&seed=7&students=${json(four)}&a=1&b=2&steps=0&optimizer.lr=3`,
    );
    expect(recipe.students.map(({ name }) => name)).toEqual([
      'ERM',
      'KD',
      'Extracurricular',
      'Hot',
    ]);
    expect(recipe.students[3]?.method.params).toMatchObject({ alpha: 0.5 });
    expect(recipe).toMatchObject({ seed: 7, steps: 2500 });
    expect(problems.length).toBe(5);
    for (const words of ['“a”', '“b”', 'Steps is 0', '“lr”', 'Student 4 (Hot), Temperature is 99'])
      expect(problems).toContainEqual(expect.stringContaining(words));
  });

  it('takes back only what cannot go together', () => {
    const { recipe, problems } = opened(
      'preset=spiral&seed=7&students.1.method.id="mixup-erm"&students.1.method.params={}',
    );
    expect(recipe.students).toEqual(presets[1]!.recipe.students);
    expect(recipe.seed).toBe(7);
    expect(problems).toEqual([
      expect.stringMatching(
        /^Student 2 \(KD\): .* mixes labels, .*; Student 2 \(KD\), Method: “.*” is used instead\.$/,
      ),
    ]);
  });

  it('of a task that nothing else fits gives the preset’s task back', () => {
    const { recipe, problems } = opened('preset=spiral&seed=7&task={"id":"shapes"}');
    expect(recipe).toEqual({ ...presets[1]!.recipe, seed: 7 });
    expect(problems.join(' ')).toContain('Task');
  });

  it('shows no control or bidirectional character of it', () => {
    const { problems } = opened(
      `preset=spiral&${encodeURIComponent('a\u202eb')}=1&optimizer.kind=${json('\u202e\u001b[31m')}&optimizer=${json({ 'x\u202e': 1 })}`,
    );
    expect(problems.join(' ')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

it('every link that names a preset gives a recipe that passes the check', () => {
  const paths: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (path !== '') paths.push(path);
    if (typeof value === 'object' && value !== null)
      for (const [key, part] of Object.entries(value))
        walk(part, path === '' ? key : `${path}.${key}`);
  };
  for (const { recipe } of presets) walk(recipe, '');
  const value = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc.constantFrom(
      '1e999',
      '-1',
      '0',
      '"kd"',
      '"cutmix"',
      '"shapes"',
      '"adam"',
      '[]',
      'null',
      '{"id":"kd"}',
    ),
  );
  const pair = fc.tuple(fc.constantFrom(...new Set(paths)), value);
  const of = fc.constantFrom(...presets.map(({ id }) => id));
  fc.assert(
    fc.property(of, fc.array(pair, { maxLength: 5 }), (preset, pairs) => {
      const hash = pairs.map(([key, text]) => `&${key}=${encodeURIComponent(text)}`).join('');
      const { recipe, problems } = opened(`preset=${preset}${hash}`);
      expect(checkRecipe(recipe, catalogue).problems).toEqual([]);
      for (const sentence of problems) expect(sentence).toMatch(/\.$/);
    }),
    { numRuns: 400 },
  );
});

it('settings that cannot be run are told by the page’s names as well', () => {
  const spiral = presets[1]!.recipe;
  expect(checkInWords({ ...spiral, steps: 0, stepps: 1 }, catalogue).problems).toEqual([
    'Steps is 0, allowed is a whole number from 1 to 1000000.',
    '“stepps” is no setting that is known here.',
  ]);
  expect(checkInWords(spiral, catalogue)).toEqual({ recipe: spiral, problems: [] });
});
