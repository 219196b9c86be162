import { describe, expect, it } from 'vitest';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { givenOf, reading } from '../support/given';

type Config = Readonly<Record<string, unknown>>;
interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer as Keras 2 writes it; in a functional network with the names of those that it reads. */
const layer = (kind: string, name: string, config: Config = {}, ...reads: string[]) => ({
  class_name: kind,
  name,
  config: { name, ...config },
  inbound_nodes: reads.length > 0 ? [reads.map((each) => [each, 0, 0, {}])] : [],
});
const input = (shape: readonly (number | null)[] = [null, 4], name = 'in') =>
  layer('InputLayer', name, { batch_input_shape: shape });
const chain = (...layers: object[]) => ({
  class_name: 'Sequential',
  config: { name: 'net', layers },
});
const functional = (outputs: string[], ...layers: object[]) => ({
  class_name: 'Functional',
  config: {
    name: 'net',
    layers,
    input_layers: [['in', 0, 0]],
    output_layers: outputs.map((name) => [name, 0, 0]),
  },
});
const dense = (name = 'dense', units = 3, ...reads: string[]) =>
  layer('Dense', name, { units, use_bias: false }, ...reads);
const kernel = (name = 'dense/kernel', shape: readonly number[] = [4, 3]): Weight => ({
  name,
  shape,
});

/** A network with weights 0, 1, 2, ... */
async function read(config: unknown, weights: readonly Weight[] = [kernel()], version = '2.4.0') {
  const total = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const json = {
    modelTopology: { keras_version: version, model_config: config },
    weightsManifest: [
      { paths: ['w.bin'], weights: weights.map((each) => ({ ...each, dtype: 'float32' })) },
    ],
  };
  const data = new Uint8Array(Float32Array.from({ length: total }, (_, i) => i).buffer);
  const text = JSON.stringify(json);
  return readLayersModel(givenOf('net/model.json', text), [givenOf('net/w.bin', data)], reading);
}

const nodes = async (...layers: object[]) => {
  const { graph } = await read(chain(input(), dense(), ...layers));
  return graph.nodes.slice(1).map((node) => ({ ...node, name: '', input: '' }));
};

describe('yes and no as programs write them', () => {
  const size = [3];
  const norm = (config: Config) => [
    chain(input(), dense(), layer('BatchNormalization', 'norm', config)),
    [
      kernel(),
      ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) => ({
        name: `norm/${part}`,
        shape: size,
      })),
    ],
  ];
  const yes = [true, 1, 1.0, 'true', 'True', 'TRUE', '1', { type: 'bool_', value: true }];
  const numpy = { class_name: '__numpy__', config: { value: 0, dtype: 'bool' } };
  const no = [false, 0, 'false', 'False', '0', numpy];

  it.each(yes)('scale and center %j are true', async (flag) => {
    const [config, weights] = norm({ scale: flag, center: flag });
    const { graph, weights: read1 } = await read(config, weights as Weight[]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['dense', 'norm']);
    expect([...read1.get('norm.gamma')!]).toEqual([12, 13, 14]);
  });

  it.each(no)('use_bias %j is false, as of every other layer', async (flag) => {
    const { graph } = await read(
      chain(input(), layer('Dense', 'dense', { units: 3, use_bias: flag })),
    );
    expect(graph.nodes).toHaveLength(1);
    const image = chain(
      input([null, 4, 4, 1]),
      layer('GlobalMaxPooling2D', 'all', { keepdims: flag }),
      layer('Dense', 'dense', { units: 3, use_bias: flag }),
    );
    expect((await read(image, [kernel('dense/kernel', [1, 3])])).outputs).toEqual(['dense']);
  });

  it.each([2, -1, 'yes', '', [], { value: 'maybe' }])('%j is neither', async (flag) => {
    const [config, weights] = norm({ scale: flag });
    await expect(read(config, weights as Weight[])).rejects.toThrow(
      `in layer norm (BatchNormalization), its scale is ${JSON.stringify(flag)}`,
    );
  });
});

