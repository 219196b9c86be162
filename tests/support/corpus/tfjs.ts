import { layersJson, shard, tinyLayersModel } from '../files/tfjs';
import { bad, changed, part } from './case';
import type { BadCase } from './case';

const layers = 'modelTopology.model_config.config.layers';
const [json, weights] = tinyLayersModel();
const layered = (name: string, path: string, to: unknown): BadCase =>
  bad(name, ...tinyLayersModel(changed(layersJson(), path, to)));
/** Weights with one number changed. */
function spoiled(value: number): Buffer {
  const bytes = Buffer.from(shard());
  bytes.writeFloatLE(value, 4 * 100);
  return bytes;
}

const layer = (kind: string, name: string, from: string, more = {}) => ({
  class_name: kind,
  name,
  config: { name, ...more },
  inbound_nodes: [[[from, 0, 0, {}]]],
});
/** A functional network whose two layers feed each other. */
const circle = {
  class_name: 'Functional',
  config: {
    name: 'circle',
    layers: [
      {
        class_name: 'InputLayer',
        name: 'x',
        config: { name: 'x', batch_input_shape: [null, 4] },
        inbound_nodes: [],
      },
      layer('ReLU', 'a', 'b'),
      layer('ReLU', 'b', 'a'),
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [['b', 0, 0]],
  },
};
const flat = (i: number) => ({ class_name: 'ReLU', config: { name: `r${i}` } });

/** Spoiled networks of TensorFlow.js. */
export const TFJS: readonly BadCase[] = [
  bad('json-cut', part('model.json', json!.bytes.subarray(0, 300)), weights!),
  bad('json-deep', part('model.json', `{"modelTopology":${'['.repeat(5000)}`), weights!),
  bad('json-not-utf8', part('model.json', Buffer.concat([json!.bytes, Buffer.of(0xff)])), weights!),
  layered('topology-is-text', 'modelTopology', 'x'),
  layered('no-manifest', 'weightsManifest', undefined),
  layered('manifest-is-text', 'weightsManifest', 'x'),
  bad('shard-missing', json!),
  bad('shard-short', json!, part(weights!.name, weights!.bytes.subarray(0, 950))),
  bad('shard-long', json!, part(weights!.name, Buffer.concat([weights!.bytes, Buffer.alloc(4)]))),
  bad('weight-nan', json!, part(weights!.name, spoiled(Number.NaN))),
  bad('weight-infinite', json!, part(weights!.name, spoiled(-Infinity))),
  ...[
    ['host', 'http://127.0.0.1:9/w.bin'],
    ['two-slashes', '//host/w.bin'],
    ['upwards', '../../w.bin'],
    ['absolute', '/etc/passwd'],
    ['drive', 'C:\\w.bin'],
    ['escaped', '%2e%2e/w.bin'],
    ['data', 'data:application/octet-stream;base64,AAAA'],
    ['nul', 'w\0.bin'],
    ['long', 'x'.repeat(1 << 20)],
    ['number', 7],
  ].map(([name, path]) => layered(`shard-path-${name}`, 'weightsManifest.0.paths', [path])),
  layered('shard-twice', 'weightsManifest.0.paths', ['a.bin', 'a.bin']),
  layered('weight-shape-huge', 'weightsManifest.0.weights.2.shape', [1e9, 1e9]),
  layered('weight-shape-beyond', 'weightsManifest.0.weights.2.shape', [1e308, 3]),
  layered('weight-shape-negative', 'weightsManifest.0.weights.2.shape', [-72, -3]),
  layered('weight-shape-broken', 'weightsManifest.0.weights.2.shape', [1.5, 144]),
  layered('weight-shape-other', 'weightsManifest.0.weights.2.shape', [3, 72]),
  layered('weight-shape-deep', 'weightsManifest.0.weights.2.shape', [[72], 3]),
  layered('weight-type', 'weightsManifest.0.weights.2.dtype', 'string'),
  layered('weight-type-hostile', 'weightsManifest.0.weights.2.dtype', '__proto__'),
  layered('weight-twice', 'weightsManifest.0.weights.2.name', 'conv/kernel'),
  layered('weight-named-proto', 'weightsManifest.0.weights.2.name', '__proto__'),
  layered('layer-units-huge', `${layers}.2.config.units`, 1e9),
  layered('layer-units-negative', `${layers}.2.config.units`, -3),
  layered('layer-units-text', `${layers}.2.config.units`, '3'),
  layered('layer-kernel-none', `${layers}.0.config.kernel_size`, [0, 0]),
  layered('layer-kernel-large', `${layers}.0.config.kernel_size`, [99, 99]),
  layered('layer-stride-none', `${layers}.0.config.strides`, [0, 0]),
  layered('layer-padding', `${layers}.0.config.padding`, 'sideways'),
  layered('layer-activation', `${layers}.0.config.activation`, 'constructor'),
  layered('layer-input-huge', `${layers}.0.config.batch_input_shape`, [null, 1e8, 1e8, 1]),
  layered('layer-input-unknown', `${layers}.0.config.batch_input_shape`, undefined),
  layered('layer-lambda', `${layers}.1.class_name`, 'Lambda'),
  layered('layer-constructor', `${layers}.1.class_name`, 'constructor'),
  layered('layer-proto', `${layers}.1.class_name`, '__proto__'),
  layered('layer-lstm', `${layers}.1.class_name`, 'LSTM'),
  layered('layer-without-class', `${layers}.1.class_name`, undefined),
  layered('layers-none', layers, []),
  layered('layers-text', layers, 'x'),
  layered('layers-many', layers, [
    ...layersJson().modelTopology.model_config.config.layers,
    ...Array.from({ length: 6000 }, (_, i) => flat(i)),
  ]),
  layered('layers-in-a-circle', 'modelTopology.model_config', circle),
  layered('model-unknown', 'modelTopology.model_config.class_name', 'MyModel'),
];
