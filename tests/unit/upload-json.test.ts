import { describe, expect, it } from 'vitest';
import { Json, parseJson } from '../../src/upload/json';

const text = (said: string) => new TextEncoder().encode(said);
const parse = (said: string) => Json.parse(text(said), 'model.json');

describe('JSON from a stranger', () => {
  it('may begin with a byte order mark and nest as deep as allowed', () => {
    expect(parseJson(text('\ufeff{"a": [1, "}]{[" ]}'), 'x')).toEqual({ a: [1, '}]{['] });
    expect(parseJson(text('['.repeat(64) + ']'.repeat(64)), 'x')).toBeInstanceOf(Array);
  });

  it.each([
    ['too deep', text('['.repeat(65)), 'm.json nests lists and objects more than 64 deep'],
    ['cut off', text('{"a": [1,'), 'm.json is not valid JSON'],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'm.json is not valid JSON'],
    ['empty', text(''), 'm.json is not valid JSON'],
    ['too long', new Uint8Array((16 << 20) + 1), 'm.json has 16 MiB of JSON'],
  ])('that is %s is refused', (_, bytes, sentence) => {
    expect(() => parseJson(bytes, 'm.json')).toThrow(sentence);
  });

  it('gives values where they are what they should be', () => {
    const json = parse('{"a": {"b": [3, 4]}, "t": "x", "f": false, "n": null, "x": -0.5}');
    expect(json.get('a').get('b').counts()).toEqual([3, 4]);
    expect([json.get('t').text(), json.get('f').flag(), json.get('x').number()]).toEqual([
      'x',
      false,
      -0.5,
    ]);
    expect([json.maybe('n'), json.maybe('q'), json.has('n')]).toEqual([null, null, true]);
    expect(json.keys()).toEqual(['a', 't', 'f', 'n', 'x']);
    expect([json.isTable(), json.get('a').get('b').isList()]).toEqual([true, true]);
  });

  it('names the place of what is wrong', () => {
    const json = parse('{"a": {"b": [3, -4, "x"]}, "s": "abc"}');
    const b = json.get('a').get('b');
    const list = b.list();
    expect(() => list[1]!.count()).toThrow('a.b[1] in model.json is -4, not a whole number from 0');
    expect(() => list[2]!.number()).toThrow('a.b[2] in model.json is not a number.');
    expect(() => list[2]!.flag()).toThrow('is neither true nor false');
    expect(() => list[0]!.text()).toThrow('a.b[0] in model.json is not text.');
    expect(() => list[0]!.list()).toThrow('is not a list');
    expect(() => list[0]!.keys()).toThrow('is not an object');
    expect(() => list[0]!.maybe('x')).toThrow('is not an object');
    expect(() => b.counts(2)).toThrow('has 3 numbers; at most 2');
    expect(() => json.get('c')).toThrow('model.json has no "c".');
    expect(() => json.get('s').text(2)).toThrow('s in model.json is longer than 2 characters.');
  });

  it('knows no keys but those of the file', () => {
    const json = parse('{"__proto__": {"polluted": 1}}');
    expect(json.has('constructor') || json.has('toString') || json.has('polluted')).toBe(false);
    expect(json.get('__proto__').keys()).toEqual(['polluted']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