describe('layers of known packages that work in training only', () => {
  const kinds = ['FixedDropout', 'DropConnect', 'DropPath', 'DropBlock2D', 'StochasticDepth'];
  const custom = { module: 'efficientnet.model', registered_name: 'Custom>FixedDropout' };

  it.each(kinds)('%s passes its input on, and it is said', async (kind) => {
    for (const more of [{}, custom]) {
      const drop = { ...layer(kind, 'drop', { rate: 0.2, noise_shape: null }), ...more };
      const { graph, remarks } = await read(chain(input(), dense(), drop));
      expect(graph.nodes.map(({ op }) => op)).toEqual(['dense']);
      expect(remarks).toEqual([
        `The layer drop is a ${kind}, a class from outside of Keras; layers of that name work in training only, so here it passes its input on.`,
      ]);
    }
  });

  it('one that joins two values is refused: the shares are its package’s', async () => {
    const net = functional(['sum'], input(), dense('a', 3, 'in'), dense('b', 3, 'in'), {
      ...layer('StochasticDepth', 'sum'),
      inbound_nodes: [
        [
          ['a', 0, 0, {}],
          ['b', 0, 0, {}],
        ],
      ],
    });
    await expect(read(net, [kernel('a/kernel'), kernel('b/kernel')])).rejects.toThrow(
      'it joins 2 values in a way that its package decides',
    );
  });

  it('a dropout of another name of its author is refused as before', async () => {
    const mine = layer('MyDropout', 'drop');
    await expect(read(chain(input(), dense(), mine))).rejects.toThrow('drop is a MyDropout');
  });
});

describe('what Keras 2 writes otherwise than Keras 3', () => {
  it.each([
    [layer('LeakyReLU', 'a', { alpha: 0.25 }), { op: 'leakyRelu', alpha: 0.25 }],
    [layer('LeakyReLU', 'a'), { op: 'leakyRelu', alpha: 0.3 }],
    [
      layer('Activation', 'a', { activation: 'hard_sigmoid' }),
      { op: 'hardSigmoid', alpha: 0.2, beta: 0.5 },
    ],
    [layer('Activation', 'a', { activation: 'swish' }), { op: 'curve', curve: 'silu' }],
    [layer('ReLU', 'a', { maxValue: 6, negativeSlope: 0 }), { op: 'curve', curve: 'relu6' }],
    [
      layer('Activation', 'a', { activation: { class_name: 'ReLU', config: { max_value: 2 } } }),
      { op: 'clip', low: 0, high: 2 },
    ],
    [
      layer('Activation', 'a', { activation: { class_name: 'function', config: 'relu6' } }),
      { op: 'curve', curve: 'relu6' },
    ],
  ])('%j', async (each, node) => {
    expect(await nodes(each)).toEqual([{ ...node, name: '', input: '' }]);
  });

  it('hard_sigmoid is another one since Keras 3', async () => {
    const net = chain(input(), dense(), layer('Activation', 'a', { activation: 'hard_sigmoid' }));
    const { graph } = await read(net, [kernel()], '3.1.0');
    expect(graph.nodes[1]).toMatchObject({ alpha: 1 / 6, beta: 0.5 });
  });

  it('layers that follow nothing but a list, and their shape in the first of them', async () => {
    const first = layer('Dense', 'dense', {
      units: 3,
      use_bias: false,
      batch_input_shape: [null, 4],
    });
    const { graph, repairs } = await read({ class_name: 'Sequential', config: [first] });
    expect(graph.input).toEqual([4]);
    expect(repairs).toEqual([]);
  });

  it('the shape that Keras 3 names otherwise is read, and said', async () => {
    const late = layer('InputLayer', 'in', { batch_shape: [null, 4] });
    const { repairs } = await read(chain(late, dense()));
    expect(repairs).toEqual(['Keras 3 names its input shape batch_shape; it was read as such.']);
  });
});

