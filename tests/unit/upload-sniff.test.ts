import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fromBytes } from '../../src/upload/bytes';
import { findModels } from '../../src/upload/find';
import { readTeacher } from '../../src/upload/read';
import { sniff } from '../../src/upload/sniff';
import { zip } from '../support/files/zip';

const reading = { progress: () => undefined };
const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;
const hex = (digits: string) => Uint8Array.from(Buffer.from(digits.padEnd(64, '0'), 'hex'));
const given = (name: string, content: string | Uint8Array) => fromBytes(name, bytesOf(content));
const zipped = (...names: string[]) => zip(names.map((name) => ({ name, bytes: bytesOf('x') })));
/** One length-delimited protobuf field of 200 bytes. */
const field = (number: number, content = new Uint8Array(200)) =>
  Buffer.concat([
    Buffer.from([(number << 3) | 2, 0x80 | (content.length & 127), content.length >> 7]),
    content,
  ]);
const node = Buffer.from('0a0178120b506c616365686f6c646572', 'hex');

describe('what a file is', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['x', '', 'empty'],
    ['model.json', ' <!DOCTYPE html><p>', 'page'],
    ['model.json', '<?xml version="1.0"?><html lang="en">', 'page'],
    ['a.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:00', 'lfs'],
    ['a.onnx', '/annex/objects/SHA256E-s1--0.onnx', 'annex'],
    ['a.h5', hex('894844460d0a1a0a'), 'keras-h5'],
    ['a.tflite', hex('1c00000054464c33'), 'tflite'],
    ['a.th', hex('80028a0a6cfc9c46f9206aa850192e'), 'torch'],
    ['a.pkl', hex('80049500'), 'pickle'],
    [
      'a.safetensors',
      Buffer.concat([hex('4000000000000000').subarray(0, 8), bytesOf('{"a":{}}')]),
      'safetensors',
    ],
    ['a.npy', hex('934e554d5059'), 'npy'],
    ['a.png', hex('89504e470d0a1a0a'), 'image'],
    ['train-images', hex('00000803'), 'idx'],
    ['a.tar', Buffer.concat([new Uint8Array(257), bytesOf('ustar')]), 'archive'],
    ['a.onnx', Buffer.concat([hex('0807').subarray(0, 2), field(7)]), 'onnx'],
    ['a.pb', Buffer.concat([hex('0801').subarray(0, 2), field(2)]), 'savedModel'],
    ['a.mlmodel', Buffer.from('080412000a00a21f0000', 'hex'), 'coreml'],
    ['a.pb', field(1, node), 'graphDef'],
    ['model.json', '{"modelTopology": {"node": []}}', 'tfjs-graph'],
    ['model.json', '{"modelTopology": {"class_name": "Sequential", "config": {}}}', 'tfjs-layers'],
    ['model.json', '{"format": "graph-model", "modelTop', 'tfjs-graph'],
    ['model.json', '{"modelTop', 'tfjs-layers'],
    ['a.json', '{"layers": [{"layer_type": "conv"}]}', 'convnetjs'],
    ['a.json', '[1, 2]', 'json'],
    ['a.csv', 'file,label\na.png,cat\n', 'csv'],
    ['a.xml', '<?xml version="1.0"?><net name="x" version="11">', 'openvino'],
    ['group1-shard1of1.bin', hex('90db003e44aa14bd'), 'shard'],
    ['variables.data-00000-of-00001', hex('90db003e44aa14bd'), 'checkpoint'],
    ['x', 'hello', 'text'],
    ['x', hex('90db003e44aa14bd'), 'bytes'],
    ['x.gz', gzipSync('x'), 'gzip'],
    ['a.keras', zipped('metadata.json', 'config.json', 'model.weights.h5'), 'keras-3'],
    ['a.pt', zipped('m/data.pkl', 'm/data/0', 'm/version'), 'torch'],
    ['a.pt', zipped('m/data.pkl', 'm/code/x.py', 'm/constants.pkl'), 'torchscript'],
    ['a.npz', zipped('x.npy', 'y.npy'), 'npz'],
    ['a.docx', zipped('[Content_Types].xml', 'word/x'), 'office'],
    ['a.zip', zipped('web/model.json', 'web/group1-shard1of1.bin'), 'zip'],
  ])('%s: %.30s is %s', async (name, content, kind) => {
    expect(await sniff(given(name, content))).toBe(kind);
  });
});

