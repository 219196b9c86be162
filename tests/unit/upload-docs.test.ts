import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/upload/keras/layers/table';

const page = readFileSync('docs/upload.md', 'utf8');
const sources = ['src', 'cli'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(path.join(folder, name), 'utf8')),
);
const codesIn = (text: string) =>
  [...text.matchAll(/\bE_UPLOAD_[A-Z0-9_]+\b/g)].map(([code]) => code);
/** The names in the paragraph below a heading. */
const listed = (heading: string) =>
  page.split(`### ${heading}\n\n`)[1]?.split('\n')[0]?.split(', ') ?? [];

describe('docs/upload.md', () => {
  it('has every code of the sources, and no other', () => {
    const used = new Set(sources.flatMap(codesIn).filter((code) => !code.endsWith('_')));
    expect(codesIn(page).toSorted()).toEqual([...used].toSorted());
  });

  it('lists layers and operators that are read', () => {
    const keras = listed('Keras layers');
    expect(keras.length).toBeGreaterThan(40);
    expect(keras.filter((name) => !RULES.has(name))).toEqual([]);
    for (const [heading, folder] of [
      ['ONNX operators', 'src/upload/onnx'],
      ['TensorFlow.js graph operators', 'src/upload/tfjs'],
    ] as const) {
      const text = readdirSync(folder)
        .map((name) => readFileSync(path.join(folder, name), 'utf8'))
        .join('\n');
      const names = listed(heading);
      expect(names.length).toBeGreaterThan(80);
      expect(names.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
    }
  });
});
