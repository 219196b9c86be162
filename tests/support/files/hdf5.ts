/** A group or data set of an HDF5 file in its oldest form, as h5py writes by default. */
export interface H5Node {
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** At most eight. */
  readonly members?: Readonly<Record<string, H5Node>>;
  /** Float32 values with their shape; `claims` is the shape that the file says instead. */
  readonly data?: {
    readonly shape: readonly number[];
    readonly values: readonly number[];
    readonly claims?: readonly number[];
  };
}

const NOWHERE = 0xffffffffffffffffn;

/** Numbers one after the other: [value, bytes]. */
function packed(...fields: readonly (readonly [number | bigint, 1 | 2 | 4 | 8])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, width]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return bytes.subarray(0, width);
    }),
  );
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);

const dataspace = (shape: readonly number[]) =>
  Buffer.concat([
    packed([1, 1], [shape.length, 1], [0, 2], [0, 4]),
    ...shape.map((side) => packed([side, 8])),
  ]);

const FLOAT32 = Buffer.concat([
  packed([0x11, 1], [0x20, 1], [0x3f, 1], [0, 1], [4, 4], [0, 2], [32, 2]),
  packed([23, 1], [8, 1], [0, 1], [23, 1], [127, 4]),
]);
const textType = (length: number) => packed([0x13, 1], [0, 1], [0, 2], [length, 4]);

function attribute(name: string, value: string | readonly string[]): Buffer {
  const texts = (typeof value === 'string' ? [value] : value).map((text) => Buffer.from(text));
  const length = Math.max(1, ...texts.map((text) => text.length));
  const called = Buffer.from(`${name}\0`);
  const type = textType(length);
  const space = dataspace(typeof value === 'string' ? [] : [texts.length]);
  return Buffer.concat([
    packed([1, 1], [0, 1], [called.length, 2], [type.length, 2], [space.length, 2]),
    padded(called),
    padded(type),
    padded(space),
    ...texts.map((text) => Buffer.concat([text, Buffer.alloc(length - text.length)])),
  ]);
}

class Writer {
  private readonly parts: Buffer[] = [];
  at = 96;

  /** Puts bytes at the end. @returns their place */
  put(bytes: Buffer): number {
    const place = this.at;
    const whole = padded(bytes);
    this.parts.push(whole);
    this.at += whole.length;
    return place;
  }

  private header(messages: readonly (readonly [number, Buffer])[]): number {
    const all = messages.map(([type, body]) => {
      const whole = padded(body);
      return Buffer.concat([packed([type, 2], [whole.length, 2], [0, 4]), whole]);
    });
    const size = all.reduce((sum, { length }) => sum + length, 0);
    return this.put(
      Buffer.concat([packed([1, 1], [0, 1], [all.length, 2], [1, 4], [size, 4], [0, 4]), ...all]),
    );
  }

  node({ attributes = {}, members, data }: H5Node): number {
    const messages: [number, Buffer][] = Object.entries(attributes).map(([name, value]) => [
      0x0c,
      attribute(name, value),
    ]);
    if (data) {
      const bytes = Buffer.from(Float32Array.from(data.values).buffer);
      const layout = packed([3, 1], [1, 1], [this.put(bytes), 8], [bytes.length, 8]);
      messages.push([1, dataspace(data.claims ?? data.shape)], [3, FLOAT32], [8, layout]);
    } else messages.push([0x11, this.links(members ?? {})]);
    return this.header(messages);
  }

  /** A group's names: a heap with the text, a node with the places, and a tree with one leaf. */
  private links(members: Readonly<Record<string, H5Node>>): Buffer {
    const names = Object.keys(members).toSorted();
    let text = Buffer.alloc(8);
    const entries = names.map((name) => {
      const place = text.length;
      text = Buffer.concat([text, padded(Buffer.from(`${name}\0`))]);
      const header = this.node(members[name] as H5Node);
      return packed([place, 8], [header, 8], [0, 8], [0, 8], [0, 8]);
    });
    const leaf = Buffer.concat([
      Buffer.from('SNOD'),
      packed([1, 1], [0, 1], [names.length, 2]),
      ...entries,
      Buffer.alloc(40 * (8 - names.length)),
    ]);
    const words = this.put(text);
    const heap = this.put(
      Buffer.concat([Buffer.from('HEAP'), packed([0, 4], [text.length, 8], [1, 8], [words, 8])]),
    );
    const last = text.lastIndexOf(names.at(-1) ?? '');
    const tree = this.put(
      Buffer.concat([
        Buffer.from('TREE'),
        packed([0, 1], [0, 1], [1, 2], [NOWHERE, 8], [NOWHERE, 8]),
        packed([0, 8], [this.put(leaf), 8], [Math.max(0, last), 8]),
        Buffer.alloc(31 * 16),
      ]),
    );
    return packed([tree, 8], [heap, 8]);
  }

  finish(root: number): Buffer {
    const superblock = Buffer.concat([
      Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]),
      packed([0, 4], [0, 1], [8, 1], [8, 1], [0, 1], [4, 2], [16, 2], [0, 4]),
      packed([0, 8], [NOWHERE, 8], [this.at, 8], [NOWHERE, 8]),
      packed([0, 8], [root, 8], [0, 8], [0, 8], [0, 8]),
    ]);
    return Buffer.concat([superblock, ...this.parts]);
  }
}

/** Writes an HDF5 file. */
export function hdf5(root: H5Node): Buffer {
  const writer = new Writer();
  return writer.finish(writer.node(root));
}
