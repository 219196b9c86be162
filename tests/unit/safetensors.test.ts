import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import { UserError } from '../../src/recipe/errors';

const tensors = new Map([
  ['a.weight', { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 1e-8, -1e8) }],
  ['b', { shape: [1], values: Float32Array.of(7) }],
  ['empty', { shape: [0], values: new Float32Array(0) }],
]);
const metadata = { model: 'mlp' };
const bytes = writeSafetensors({ tensors, metadata });

/** A file with a header of one's own and `size` bytes of data. */
function withHeader(header: unknown, size = 8): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const out = new Uint8Array(8 + text.length + size);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  return out;
}
const tensor = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

describe('safetensors', () => {
  it('give back what was written, names, shapes, values and text', () => {
    expect(readSafetensors(bytes, 'file')).toEqual({ tensors, metadata });
  });

  it('put the data at a multiple of eight, as readers of the format expect', () => {
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + header) % 8).toBe(0);
  });

  it('are read from anywhere in a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 5);
    larger.set(bytes, 3);
    expect(readSafetensors(larger.subarray(3, 3 + bytes.length), 'file').tensors).toEqual(tensors);
  });

  it.each([
    ['too short', new Uint8Array(3), 'holds only 3 bytes'],
    ['an endless header', new Uint8Array(8).fill(255), 'header would be'],
    ['a header beyond the end', bytes.slice(0, 20), 'header would be'],
    ['no JSON', withHeader('{"a"'), 'header is not JSON'],
    ['no table', withHeader('7'), 'header is not a table'],
    ['half precision', withHeader({ a: { ...tensor, dtype: 'F16' } }), 'tensor a is F16, not F32'],
    ['no shape', withHeader({ a: { ...tensor, shape: [-1] } }), 'no proper shape'],
    ['another size', withHeader({ a: { ...tensor, shape: [3] } }), 'needs 12 bytes and has 8'],
    ['a cut end', withHeader({ a: tensor }, 4), 'needs 8 bytes'],
    ['no tensor', withHeader({ a: null }), 'tensor a is undefined, not F32'],
    ['NaN', withHeader({ a: tensor }).fill(255, -4), 'tensor a holds NaN at place 1'],
  ])('refuse in a sentence: %s', (_, file, words) => {
    const read = () => readSafetensors(file, 'x.safetensors');
    expect(read).toThrow(UserError);
    expect(read).toThrow(/^x\.safetensors cannot be used: .*\.$/);
    expect(read).toThrow(words);
  });

  it('refuse any damage in a sentence, or read on', () => {
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.nat(bytes.length), (changes, length) => {
        const damaged = bytes.slice(0, length);
        for (const [at, value] of changes) if (at < length) damaged[at] = value;
        try {
          readSafetensors(damaged, 'file');
          return true;
        } catch (thrown) {
          return thrown instanceof UserError;
        }
      }),
      { numRuns: 500 },
    );
  });
});
