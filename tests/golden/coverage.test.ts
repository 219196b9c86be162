import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { methods } from '../../src/methods/registry';

/** The files of golden values, each written by a script of its own in plain PyTorch. */
const text = readdirSync('tests/golden')
  .filter((name) => name.endsWith('.json'))
  .map((name) => readFileSync(`tests/golden/${name}`, 'utf8'))
  .join('\n');

it.each(methods.all().map(({ id }) => id))('%s has golden values at three settings', (id) => {
  expect(text.split(new RegExp(`"method":\\s*"${id}"`)).length - 1).toBeGreaterThanOrEqual(3);
});