describe('files that hold no network', () => {
  const lfs = 'version https://git-lfs.github.com/spec/v1\n';
  it.each<[string, [string, string | Uint8Array][], string]>([
    ['none', [], 'There is no file in what was chosen.'],
    ['what a system adds', [['.DS_Store', 'x']], 'There is no file in what was chosen.'],
    ['one', [['a.tflite', hex('1c00000054464c33')]], 'a.tflite is a TensorFlow Lite model'],
    [
      'in an archive',
      [['a.zip', zip([{ name: 'x/a.pkl', bytes: hex('8004') }])]],
      'x/a.pkl is a Python pickle',
    ],
    ['packed', [['a.json.gz', gzipSync('{}')]], 'a.json is JSON, but holds no network'],
    ['packed twice', [['a.gz', gzipSync(gzipSync('{}'))]], 'a is an archive of another kind'],
    [
      'the most telling',
      [
        ['a.txt', 'hello'],
        ['b/w.bin', lfs],
      ],
      'b/w.bin is a Git LFS pointer',
    ],
    [
      'several',
      [
        ['a.txt', 'a'],
        ['b.txt', 'b'],
      ],
      'None of the 2 files is a network that is known here: a.txt and b.txt.',
    ],
    [
      'two networks',
      [
        ['a.h5', hex('894844460d0a1a0a')],
        ['b.h5', hex('894844460d0a1a0a')],
      ],
      'There are 2 networks: a.h5 and b.h5.',
    ],
    [
      'shards not fetched',
      [
        ['model.json', '{"modelTopology":{"node":[]}}'],
        ['w.bin', lfs],
      ],
      'w.bin is a Git LFS pointer',
    ],
  ])('%s', async (_, files, sentence) => {
    const read = readTeacher(
      files.map(([name, content]) => given(name, content)),
      reading,
    );
    await expect(read).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(sentence),
      code: expect.stringMatching(/^E_UPLOAD_/),
    });
  });

  it('too many or too large ones are refused unread', async () => {
    const huge = { ...given('huge.onnx', ''), size: 2 ** 40 };
    await expect(readTeacher([huge], reading)).rejects.toThrow('huge.onnx would be 1,048,576 MiB');
    const many = Array.from({ length: 100_001 }, () => huge);
    await expect(readTeacher(many, reading)).rejects.toThrow('These are 100,001 files');
  });
});

const teachers = path.join(process.env['DATA_DIR'] ?? '', 'teachers');
describe.skipIf(!process.env['DATA_DIR'] || !existsSync(teachers))('real files', () => {
  it.each([
    ['bad_h5_weights_only_no_config/model.h5', 'keras-h5'],
    ['bad_onnx_external_data_missing/cifar10.onnx', 'onnx'],
    ['cifar10_cnn_anshaj_h5_keras_onnx/cifar10_model.keras', 'keras-3'],
    ['cifar10_cnn_anshaj_h5_keras_onnx/cifar10_model.onnx', 'onnx'],
    ['cifar10_resnet8_mlperf_tfjs_layers/model.json', 'tfjs-layers'],
    ['cifar10_resnet_akamaster_pth/resnet20-12fca82f.th', 'torch'],
    ['mnist_burn_pt_safetensors/mnist.pt', 'torch'],
    ['mnist_burn_pt_safetensors/mnist.safetensors', 'safetensors'],
    ['mnist_cnn_subhadip_tfjs_graph/model.json', 'tfjs-graph'],
    ['mnist_cntk_onnx/mnist.onnx', 'onnx'],
  ])('%s is found as %s', async (name, kind) => {
    const file = fromBytes(name, readFileSync(path.join(teachers, name)));
    expect((await findModels([file], reading)).models.map((model) => model.kind)).toEqual([kind]);
  });

  it.each([
    [
      'mnist_cnn_dayyan_tfjs_layers',
      'model.json',
      'tfjs-layers',
      'Not used: mnist_cnn_dayyan_tfjs_layers/mnist_cnn_model.keras.',
    ],
    [
      'cifar10_resnet_akamaster_pth',
      'resnet20-12fca82f.th',
      'pytorch',
      'The weights stood under "state_dict"',
    ],
  ])('%s is read, with what stands beside it', async (folder, main, format, remark) => {
    const names = main === 'model.json' ? readdirSync(path.join(teachers, folder)) : [main];
    const files = names
      .filter((name) => name !== 'expected.json')
      .map((name) =>
        fromBytes(`${folder}/${name}`, readFileSync(path.join(teachers, folder, name))),
      );
    const network = await readTeacher(files, reading);
    expect(network.format).toBe(format);
    expect(network.title).toBe(main === 'model.json' ? folder : 'resnet20-12fca82f');
    expect(network.remarks.join(' ')).toContain(remark);
  });

  it('a ConvNetJS snapshot is named, and how to go on', async () => {
    const name = 'foreign_convnetjs_cifar10_json/cifar10_snapshot.json';
    const file = fromBytes(name, readFileSync(path.join(teachers, name)));
    await expect(readTeacher([file], reading)).rejects.toMatchObject({
      message: expect.stringContaining('is a ConvNetJS network'),
      hint: expect.stringContaining('model.save("model.keras")'),
    });
  });
});
