import type { Part } from '../../../tests/support/files/tiny';
import type { Random } from '../../../src/recipe/random';

type Change = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

/** Numbers at which programs break. */
const NUMBERS = [
  0n,
  1n,
  2n,
  7n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
];

const place = (bytes: Buffer, random: Random) => random.integer(Math.max(1, bytes.length));

/** A piece of bytes, at most a quarter of them. */
function piece(bytes: Buffer, random: Random): Buffer {
  const from = place(bytes, random);
  return bytes.subarray(from, from + 1 + random.integer(Math.max(1, bytes.length >> 2)));
}

const around = (bytes: Buffer, at: number, gone: number, put: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)]);

/** Changes that know nothing of the form. */
const CHANGES: readonly Change[] = [
  function flipBit(bytes, random) {
    const copy = Buffer.from(bytes);
    const at = place(bytes, random);
    if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8));
    return copy;
  },
  function setByte(bytes, random) {
    const copy = Buffer.from(bytes);
    const at = place(bytes, random);
    if (at < copy.length) copy[at] = random.integer(256);
    return copy;
  },
  function setNumber(bytes, random) {
    const width = [1, 2, 4, 8][random.integer(4)] ?? 4;
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(NUMBERS[random.integer(NUMBERS.length)] ?? 0n);
    const put = random.bernoulli(0.3)
      ? number.reverse().subarray(8 - width)
      : number.subarray(0, width);
    return around(bytes, place(bytes, random), width, put);
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, place(bytes, random));
  },
  function leaveOut(bytes, random) {
    return around(bytes, place(bytes, random), piece(bytes, random).length, Buffer.alloc(0));
  },
  function copyBlock(bytes, random) {
    const block = piece(bytes, random);
    return around(bytes, place(bytes, random), random.bernoulli(0.5) ? block.length : 0, block);
  },
  function splice(bytes, random, other) {
    const block = piece(other, random);
    return around(bytes, place(bytes, random), random.bernoulli(0.5) ? block.length : 0, block);
  },
  function zeros(bytes, random) {
    const block = piece(bytes, random);
    return around(bytes, place(bytes, random), block.length, Buffer.alloc(block.length));
  },
];

/** Values that no file should hold where they are put. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  'x',
  '__proto__',
  'constructor',
  '../../x',
  'http://host/x',
  'NaN',
  '\0',
  [],
  {},
  [[]],
  [1e9, 1e9, 1e9],
  [-1],
  [0],
  { config: {} },
  'y'.repeat(5000),
];

type Holder = Record<string, unknown>;

/** Every place of a JSON value that can be changed. */
function placesOf(value: unknown): [Holder, string][] {
  const places: [Holder, string][] = [];
  const rest: unknown[] = [value];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    if (typeof at !== 'object' || at === null) continue;
    for (const [key, inner] of Object.entries(at)) {
      places.push([at as Holder, key]);
      rest.push(inner);
    }
  }
  return places;
}

const put = (holder: Holder, key: string, value: unknown) =>
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

/** Changes one place of a JSON text and keeps it JSON. */
function changeJson(bytes: Buffer, random: Random): Buffer {
  let root: unknown;
  try {
    root = JSON.parse(bytes.toString());
  } catch {
    return bytes;
  }
  const places = placesOf(root);
  const found = places[random.integer(Math.max(1, places.length))];
  if (!found) return bytes;
  const [holder, key] = found;
  const [from, name] = places[random.integer(places.length)] ?? found;
  switch (random.integer(5)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      // A copy, as a value must not come to hold itself.
      put(holder, key, JSON.parse(JSON.stringify(from[name] ?? null)));
      break;
    case 2:
      if (typeof holder[key] === 'number')
        put(holder, key, holder[key] * ([-1, 0, 2, 1000][random.integer(4)] ?? 1));
      else put(holder, HOSTILE_KEYS[random.integer(HOSTILE_KEYS.length)] ?? 'x', holder[key]);
      break;
    default:
      put(holder, key, HOSTILE[random.integer(HOSTILE.length)]);
  }
  return Buffer.from(JSON.stringify(root));
}

const HOSTILE_KEYS = ['__proto__', 'constructor', 'toString', 'config', 'name', ''];

/** Changes one to four places of files; of JSON mostly so that it stays JSON. */
export function mutate(parts: readonly Part[], random: Random, other: Buffer): Part[] {
  const changed = [...parts];
  const count = 1 + random.integer(4);
  for (let i = 0; i < count && changed.length > 0; i += 1) {
    const at = random.integer(changed.length);
    const part = changed[at];
    if (!part) break;
    const isJson = part.bytes[0] === 0x7b || part.bytes[0] === 0x5b;
    if (random.bernoulli(0.02)) changed.splice(at, 1);
    else if (isJson && random.bernoulli(0.8))
      changed[at] = { ...part, bytes: changeJson(part.bytes, random) };
    else {
      const change = CHANGES[random.integer(CHANGES.length)];
      if (change) changed[at] = { ...part, bytes: change(part.bytes, random, other) };
    }
  }
  return changed;
}
