import { floats } from '../files/tiny';
import {
  pickle,
  safetensors,
  safetensorsHeader,
  stateDict,
  stateDictCode,
  tinyLegacy,
  tinySafetensors,
  tinyTorch,
  torchParts,
} from '../files/torch';
import type { Tensor } from '../files/torch';
import { bad, changed, cut, part } from './case';
import type { BadCase } from './case';

const tensors = stateDict();
const data = Buffer.concat(tensors.map(({ bytes }) => bytes));
const header = (name: string, path: string, to: unknown) =>
  bad(name, ...safetensors(changed(safetensorsHeader(), path, to), data));
const code = (name: string, ...body: (string | Buffer)[]) =>
  bad(name, ...tinyTorch(torchParts(tensors, pickle(...body))));
/** The state dict with its first tensor changed. */
const first = (more: Partial<Tensor>): Tensor[] =>
  tensors.map((tensor, i) => (i === 0 ? { ...tensor, ...more } : tensor));
const dict = (name: string, all: Tensor[]) => bad(name, ...tinyTorch(torchParts(all)));
const renamed = tensors.map((tensor, i) => ({ ...tensor, name: `mystery.${i}` }));
const nan = floats([
  Number.NaN,
  ...Array.from({ length: tensors[0]!.bytes.length / 4 - 1 }, () => 0),
]);

/** The opcodes with the first whole number of a kind replaced. */
function replaced(from: string, to: string): Buffer {
  const whole = Buffer.from(stateDictCode(tensors));
  const at = whole.indexOf(Buffer.from(from, 'latin1'));
  return Buffer.concat([
    whole.subarray(0, at),
    Buffer.from(to, 'latin1'),
    whole.subarray(at + from.length),
  ]);
}

/** Spoiled checkpoints of PyTorch, and safetensors. */
export const TORCH: readonly BadCase[] = [
  code('pickle-runs-a-command', 'cos\nsystem\n(X\x07\x00\x00\x00echo hitR'),
  code('pickle-evaluates', 'c__builtin__\neval\n(X\x03\x00\x00\x001+1tR'),
  code('pickle-whole-model', 'c__main__\nNet\n)\x81}b'),
  code('pickle-list-in-itself', ']q\x00h\x00a'),
  code('pickle-dict-in-itself', '}q\x00X\x01\x00\x00\x00ah\x00s'),
  code('pickle-memo-bomb', `]q\x00${'(h\x00h\x00h\x00h\x00tq\x00'.repeat(2000)}`),
  code('pickle-deep', '('.repeat(200_000), 't'.repeat(200_000)),
  code('pickle-empty-stack', '0'),
  code('pickle-unknown-opcode', '\xfe'),
  code('pickle-protocol', '\x80\x63N'),
  code('pickle-text-beyond', 'X\xff\xff\xff\x7fabc'),
  code('pickle-number-long', '\x8b\xff\xff\xff\x7f1'),
  code('pickle-no-dict', 'K\x01'),
  code('pickle-proto-key', '}X\x09\x00\x00\x00__proto__}X\x08\x00\x00\x00pollutedK\x01ss'),
  code('pickle-storage-type', replaced('FloatStorage', 'WeirdStorage')),
  code('pickle-storage-missing', replaced('X\x01\x00\x00\x000', 'X\x01\x00\x00\x009')),
  bad(
    'pickle-cut',
    ...tinyTorch(torchParts(tensors, pickle(stateDictCode(tensors)).subarray(0, 200))),
  ),
  bad('torch-cut', ...cut(tinyTorch())),
  bad('torch-without-storages', ...tinyTorch(torchParts().slice(0, 1))),
  dict('torch-unknown-network', renamed),
  dict('torch-empty', []),
  dict('torch-nan', first({ bytes: nan })),
  dict('torch-shape-lies', first({ shape: [60_000, 60_000] })),
  dict('torch-shape-negative', first({ shape: [-6, -2] })),
  dict('torch-name-long', first({ name: 'x'.repeat(1 << 20) })),
  dict('torch-name-proto', first({ name: '__proto__' })),
  dict('torch-weight-missing', tensors.slice(1)),
  bad('legacy-cut', ...cut(tinyLegacy(), 0.9)),
  bad('legacy-cut-early', ...cut(tinyLegacy(), 0.1)),
  bad(
    'legacy-runs-a-command',
    ...tinyLegacy(tensors, pickle('cposix\nsystem\n(X\x02\x00\x00\x00lstR')),
  ),
  bad('legacy-without-dict', ...tinyLegacy(tensors, pickle('N'))),
  bad('safetensors-cut', ...cut(tinySafetensors())),
  bad('safetensors-header-beyond', ...safetensors(safetensorsHeader(), data, 2 ** 31)),
  bad('safetensors-header-short', ...safetensors(safetensorsHeader(), data, 20)),
  bad('safetensors-header-deep', ...safetensors(`{"a":${'['.repeat(3000)}`, data)),
  bad('safetensors-header-list', ...safetensors('{}', data)),
  bad('safetensors-long', ...safetensors(safetensorsHeader(), Buffer.concat([data, data]))),
  header('safetensors-overlap', 'extra', {
    dtype: 'F32',
    shape: [2],
    data_offsets: [0, 8],
  }),
  header('safetensors-beyond', 'extra', {
    dtype: 'F32',
    shape: [2],
    data_offsets: [2 ** 40, 2 ** 40 + 8],
  }),
  header('safetensors-negative', 'extra', { dtype: 'F32', shape: [-2], data_offsets: [0, 8] }),
  header('safetensors-backwards', 'extra', { dtype: 'F32', shape: [2], data_offsets: [8, 0] }),
  header('safetensors-type', 'extra', {
    dtype: '__proto__',
    shape: [2],
    data_offsets: [data.length, data.length + 8],
  }),
  header('safetensors-entry-text', 'extra', 'x'),
  header('safetensors-proto', '__proto__', { polluted: 1 }),
  bad('safetensors-nan', ...tinySafetensors(first({ bytes: nan }))),
  bad('safetensors-unknown-network', ...tinySafetensors(renamed)),
  bad('safetensors-shape-huge', ...tinySafetensors(first({ shape: [1e9, 1e9] }))),
  bad(
    'safetensors-twice',
    ...safetensors(
      `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`,
      data.subarray(0, 8),
    ),
  ),
  bad(
    'safetensors-empty',
    part(
      'x.safetensors',
      Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]),
    ),
  ),
];