describe('networks that branch', () => {
  it('may have several outputs, and layers in any order', async () => {
    const net = functional(
      ['b', 'a'],
      layer('ReLU', 'b', {}, 'dense'),
      layer('Softmax', 'a', {}, 'b'),
      dense('dense', 3, 'in'),
      input(),
    );
    const { graph, outputs, layers } = await read(net);
    expect(outputs).toEqual(['b', 'a']);
    expect(graph.output).toBe('b');
    expect(graph.nodes.map(({ name }) => name)).toEqual(['dense', 'b', 'a']);
    expect(graph.taps).toEqual({ dense: 'dense', b: 'b', a: 'a' });
    expect(layers).toBe(3);
  });

  it('may hold operations of TensorFlow between layers', async () => {
    const half = {
      ...layer('TFOpLambda', 'half', { function: 'math.truediv' }),
      inbound_nodes: [['in', 0, 0, { y: 2, name: null }]],
    };
    const sum = {
      ...layer('TFOpLambda', 'sum', { function: '__operators__.add' }),
      inbound_nodes: [['half', 0, 0, { y: ['in', 0, 0] }]],
    };
    const { graph, weights } = await read(
      functional(['dense'], input(), half, sum, dense('dense', 3, 'sum')),
    );
    expect(graph.nodes.slice(1)).toMatchObject([
      { op: 'binary', kind: 'divide', input: 'input', other: 'half/constant 1' },
      { op: 'add', input: 'half', other: 'input' },
      { op: 'dense', input: 'sum' },
    ]);
    expect(weights.get('half/constant 1.value')).toEqual(Float32Array.of(2));
  });

  it('say that a layer is used twice', async () => {
    const twice = {
      ...dense('dense', 4, 'in'),
      inbound_nodes: [[['in', 0, 0]], [['dense', 0, 0]]],
    };
    const net = functional(['dense'], input(), twice);
    net.config.output_layers = [['dense', 1, 0]] as never;
    const { graph, remarks } = await read(net, [kernel('dense/kernel', [4, 4])]);
    expect(graph.nodes.map(({ name }) => name)).toEqual(['dense', 'dense#2']);
    expect(remarks.join()).toContain('used 2 times');
  });
});

describe('weights of other names', () => {
  const two = chain(input(), dense('a', 3), dense('b', 2));

  it('are found below the network, and numbered', async () => {
    const { weights, repairs } = await read(two, [
      kernel('net/b/kernel_1:0', [3, 2]),
      kernel('net/a/kernel:0'),
    ]);
    expect([...weights].map(([name, values]) => [name, values[1]])).toEqual([
      ['a.weight', 7],
      ['a.bias', 0],
      ['b.weight', 1],
      ['b.bias', 0],
    ]);
    expect(repairs).toEqual([]);
  });

  it('are taken by their order and shapes where nothing else fits, and said', async () => {
    const { weights, repairs } = await read(two, [kernel('x/kernel'), kernel('y/kernel', [3, 2])]);
    expect(weights.get('b.weight')?.[0]).toBe(12);
    expect(repairs).toEqual([
      'The weights of 2 layers, from a on, bear other names; they were taken by their order and shapes.',
    ]);
  });

  it('are refused where more than one fits', async () => {
    const found = read(two, [kernel('b/kernel', [3, 2]), kernel('x/kernel'), kernel('y/kernel')]);
    await expect(found).rejects.toThrow('y/kernel fits more than one of them');
  });

  it('that no layer has are left out, and said', async () => {
    const { remarks } = await read(chain(input(), dense()), [kernel(), kernel('lost/gamma', [2])]);
    expect(remarks).toEqual(['One weight belongs to no layer and was left out: lost/gamma.']);
  });
});

