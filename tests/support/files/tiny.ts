/** The tiny network that stands in files of all forms: 8x8x1 -> convolution 3x3x2, ReLU -> flat -> 3 classes. */

/** A file by its name. */
export interface Part {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Little-endian float32. */
export const floats = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);

/** Weights that are neither alike nor large. */
const some = (count: number) => Array.from({ length: count }, (_, i) => ((i * 7) % 13) / 20 - 0.3);

const of = (name: string, ...shape: number[]) => ({
  name,
  shape,
  values: some(shape.reduce((a, b) => a * b)),
});

export const WEIGHTS = [
  of('conv/kernel', 3, 3, 1, 2),
  of('conv/bias', 2),
  of('dense/kernel', 72, 3),
  of('dense/bias', 3),
];

/** Its layers as Keras 2 says them. */
export const LAYERS: readonly { class_name: string; config: Record<string, unknown> }[] = [
  {
    class_name: 'Conv2D',
    config: {
      name: 'conv',
      batch_input_shape: [null, 8, 8, 1],
      dtype: 'float32',
      filters: 2,
      kernel_size: [3, 3],
      strides: [1, 1],
      padding: 'valid',
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      activation: 'relu',
      use_bias: true,
    },
  },
  { class_name: 'Flatten', config: { name: 'flatten', data_format: 'channels_last' } },
  {
    class_name: 'Dense',
    config: { name: 'dense', units: 3, activation: 'softmax', use_bias: true },
  },
];
