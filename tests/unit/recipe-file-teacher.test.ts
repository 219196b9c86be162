import { describe, expect, it } from 'vitest';
import { checkRecipe } from '../../src/recipe/check';
import type { Meaning } from '../../src/recipe/meaning';
import { presets } from '../../src/recipe/presets';
import type { Recipe, Teacher } from '../../src/recipe/recipe';
import { catalogue } from '../support/catalogue';
import { choose, student } from '../support/recipes';
import { meaningOf, readNetwork } from '../support/uploads';

const base = presets.find(({ id }) => id === 'shapes-b')!.recipe;
const net = readNetwork([32, 32, 3], (b) => b.add('end', 'input', { op: 'pool' }));
const file = (more: Partial<Meaning> = {}, digit = 'a'): Teacher => ({
  source: 'file',
  name: 'mine',
  sha256: digit.repeat(64),
  meaning: meaningOf(net, 3, more),
});
const judged = (change: object) =>
  checkRecipe(JSON.parse(JSON.stringify({ ...base, ...change })), catalogue);

describe('a recipe with a teacher from a file', () => {
  it('passes, through JSON too, with its meaning as it was', () => {
    const wanted: Recipe = {
      ...base,
      teacher: file({ taps: { stage1: 'conv_1', pool: 'flatten' } }),
      companions: [file({}, 'b')],
    };
    expect(judged(wanted)).toEqual({ recipe: wanted, problems: [] });
  });

  const fitnets = student(choose('method', 'fitnets'), undefined, base.students[0]!.model);
  const values = { kind: 'values', scale: [1], shift: [0] } as const;
  const spread = { kind: 'constant', logVariance: [0] } as const;
  it.each<[string, object, RegExp]>([
    [
      'of real values on a task of classes',
      { teacher: file({ answers: { ...values, spread } }) },
      /^teacher \("mine"\) answers with real values, and the task asks for classes\.$/,
    ],
    [
      'that stands twice',
      { companions: [file()], teacher: file() },
      /^companions\.0 \("mine"\) is among the teachers already\.$/,
    ],
    [
      'whose inner values nobody chose',
      { teacher: file(), students: [fitnets] },
      /^teacher \("mine"\) names no inner values, and .* looks at them/,
    ],
    ['with redraw', { teacher: file(), redraw: true }, /^redraw needs/],
    [
      'without a digest',
      { teacher: { ...file(), sha256: 'x' } },
      /^teacher\.sha256 is "x", allowed is 64 hexadecimal digits\.$/,
    ],
    [
      'with an order of colours that is none',
      { teacher: file({ input: { ...meaningOf(net, 3).input, order: 'gbr' as 'rgb' } }) },
      /^teacher\.meaning\.input\.order is "gbr", allowed is rgb or bgr\.$/,
    ],
    [
      'with a deviation of zero',
      { teacher: file({ input: { ...meaningOf(net, 3).input, std: [0] } }) },
      /^teacher\.meaning\.input\.std .* allowed is a list of numbers above zero\.$/,
    ],
    [
      'with a half class',
      { teacher: file({ answers: { kind: 'logits', classes: [0.5] } }) },
      /^teacher\.meaning\.answers\.classes\.0 is 0\.5, allowed is a place/,
    ],
    [
      'with a key that is none',
      { teacher: { ...file(), colour: 1 } },
      /^teacher\.colour is not a key/,
    ],
  ])('%s is refused', (_, change, words) => {
    const { recipe, problems } = judged(change);
    expect(recipe).toBeNull();
    expect(problems[0]).toMatch(words);
  });
});
