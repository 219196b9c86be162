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

/** The opcodes of a state dict. @param from number of the first storage */
export function stateDictCode(tensors: readonly Tensor[], from = 0): Buffer {
  const items = tensors.flatMap(({ name, shape, bytes }, place) => {
    const key = from + place;
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

const tensorOf = (name: string, shape: readonly number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: count }, (_, i) => ((i * 5) % 11) / 20 - 0.25);
  return { name, shape, bytes: floats(numbers) };
};

/** A small convolutional network under names that tell nothing: 12 numbers are 3 of 2 x 2, at 8 x 8. */
export const plainDict = (): Tensor[] => [
  tensorOf('one.weight', [2, 1, 3, 3]),
  tensorOf('one.bias', [2]),
  tensorOf('two.weight', [3, 2, 3, 3]),
  tensorOf('three.weight', [4, 12]),
  tensorOf('three.bias', [4]),
];

/** The opcodes of an object of a class with these attributes. */
const objectCode = (module: string, name: string, ...items: readonly Buffer[]) =>
  Buffer.concat([
    global(`torch.nn.modules.${module}`, name),
    Buffer.from(')\x81}(', 'latin1'),
    ...items,
    Buffer.from('ub'),
  ]);

/** A pickled nn.Sequential of a convolution, ReLU, a pool, a flattening and a dense layer. */
export function pickledModel(): Part[] {
  const [weight, bias, , dense, shift] = plainDict() as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const own = (tensor: Tensor, name: string) => ({ ...tensor, name });
  const none = [text('_buffers'), EMPTY];
  const leaf = [text('_modules'), EMPTY];
  const bare = [text('_parameters'), EMPTY, ...none, ...leaf];
  const two = (n: number) => tuple(int(n), int(n));
  const held = (from: number, ...tensors: readonly Tensor[]) => [
    text('_parameters'),
    stateDictCode(tensors, from),
    ...none,
    ...leaf,
  ];
  const children = [
    objectCode(
      'conv',
      'Conv2d',
      ...held(0, own(weight, 'weight'), own(bias, 'bias')),
      text('in_channels'),
      int(1),
      text('kernel_size'),
      two(3),
      text('stride'),
      two(1),
      text('padding'),
      two(1),
      text('dilation'),
      two(1),
      text('groups'),
      int(1),
      text('padding_mode'),
      text('zeros'),
    ),
    objectCode('activation', 'ReLU', ...bare),
    objectCode('pooling', 'AdaptiveAvgPool2d', ...bare, text('output_size'), tuple(int(2), int(3))),
    objectCode('flatten', 'Flatten', ...bare, text('start_dim'), int(1), text('end_dim'), int(-1)),
    objectCode(
      'linear',
      'Linear',
      ...held(2, own(dense, 'weight'), own(shift, 'bias')),
      text('in_features'),
      int(12),
    ),
  ];
  const inner = Buffer.concat([
    EMPTY,
    Buffer.from('('),
    ...children.flatMap((code, i) => [text(String(i)), code]),
    Buffer.from('u'),
  ]);
  const whole = objectCode(
    'container',
    'Sequential',
    text('_parameters'),
    EMPTY,
    ...none,
    text('_modules'),
    inner,
  );
  return torchParts([weight, bias, dense, shift], pickle(whole));
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
