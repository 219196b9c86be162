import { hdf5 } from '../files/hdf5';
import type { H5Node } from '../files/hdf5';
import { keras3Parts, kerasConfig, kerasTree, tinyH5, tinyKeras3 } from '../files/keras';
import { bad, changed, cut, part } from './case';
import type { BadCase } from './case';

const [h5] = tinyH5();
const tree = (name: string, root: H5Node) => bad(name, part(`${name}.h5`, hdf5(root)));
const config = (name: string, path: string, to: unknown) =>
  tree(name, kerasTree(changed(kerasConfig(), path, to)));
const weights = (name: string, path: string, to: unknown) =>
  tree(name, changed(kerasTree(), `members.model_weights.members.${path}`, to) as H5Node);
const said = (name: string, model_config: string) =>
  tree(name, { ...kerasTree(), attributes: { model_config } });

/** The file with four or eight bytes at the first place of a signature, plus an offset, changed. */
function patched(name: string, mark: string, offset: number, bytes: string): BadCase {
  const whole = Buffer.from(h5!.bytes);
  Buffer.from(bytes, 'hex').copy(whole, whole.indexOf(mark) + offset);
  return bad(name, part(`${name}.h5`, whole));
}

const data = 'dense.members.dense.members.kernel:0.data';
const parts = keras3Parts();

/** Spoiled files of Keras. */
export const KERAS: readonly BadCase[] = [
  bad('h5-cut', ...cut(tinyH5())),
  bad('h5-cut-early', ...cut(tinyH5(), 0.03)),
  bad('h5-signature-only', part('x.h5', h5!.bytes.subarray(0, 8))),
  bad('h5-noise', part('x.h5', Buffer.concat([h5!.bytes.subarray(0, 8), Buffer.alloc(500, 0xa7)]))),
  tree('h5-other', { members: { images: { data: { shape: [2], values: [1, 2] } } } }),
  tree('h5-weights-only', kerasTree(null)),
  tree('h5-without-weights', { attributes: kerasTree().attributes!, members: {} }),
  said('h5-config-no-json', 'hello'),
  said('h5-config-deep', '['.repeat(2000)),
  config('h5-layer-lambda', 'config.layers.1.class_name', 'Lambda'),
  config('h5-layer-own', 'config.layers.1.class_name', 'my_package>Mine'),
  config('h5-layer-kernel', 'config.layers.0.config.kernel_size', [5, 5]),
  weights('h5-shape-lies', `${data}.claims`, [100_000, 100_000]),
  weights('h5-shape-other', `${data}.claims`, [3, 72]),
  weights('h5-shape-beyond', `${data}.claims`, [2 ** 40, 2 ** 40]),
  weights('h5-nan', `${data}.values.7`, 'NaN'),
  weights('h5-weight-missing', 'dense.attributes.weight_names', ['dense/kernel:0']),
  patched('h5-tree-in-itself', 'TREE', 32, '60'),
  patched('h5-tree-lost', 'TREE', 32, 'ffffffffffffff7f'),
  patched('h5-heap-huge', 'HEAP', 8, 'ffffffffffffff7f'),
  patched('h5-leaf-many', 'SNOD', 6, 'ffff'),
  bad('keras-cut', ...cut(tinyKeras3())),
  bad('keras-weights-cut', ...tinyKeras3([parts[0]!, parts[1]!, ...cut([parts[2]!])])),
  bad('keras-config-cut', ...tinyKeras3([parts[0]!, ...cut([parts[1]!]), parts[2]!])),
  bad('keras-config-list', ...tinyKeras3([parts[0]!, part('config.json', '[]'), parts[2]!])),
  bad('keras-weights-none', ...tinyKeras3([parts[0]!, parts[1]!, part('model.weights.h5', '')])),
  bad('keras-config-alone', ...tinyKeras3([parts[0]!, parts[1]!])),
  bad('keras-unpacked', ...parts.map(({ name, bytes }) => part(`model/${name}`, bytes))),
  bad(
    'keras-layer-own',
    ...tinyKeras3(keras3Parts(changed(kerasConfig(), 'config.layers.1.class_name', 'Mine'))),
  ),
];
