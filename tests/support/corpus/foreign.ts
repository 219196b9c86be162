import { gzipSync } from 'node:zlib';
import { tinyH5 } from '../files/keras';
import { message, field } from '../files/onnx';
import { tinyLayersModel } from '../files/tfjs';
import { zip } from '../files/zip';
import { bad, hex, part } from './case';
import type { BadCase } from './case';

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1116712\n';
const [json, weights] = tinyLayersModel();
const [h5] = tinyH5();
const named = (name: string, content: string | Uint8Array) => bad(name, part(name, content));
const zipOf = (...names: string[]) => zip(names.map((name) => ({ name, bytes: Buffer.from('x') })));

/** Files that are no networks that are read here. */
export const FOREIGN: readonly BadCase[] = [
  named('empty.h5', ''),
  named('page.onnx', '<!DOCTYPE html><html><body>Not Found</body></html>'),
  named('pointer.h5', LFS),
  named('annexed.onnx', '/annex/objects/SHA256E-s1--0.onnx\n'),
  bad('pointer-as-weights', json!, part('group1-shard1of1.bin', LFS)),
  bad('page-as-weights', json!, part('group1-shard1of1.bin', '<html>404</html>')),
  bad('weights-alone', weights!),
  bad('two-networks', h5!, { ...h5!, name: 'other.h5' }),
  bad('many-texts', part('a.txt', 'a'), part('b.txt', 'b'), part('c.md', 'c')),
  bad('nothing'),
  bad('only-system-files', part('.DS_Store', 'x'), part('__MACOSX/._model.json', 'x')),
  named('mobile.tflite', hex('1c00000054464c33')),
  named('saved_model.pb', message(field(1, 1), field(2, Buffer.alloc(200)))),
  named('frozen.pb', field(1, message(field(1, 'x'), field(2, 'Placeholder')))),
  named('vision.mlmodel', Buffer.from('080412000a00a21f0000', 'hex')),
  named('snapshot.json', '{"layers":[{"layer_type":"input"},{"layer_type":"softmax"}]}'),
  named('brain.json', '{"sizes":[2,3,1],"layers":[{},{}],"trainOpts":{"errorThresh":1}}'),
  named('list.json', '[1,2,3]'),
  named('sklearn.pkl', hex('800495')),
  bad('script', part('script.pt', zipOf('m/data.pkl', 'm/code/a.py', 'm/constants.pkl'))),
  named('arrays.npz', zipOf('x.npy', 'y.npy')),
  named('array.npy', hex('934e554d505901')),
  named('cat.png', hex('89504e470d0a1a0a')),
  named('labels.csv', 'file,label\na.png,cat\n'),
  named('notes.txt', 'hello'),
  named('paper.pdf', '%PDF-1.7'),
  named('model.docx', zipOf('[Content_Types].xml')),
  named('train-images-idx3-ubyte', hex('00000803')),
  named('model.tar', Buffer.concat([Buffer.alloc(257), Buffer.from('ustar')])),
  named('model.rar', hex('526172211a0700')),
  named('model.xml', '<?xml version="1.0"?><net name="x" version="11">'),
  named('llama.gguf', 'GGUF\u0003\0\0\0'),
  named('setup.exe', hex('4d5a9000')),
  named('engine.plan', 'ptrt\0\0\0\0'),
  named('model.params', hex('1201')),
  named('model.ort', hex('1c0000004f52544d')),
  named('net.mat', 'MATLAB 5.0 MAT-file'),
  named('variables.data-00000-of-00001', hex('90db003e44aa14bd')),
  named('noise.dat', hex('90db003e44aa14bd17cb9abe403ef6be')),
  named('twice.json.gz', gzipSync(gzipSync('{}'))),
];
