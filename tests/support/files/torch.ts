import { weightsOf } from '../../../src/models/net/graph';
import { models } from '../../../src/models/registry';
import { floats } from './tiny';
import type { Part } from './tiny';
import { zip } from './zip';

/** A tensor of a state dict, in PyTorch's order of axes. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** Our smallest network with two inputs and three answers, as PyTorch names its weights. */
export function stateDict(): Tensor[] {
  return weightsOf(models.get('mlp').graph([2], 3, { hidden: [6, 6] })).map(({ name, shape }) => {
    const count = shape.reduce((a, b) => a * b);
    const values = Array.from({ length: count }, (_, i) => ((i * 5) % 11) / 20 - 0.25);
    return { name, shape: shape.toReversed(), bytes: floats(values) };
  });
}

const text = (said: string) => {
  const bytes = Buffer.from(said);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('X'), length, bytes]);
};
const global = (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`);
const int = (value: number) => {
  const bytes = Buffer.alloc(5);
  bytes.write('J');
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const tuple = (...items: readonly Buffer[]) =>
  Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);
const EMPTY = Buffer.concat([global('collections', 'OrderedDict'), Buffer.from(')R')]);

/** A pickle of a value that is written in opcodes. */
export const pickle = (...body: readonly (Buffer | string)[]) =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    ...body.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
    Buffer.from('.'),
  ]);

/** The opcodes of a state dict. */
export function stateDictCode(tensors: readonly Tensor[]): Buffer {
  const items = tensors.flatMap(({ name, shape, bytes }, key) => {
    const storage = tuple(
      text('storage'),
      global('torch', 'FloatStorage'),
      text(String(key)),
      text('cpu'),
      int(bytes.length / 4),
    );
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    const args = tuple(
      Buffer.concat([storage, Buffer.from('Q')]),
      int(0),
      tuple(...shape.map(int)),
      tuple(...strides.map(int)),
      Buffer.from([0x89]),
      EMPTY,
    );
    return [text(name), global('torch._utils', '_rebuild_tensor_v2'), args, Buffer.from('R')];
  });
  return Buffer.concat([EMPTY, Buffer.from('('), ...items, Buffer.from('u')]);
}

/** The parts of a checkpoint as torch.save writes since version 1.6. */
export function torchParts(tensors = stateDict(), code = pickle(stateDictCode(tensors))): Part[] {
  return [
    { name: 'tiny/data.pkl', bytes: code },
    { name: 'tiny/byteorder', bytes: Buffer.from('little') },
    ...tensors.map(({ bytes }, key) => ({ name: `tiny/data/${key}`, bytes })),
    { name: 'tiny/version', bytes: Buffer.from('3\n') },
  ];
}

export const tinyTorch = (parts = torchParts()): Part[] => [{ name: 'tiny.pt', bytes: zip(parts) }];

/** A checkpoint in the older form. */
export function tinyLegacy(tensors = stateDict(), code = pickle(stateDictCode(tensors))): Part[] {
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
  const version = pickle('M\xe9\x03');
  const system = pickle('}(', text('little_endian'), '\x88u');
  const keys = pickle('](', ...tensors.map((_, key) => text(String(key))), 'e');
  const storages = tensors.map(({ bytes }) => {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(bytes.length / 4));
    return Buffer.concat([count, bytes]);
  });
  const whole = Buffer.concat([magic, version, system, code, keys, ...storages]);
  return [{ name: 'tiny.pth', bytes: whole }];
}

/** The header of a safetensors file, and the file. */
export function safetensors(header: unknown, data: Buffer, length?: number): Part[] {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  return [{ name: 'tiny.safetensors', bytes: Buffer.concat([size, json, data]) }];
}

export function safetensorsHeader(tensors = stateDict()) {
  let at = 0;
  return Object.fromEntries(
    tensors.map(({ name, shape, bytes }) => {
      const from = at;
      at += bytes.length;
      return [name, { dtype: 'F32', shape, data_offsets: [from, at] }];
    }),
  );
}

export const tinySafetensors = (tensors = stateDict()): Part[] =>
  safetensors(safetensorsHeader(tensors), Buffer.concat(tensors.map(({ bytes }) => bytes)));
