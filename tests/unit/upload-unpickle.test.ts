import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { Dict, Global, List, Opaque, StorageRef, TensorRef } from '../../src/upload/torch/pickled';
import type { Pickled } from '../../src/upload/torch/pickled';
import { unpickle } from '../../src/upload/torch/unpickle';

const { pickles } = JSON.parse(readFileSync('tests/golden/files.json', 'utf8')) as {
  pickles: string[];
};

/** A pickled value as plain data that can be compared. */
function plain(value: Pickled): unknown {
  if (value instanceof List) return { [value.kind]: value.items.map(plain) };
  if (value instanceof Dict)
    return { dict: [...value.entries].map(([key, item]) => [plain(key), plain(item)]) };
  if (value instanceof Global) return { global: value.name };
  if (value instanceof Opaque) return { opaque: value.name };
  if (value instanceof StorageRef) return { storage: value.key };
  if (value instanceof TensorRef) return { tensor: value.shape };
  return value instanceof Uint8Array ? { bytes: [...value] } : value;
}

/** What a call throws; null where it ends well. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

const list = (...items: unknown[]) => ({ list: items });
const tuple = (...items: unknown[]) => ({ tuple: items });

const bytesOf = (...parts: (string | number | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'number'
        ? [part]
        : typeof part === 'string'
          ? Array.from(part, (letter) => letter.charCodeAt(0))
          : [...part],
    ),
  );

const read = (...parts: (string | number | Uint8Array)[]) =>
  unpickle(bytesOf(...parts), 0, 'a.pth').value;

describe('pickles', () => {
  it.each(pickles.map((text, protocol) => ({ text, protocol })))(
    'of protocol $protocol are read',
    ({ text }) => {
      const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
      const { value, end } = unpickle(bytes, 0, 'a.pth');
      expect(end).toBe(bytes.length);
      expect(plain(value)).toEqual({
        dict: [
          [
            'whole',
            list(
              0,
              1,
              255,
              256,
              65_535,
              65_536,
              -1,
              -(2 ** 31),
              2 ** 31,
              2 ** 40,
              -(2 ** 40),
              2n ** 70n,
              -(2n ** 70n),
            ),
          ],
          ['real', list(0.5, -1.25e-7, 1e300)],
          ['flags', list(true, false, null)],
          ['text', list('', 'a', '\u00e9\u03b1\u6f22', 'x'.repeat(300))],
          ['tuples', list(tuple(), tuple(1), tuple(1, 2), tuple(1, 2, 3), tuple(1, 2, 3, 4))],
          ['sets', list({ set: [] }, { set: [7] }, { set: [8] })],
          [
            'ordered',
            {
              dict: [
                ['b', 1],
                ['a', 2],
              ],
            },
          ],
          ['twice', list(list('shared'), list('shared'))],
          // The first two protocols make objects by a helper, which names the class.
          ['unknown', { opaque: 'somebody.elses.Unknown' }],
          [3, 'by number'],
          ['raw', { bytes: [0, 255] }],
        ],
      });
    },
  );

  it('that would run a program run none, and say what it would have been', () => {
    const call = read('cos\nsystem\n(S"echo no > /tmp/no"\ntR.');
    expect(plain(call)).toEqual({ opaque: 'os.system' });
    expect(plain(read('cbuiltins\neval\n(S"1"\ntR}b.'))).toEqual({ opaque: 'builtins.eval' });
    expect(plain(read('(S"no"\nios\nsystem\n.'))).toEqual({ opaque: 'os.system' });
    expect(plain(read('(cos\nsystem\nS"no"\no.'))).toEqual({ opaque: 'os.system' });
    expect(plain(read(0x80, 4, 'cos\nsystem\n)}', 0x92, '.'))).toEqual({ opaque: 'os.system' });
  });

  it('may hold keys that would mean something to an object', () => {
    const value = read('}S"__proto__"\n}S"polluted"\nI1\nss.') as Dict;
    expect([...value.entries.keys()]).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('may hold themselves', () => {
    const value = read(']q', 0, 'h', 0, 'a.') as List;
    expect(value.items[0]).toBe(value);
  });

  it.each([
    ['breaks off', [0x80, 2, 'X', 255, 255, 255, 127, 'abc'], 'it breaks off'],
    ['an unknown opcode', ['N', 7, '.'], 'byte 7 at place 1 is no opcode'],
    ['an extension', [0x82, 1, '.'], 'byte 130'],
    ['a protocol to come', [0x80, 6, 'N.'], 'beyond 5'],
    ['an empty stack', ['.'], 'empty stack'],
    ['no mark', ['NNt.'], 'a mark that it never set'],
    ['an unknown memo', ['h', 3, '.'], 'what it never stored'],
    ['a line without end', ['S"abc'], 'a line of it has no end'],
    ['a key without a value', ['}(Nu.'], 'a key without a value'],
    ['items of a number', ['I1\nNNs.'], 'what is no dict'],
    [
      'a whole number of a thousand bytes',
      [0x8b, 232, 3, 0, 0, ...Array<number>(1000).fill(1), '.'],
      'has 1000 bytes',
    ],
    ['a number in words', ['Inine\n.'], 'cannot be read'],
    ['a class by a number', ['I1\nI2\n', 0x93, '.'], 'no text'],
  ])('with %s are refused', (_, parts, sentence) => {
    expect(() => read(...(parts as (string | number)[]))).toThrow(sentence);
  });

  it('that pile up values or copy them over and over are refused', () => {
    expect(() => read('N'.repeat(1_000_001), '.')).toThrow('piles up');
    const pairs = `(${'I1\nI2\n\x86'.repeat(3000)}l`;
    const again = 'ccollections\nOrderedDict\nh\x00\x85R0'.repeat(2000);
    expect(() => read(pairs, 'q\x00', again, '.')).toThrow('copies more');
  });

  it('of any bytes end in a value or in a sentence', () => {
    const letters = '(.012FGIJKLMNPQRSTUVXabcdeghijloprstu}]\x80\x81\x82\x85\x8a\x8c\x93\x94\x95';
    const opcode = fc.constantFrom(...Array.from(letters, (letter) => letter.charCodeAt(0)));
    const pickle = fc.array(fc.oneof(opcode, opcode, fc.integer({ min: 0, max: 255 })));
    fc.assert(
      fc.property(pickle, (codes) => {
        const thrown = thrownBy(() => unpickle(Uint8Array.from(codes), 0, 'a.pth'));
        expect(thrown === null || thrown instanceof UserError).toBe(true);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