describe('what cannot be used is refused, by its name', () => {
  const net = (each: object) => chain(input(), dense(), each);
  const image = (each: object) => chain(input([null, 4, 4, 4]), each);
  const deep = (levels: number): object =>
    levels === 0 ? dense() : { ...chain(input(), deep(levels - 1)), name: `net${levels}` };

  it.each<readonly [string, unknown, string]>([
    [
      'a Lambda',
      net(layer('Lambda', 'f')),
      'layer f is a Lambda; a Lambda or a class of its author',
    ],
    [
      'a class of its author',
      net({ ...layer('Dense', 'f'), module: 'mine', registered_name: 'mine>Dense' }),
      'layer f is a Dense (a class of its author)',
    ],
    ['an LSTM', net(layer('LSTM', 'f')), 'layer f is a LSTM; layers for sequences'],
    ['an Embedding', net(layer('Embedding', 'f')), 'layers for sequences and text are not read'],
    ['a volume', net(layer('Conv3D', 'f')), 'layers for volumes'],
    ['an operation', net(layer('SlicingOpLambda', 'f')), 'of operations between layers, sums'],
    [
      'another operation',
      net(layer('TFOpLambda', 'f', { function: 'image.flip' })),
      'the operation image.flip',
    ],
    [
      'windows far beyond the image',
      image(
        layer('MaxPooling2D', 'f', { pool_size: [2 ** 30, 2 ** 30], strides: 1, padding: 'same' }),
      ),
      'Layer f with its margins',
    ],
    [
      'an unknown layer',
      net(layer('constructor', 'f')),
      'layer f is a constructor; this layer is not',
    ],
    [
      'an unknown activation',
      net(layer('Activation', 'f', { activation: 'glu' })),
      'its activation is glu',
    ],
    ['a network of code', layer('MyModel', 'f'), 'a MyModel, which is made by code'],
    [
      'several inputs',
      {
        ...functional(['dense'], input(), dense('dense', 3, 'in')),
        config: {
          ...functional(['dense'], input(), dense('dense', 3, 'in')).config,
          input_layers: [
            ['in', 0, 0],
            ['dense', 0, 0],
          ],
        },
      },
      'has 2 inputs',
    ],
    ['any length', chain(input([null, null, 4]), dense()), 'inputs of any size, [?, 4]'],
    [
      'a size that fits nowhere',
      chain(input([null, null, null, 3]), dense()),
      'net/model.json leaves sizes of its input open, [?, ?, 3], and its layers go together at none that was tried',
    ],
    ['no size', chain(dense()), 'does not say the shape'],
    ['a volume as input', chain(input([null, 2, 2, 2, 2]), dense()), 'does not say the shape'],
    [
      'a circle',
      functional(['b'], input(), layer('ReLU', 'a', {}, 'b'), layer('ReLU', 'b', {}, 'a')),
      'a, b read what no layer makes',
    ],
    [
      'an output that is not there',
      functional(['c'], input(), dense('dense', 3, 'in')),
      'its output c is not',
    ],
    ['two layers of one name', chain(input(), dense(), dense()), 'two of its layers have one name'],
    ['networks too deep', deep(12), 'more than 8 deep'],
    [
      'too many layers',
      chain(...Array.from({ length: 5001 }, (_, i) => dense(`d${i}`))),
      'more than 5000 layers',
    ],
    ['units that are none', chain(input(), dense('dense', -1)), 'its units is -1'],
    [
      'units without end',
      chain(input(), dense('dense', 2 ** 40)),
      'has shape [4, 3] where its configuration needs',
    ],
    [
      'another shape',
      chain(input(), dense('dense', 5)),
      'has shape [4, 3] where its configuration needs [4, 5]',
    ],
    [
      'a missing weight',
      chain(input(), dense('other', 5)),
      'the weight kernel of layer other is not in it',
    ],
    [
      'an image where there is none',
      net(layer('MaxPooling2D', 'f')),
      'an image is needed, and its input has the shape [3]',
    ],
    [
      'a kernel that does not fit',
      image(layer('Conv2D', 'f', { filters: 1, kernel_size: [5, 5] })),
      'its kernel of 5 x 5 does not fit into 4 x 4',
    ],
    [
      'causal padding',
      image(layer('Conv2D', 'f', { filters: 1, kernel_size: 3, padding: 'causal' })),
      'its padding is "causal", not valid or same',
    ],
    [
      'quantised numbers',
      chain(input(), layer('Dense', 'dense', { units: 3, dtype: 'int8_from_float32' })),
      'its numbers are quantised',
    ],
    [
      'a shape that does not fit',
      net(layer('Reshape', 'f', { target_shape: [2, -1] })),
      'makes the shape [2, -1] of 3 values',
    ],
    [
      'a concatenation of rows',
      functional(
        ['f'],
        input(),
        dense('dense', 3, 'in'),
        layer('Concatenate', 'f', { axis: 0 }, 'in', 'dense'),
      ),
      'its axis is [0]',
    ],
    ['a network of nothing', chain(input()), 'an output of its network is its input'],
    ['no layers', { class_name: 'Sequential', config: {} }, 'lists no layers'],
    ['text', 'Sequential', 'holds weights but not the network'],
  ])('%s', async (_what, config, sentence) => {
    await expect(read(config)).rejects.toThrow(sentence);
  });

  it('strides far beyond the image', async () => {
    const far = { filters: 3, kernel_size: 1, use_bias: false, strides: 2 ** 40 };
    const found = read(image(layer('Conv2DTranspose', 'dense', far)), [
      kernel('dense/kernel', [1, 1, 3, 4]),
    ]);
    await expect(found).rejects.toThrow('its strides are 1099511627776');
  });

  it('hostile names change nothing', async () => {
    const { graph } = await read(
      chain(input(), dense('__proto__', 3), layer('ReLU', 'constructor')),
      [kernel('__proto__/kernel')],
    );
    expect(Object.keys(graph.taps)).toEqual(['constructor']);
    expect(Object.getPrototypeOf(graph.taps)).toBe(Object.prototype);
  });
});
