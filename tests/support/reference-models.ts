import * as tf from '@tensorflow/tfjs';
import { noise } from './reference-run';

/** Small networks of tf.layers, as a person uploads them, and one training pass through them. */

const relu = () => tf.layers.activation({ activation: 'relu' });
const norm = () => tf.layers.batchNormalization();
const pool = () => tf.layers.globalAveragePooling2d({});

export const layersModels = {
  'convolutions with bias and ReLU, strided': () => [
    tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: 'same', activation: 'relu' }),
    tf.layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' }),
    relu(),
    tf.layers.conv2d({ filters: 6, kernelSize: [2, 1], activation: 'relu' }),
    pool(),
    tf.layers.dense({ units: 4 }),
  ],
  'batch norm in training': () => [
    tf.layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', useBias: false }),
    norm(),
    relu(),
    tf.layers.conv2d({ filters: 8, kernelSize: 2, strides: 2, useBias: false }),
    norm(),
    relu(),
    pool(),
    tf.layers.dense({ units: 7, useBias: false }),
    norm(),
    relu(),
    tf.layers.dense({ units: 4 }),
  ],
  'pooling, a wide kernel, flattened': () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 5, padding: 'same', activation: 'tanh' }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 4, kernelSize: 1, strides: 3, activation: 'relu' }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 4 }),
  ],
} as const;

/** Builds a model on the current backend, with weights that depend on their places and shapes alone. */
function modelOf(name: keyof typeof layersModels, input: readonly number[]): tf.LayersModel {
  const inputs = tf.input({ shape: [...input] });
  const layers: tf.layers.Layer[] = layersModels[name]();
  const outputs = layers.reduce((at, layer) => layer.apply(at) as tf.SymbolicTensor, inputs);
  const model = tf.model({ inputs, outputs });
  const weights = model.weights.map(({ originalName, shape }, i) => {
    const size = shape.reduce<number>((a, b) => a * (b ?? 1), 1);
    // Variances stay positive, and nothing stands at the 0 or 1 that forgetting it would give.
    const positive = /gamma|variance/.test(originalName);
    return tf.tensor(noise(size, `${name} ${i}`, 0.3, positive ? 1 : 0), shape as number[]);
  });
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

/** Softmax cross-entropy of four classes, the labels in turns. */
function lossOf(logits: tf.Tensor): tf.Scalar {
  const [rows, classes] = logits.shape as [number, number];
  const labels = Array.from({ length: rows }, (_, i) => i % classes);
  return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, classes), logits);
}

/**
 * One training pass on the current backend: the loss, the gradients of all weights and of the input, and the weights
 * after it (batch norm moves its statistics), by name.
 */
export async function trainingPass(
  name: keyof typeof layersModels,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const input = [7, 9, 3];
  const model = modelOf(name, input);
  const x = tf.tensor(noise(3 * 7 * 9 * 3, 'x'), [3, ...input]);
  const loss = (batch: tf.Tensor) =>
    tf.tidy(() => lossOf(model.apply(batch, { training: true }) as tf.Tensor));
  const { value, grads } = tf.variableGrads(() => loss(x));
  const moved = model.getWeights();
  const dx = tf.grad(loss)(x);
  const found = new Map<string, tf.Tensor>([['loss', value]]);
  model.weights.forEach((weight, i) => {
    const { name: variable } = (weight as unknown as { val: tf.Variable }).val;
    const title = `${i}, ${weight.originalName.split('/').at(-1)}`;
    if (grads[variable]) found.set(`gradient of ${title}`, grads[variable]);
    found.set(title, moved[i] as tf.Tensor);
  });
  found.set('gradient of the input', dx);
  const lists = new Map<string, readonly number[]>();
  for (const [key, tensor] of found) lists.set(key, [...(await tensor.data())]);
  return lists;
}
