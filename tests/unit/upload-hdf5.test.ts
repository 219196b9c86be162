import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { openHdf5 } from '../../src/upload/hdf5/file';
import type { H5Object } from '../../src/upload/hdf5/file';
import { reading } from '../support/given';

const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../golden/keras/${name}`, import.meta.url)));
const open = (name: string) => openHdf5(bytesOf(name), name);
const count = (n: number) => Array.from({ length: n }, (_, i) => i);
const root = open('default.h5');

async function numbers(from: H5Object, path: string) {
  const found = from.find(path);
  if (!found) throw new Error(`no ${path}`);
  const { shape, values } = await found.values(reading);
  return { shape, values: [...values] };
}

describe('numbers of HDF5 files', () => {
  it.each([
    'f2le',
    'f4le',
    'f4be',
    'f8le',
    'f8be',
    'i1le',
    'i2be',
    'i4le',
    'i8le',
    'u1le',
    'u2le',
    'u4be',
    'u8le',
  ])('of type %s', async (type) => {
    expect(await numbers(root, `types/${type}`)).toEqual({ shape: [2, 3], values: count(6) });
  });

  it('of other types and shapes', async () => {
    expect((await numbers(root, 'types/truth')).values).toEqual([0, 1, 0, 1, 0, 1]);
    expect(await numbers(root, 'types/single')).toEqual({ shape: [], values: [7] });
    expect(await numbers(root, 'types/empty')).toEqual({ shape: [0, 3], values: [] });
    expect((await numbers(root, 'types/bfloat16')).values).toEqual(count(6));
    expect((await numbers(root, 'compact')).values).toEqual(count(6));
  });

  it.each([
    ['deflate', [7, 9]],
    ['all', [5, 6, 3]],
    ['plain', [10]],
    ['many', [300]],
  ])('in chunks: %s', async (name, shape) => {
    const values = count(shape.reduce((a, b) => a * b, 1));
    expect(await numbers(root, `packed/${name}`)).toEqual({ shape, values });
  });

  it('in files of the newest form and behind a block of the user', async () => {
    const latest = open('latest.h5');
    expect((await numbers(latest, 'layers/a/vars/0')).values).toEqual(count(6));
    expect(await numbers(latest, 'single')).toEqual({ shape: [4, 5], values: count(20) });
    expect(await numbers(latest, 'packed')).toEqual({ shape: [4, 5], values: count(20) });
    expect(latest.find('layers/a')?.texts('words')).toEqual(['one', 'two']);
    expect((await numbers(open('userblock.h5'), 'a/b')).values).toEqual(count(6));
    expect(open('userblock.h5').texts('words')).toEqual(['one', 'two']);
  });

  it.each([
    ['default.h5', 'packed/lzf', 'data packed by filter 32000'],
    ['default.h5', 'packed/gaps', 'holds 1 of the 3 chunks'],
    ['default.h5', 'packed/unwritten', 'was never written'],
    ['default.h5', 'types/compound', 'compound types'],
    ['latest.h5', 'fixed', 'chunks of the newest form'],
  ])('that are not read are refused: %s %s', async (file, path, sentence) => {
    await expect(numbers(open(file), path)).rejects.toThrow(sentence);
  });
});

describe('groups and attributes of HDF5 files', () => {
  it('list their members, however many', async () => {
    const many = root.member('many');
    expect(many?.names()).toHaveLength(40);
    expect(many?.names()).toContain('member39');
    expect((await numbers(root, 'many/member17')).values).toEqual([17]);
    expect(root.find('many/member40')).toBeNull();
    expect(root.member('soft')).toBeNull();
    expect(() => open('latest.h5').find('many/3')).toThrow('large groups of the newest form');
  });

  it('are texts of any length', () => {
    expect(root.texts('long')).toEqual(['a'.repeat(66_000)]);
    expect(root.texts('words')).toEqual(['one', 'twö', '']);
    expect(root.texts('bytes')).toEqual(['ab', 'abc', '']);
    expect(root.texts('nothing')).toEqual([]);
    expect(root.texts('absent')).toBeNull();
    expect(() => root.texts('number')).toThrow('float as the attribute number');
  });
});

describe('damaged HDF5 files', () => {
  /** Looks at everything in a file. */
  async function walk(bytes: Uint8Array): Promise<void> {
    const todo: [H5Object, number][] = [[openHdf5(bytes, 'a.h5'), 0]];
    for (let at = todo.pop(); at; at = todo.pop()) {
      const [object, depth] = at;
      object.texts('words');
      if (object.isDataset()) await object.values(reading);
      else if (depth < 4)
        for (const name of object.names()) {
          const member = object.member(name);
          if (member) todo.push([member, depth + 1]);
        }
    }
  }

  async function outcome(bytes: Uint8Array): Promise<unknown> {
    try {
      await walk(bytes);
      return null;
    } catch (error) {
      return error;
    }
  }

  it('that break off are said to', async () => {
    const whole = bytesOf('userblock.h5');
    for (let n = 0; n < whole.length; n += 397)
      expect(await outcome(whole.slice(0, n)), String(n)).toBeInstanceOf(UserError);
    expect(() => openHdf5(whole.slice(0, -100), 'a.h5')).toThrow('a.h5 breaks off');
  });

  it('are refused with a sentence or read, whichever byte is changed', async () => {
    let state = 12_345;
    const next = (n: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % n;
    };
    const outcomes: unknown[] = [];
    for (const name of ['userblock.h5', 'latest.h5'])
      for (let i = 0; i < 400; i++) {
        const bytes = bytesOf(name);
        for (let k = 0; k < 8; k++)
          bytes[next(bytes.length)] = [0, 255, 1, next(256)][next(4)] as number;
        outcomes.push(await outcome(bytes));
      }
    const refused = outcomes.filter((error) => error !== null);
    expect(refused.filter((error) => !(error instanceof UserError))).toEqual([]);
    expect(refused.length).toBeGreaterThan(100);
  });

  it('that come back to themselves end', async () => {
    const bytes = bytesOf('userblock.h5');
    const view = new DataView(bytes.buffer);
    // The root's header is that of every group: the members' names lead to the root again.
    const text = String.fromCharCode(...bytes);
    const rootHeader = view.getUint32(512 + 64, true);
    const node = text.indexOf('SNOD', 512);
    view.setUint32(node + 16, rootHeader, true);
    const top = openHdf5(bytes, 'a.h5');
    expect(top.find('a/a/a/a')?.names()).toEqual(top.names());
    // A tree whose first child is itself.
    const tree = text.indexOf('TREE', 512);
    view.setUint8(tree + 5, 1);
    view.setUint32(tree + 8 + 16 + 8, tree - 512, true);
    expect(() => openHdf5(bytes, 'a.h5').names()).toThrow('has a tree that comes back');
  });
});
