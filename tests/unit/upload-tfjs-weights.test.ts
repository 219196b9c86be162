import { describe, expect, it } from 'vitest';
import type { Given } from '../../src/upload/given';
import { kindOfModelJson } from '../../src/upload/tfjs/kind';
import { readManifest } from '../../src/upload/tfjs/weights';
import type { Notes } from '../../src/upload/tfjs/weights';
import { givenOf, reading } from '../support/given';

const json = givenOf('net/model.json', '{}');
const bytes = (...parts: (Uint8Array | Float32Array | Int32Array | Uint16Array)[]) =>
  new Uint8Array(
    parts.flatMap((part) => [...new Uint8Array(part.buffer, part.byteOffset, part.byteLength)]),
  );
const group = (weights: object[], ...paths: string[]) => [{ paths, weights }];
const weight = (name: string, shape: number[], dtype = 'float32', quantization?: object) => ({
  name,
  shape,
  dtype,
  ...(quantization && { quantization }),
});

describe('the weights of a model.json', () => {
  it('are read over the borders of shards, in every way in which they are stored', async () => {
    const data = bytes(
      Float32Array.of(1.5, -2),
      Int32Array.of(-7),
      Uint8Array.of(1, 0),
      Uint8Array.of(0, 255),
      Uint16Array.of(65535),
      Uint16Array.of(0x3c00, 0xc000, 0x0001),
    );
    const weights = [
      weight('a', [1, 2]),
      weight('b', [], 'int32'),
      weight('c', [2], 'bool'),
      weight('d', [2], 'float32', { dtype: 'uint8', scale: 0.5, min: -1 }),
      weight('e', [1], 'int32', { dtype: 'uint16', scale: 0.1, min: 0.2 }),
      weight('f', [3], 'float32', { dtype: 'float16' }),
    ];
    const shards = [
      givenOf('net/two.bin', data.slice(5)),
      givenOf('net/one.bin', data.slice(0, 5)),
      json,
    ];
    const read = await readManifest(group(weights, 'one.bin', 'two.bin'), json, shards, reading);
    expect([...read].map(([name, { shape, values }]) => [name, shape, [...values]])).toEqual([
      ['a', [1, 2], [1.5, -2]],
      ['b', [], [-7]],
      ['c', [2], [1, 0]],
      ['d', [2], [-1, 126.5]],
      ['e', [1], [6554]],
      ['f', [3], [1, -2, 2 ** -24]],
    ]);
  });

  it('are matched by base name, and other shards are said to be surplus', async () => {
    const notes: Notes = { repairs: [], remarks: [] };
    const shard = givenOf('w.bin', bytes(Float32Array.of(3)));
    const other = givenOf('old.bin', '');
    const manifest = group([weight('a', [1])], './weights/w.bin');
    const read = await readManifest(
      manifest,
      givenOf('model.json', ''),
      [shard, other],
      reading,
      notes,
    );
    expect(read.get('a')?.values[0]).toBe(3);
    expect(notes.remarks).toEqual(['model.json does not name old.bin; it was not read.']);
  });

  const one = [weight('a', [2])];
  const shard = (size: number, path = 'net/w.bin') => givenOf(path, new Uint8Array(size));
  it.each<readonly [string, unknown, readonly Given[], string]>([
    ['no weights', [], [], 'lists no weights'],
    [
      'a missing shard',
      group(one, 'v.bin', 'w.bin'),
      [shard(8)],
      'needs the weight file v.bin, which is not there',
    ],
    ['too few bytes', group(one, 'w.bin'), [shard(7)], 'take 8 bytes, but net/w.bin has 7'],
    ['too many bytes', group(one, 'w.bin'), [shard(9)], 'take 8 bytes, but net/w.bin has 9'],
    [
      'two files of one name',
      group(one, 'w.bin'),
      [shard(8), shard(8, 'net/b/w.bin')],
      '2 files named w.bin',
    ],
    ['a shard named twice', group(one, 'w.bin', 'w.bin'), [shard(4)], 'w.bin twice'],
    [
      'a weight listed twice',
      group([...one, ...one], 'w.bin'),
      [shard(16)],
      'lists a weight twice',
    ],
    [
      'a shape that is none',
      group([weight('a', [1.5])], 'w.bin'),
      [],
      'weight a has the shape [1.5]',
    ],
    ['a shape too large', group([weight('a', [1e6, 1e6])], 'w.bin'), [], 'too large'],
    ['text', group([weight('a', [1], 'string')], 'w.bin'), [], 'is stored as string'],
    [
      'a scale that is missing',
      group([weight('a', [1], 'float32', { dtype: 'uint8' })], 'w.bin'),
      [],
      'without a scale',
    ],
    ...[
      '../w.bin',
      '/w.bin',
      'http://a.b/w.bin',
      '//a/w.bin',
      'a\\w.bin',
      '%2e%2e/w.bin',
      'data:,a',
      'w\0.bin',
    ].map(
      (path) =>
        [path, group(one, path), [shard(8)], 'which is not the name of a file beside it'] as const,
    ),
  ])('are refused with %s', async (_what, manifest, files, sentence) => {
    await expect(readManifest(manifest, json, files, reading)).rejects.toThrow(sentence);
  });
});

describe('the kind of a model.json', () => {
  it.each([
    [{ modelTopology: { node: [] } }, 'graph'],
    [{ modelTopology: { model_config: {} }, format: 'graph-model' }, 'layers'],
    [{ modelTopology: { class_name: 'Model', config: {} } }, 'layers'],
    [{ class_name: 'Sequential', config: [] }, 'layers'],
    [{ format: 'graph-model' }, 'graph'],
    [{ layers: [] }, null],
    [null, null],
    ['layers-model', null],
  ])('%j', (value, kind) => {
    expect(kindOfModelJson(value)).toBe(kind);
  });
});
