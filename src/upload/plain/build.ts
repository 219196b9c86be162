import { follow } from '../../recipe/layers';
import type { Layers, LayerStep } from '../../recipe/layers';
import type { Plain, ReadNetwork } from '../given';
import { NetBuilder } from '../net/builder';
import type { Values } from '../net/builder';
import { ceilMargins } from '../net/windows';
import { refuse, shown } from '../refuse';

/** A file's tensors in the order of axes that graphs have: [height, width, channels, filters], [features, units]. */
type Tensors = ReadonlyMap<string, Values>;

/**
 * A network whose layers are put together in another way than its reader took them to be.
 *
 * @param layers absent leaves it as it is
 * @throws UserError where they do not fit the file's weights, or the file itself says how its layers follow
 */
export function formed(net: ReadNetwork, layers: Layers | undefined): ReadNetwork {
  const { plain } = net;
  if (!layers) return net;
  const file = shown(net.title);
  if (!plain)
    throw refuse(
      'E_UPLOAD_LAYERS',
      `${file} says itself how its layers are put together.`,
      'Leave out what was said of its layers.',
    );
  if (layers === plain.layers) return net;
  const { graph, weights, output } = built(file, layers, plain);
  const { anySize: _, sides: __, sideRules: ___, ...rest } = net;
  return { ...rest, graph, weights, outputs: [output], plain: { ...plain, layers } };
}

/** Writes layers as a graph. @throws UserError where they do not fit the weights */
export function built(
  file: string,
  layers: Layers,
  { parts, tensors }: Pick<Plain, 'parts' | 'tensors'>,
): Pick<ReadNetwork, 'graph' | 'weights'> & { readonly output: string } {
  const { problem } = follow(layers, parts);
  if (problem !== null)
    throw refuse(
      'E_UPLOAD_LAYERS',
      `${file} cannot be put together like that: ${problem}`,
      'Change its layers or the size of its input.',
    );
  const net = new NetBuilder(file, layers.input);
  const writer = new Writer(net, tensors);
  let at = 'input';
  for (const step of layers.steps) {
    at = writer.step(step, at);
    if (step.op !== 'flatten') net.tap(at, at);
  }
  // An answer is a node of its own, also where nothing is done.
  return { ...net.finish(at), output: at };
}

class Writer {
  private readonly net: NetBuilder;
  private readonly tensors: Tensors;
  /** The last layer with weights, after which others are called. */
  private last = 'input';
  /** The image that a list was made of: its numbers still lie as in the image. */
  private image: readonly number[] | null = null;

  constructor(net: NetBuilder, tensors: Tensors) {
    this.net = net;
    this.tensors = tensors;
  }

  step(step: LayerStep, at: string): string {
    const { net } = this;
    if ('name' in step) this.last = step.name;
    const name = (what: string) => `${this.last}.${what}`;
    switch (step.op) {
      case 'conv': {
        const weight = this.tensor(`${step.name}.weight`);
        const channels = net.shape(at).at(-1) as number;
        const [top, left] = step.padding;
        return net.conv(step.name, at, weight, this.maybe(`${step.name}.bias`), {
          stride: step.stride,
          dilation: step.dilation,
          groups: channels / (weight.shape[2] as number),
          margins: [top, top, left, left],
        });
      }
      case 'dense': {
        const weight = this.inOrder(this.tensor(`${step.name}.weight`));
        this.image = null;
        return net.dense(step.name, at, weight, this.maybe(`${step.name}.bias`));
      }
      case 'norm': {
        const part = (tensor: string) => {
          const found = this.maybe(`${step.name}.${tensor}`);
          return found && this.inOrder(found);
        };
        return net.norm(step.name, at, {
          gamma: part('weight'),
          beta: part('bias'),
          mean: this.inOrder(this.tensor(`${step.name}.running_mean`)),
          variance: this.inOrder(this.tensor(`${step.name}.running_var`)),
          epsilon: step.epsilon,
        });
      }
      case 'slope': {
        const alpha = this.inOrder(this.tensor(`${step.name}.weight`));
        return net.add(step.name, at, { op: 'prelu', shape: alpha.shape }, { alpha });
      }
      case 'activation':
        return this.activation(step, name(step.kind), at);
      case 'pool': {
        const [h = 1, w = 1] = net.shape(at);
        const [top, left] = step.padding;
        const margins = [top, top, left, left] as const;
        return net.add(name(`${step.kind}pool`), at, {
          op: 'window',
          kind: step.kind,
          size: step.size,
          stride: step.stride,
          margins: step.ceil ? ceilMargins([h, w], step.size, step.stride, margins) : margins,
          // As nn.AvgPool2d does unless it is told otherwise.
          countMargins: step.kind === 'mean',
        });
      }
      case 'flatten': {
        const shape = net.shape(at);
        if (shape.length < 3) return at;
        this.image = shape;
        const size = shape.reduce((a, b) => a * b, 1);
        return net.add(name('flat'), at, { op: 'reshape', shape: [size] });
      }
      case 'global':
        return step.kind === 'mean'
          ? net.add(name('mean'), at, { op: 'pool' })
          : net.add(name('largest'), at, { op: 'reduce', kind: 'max', axes: [0, 1], keep: false });
    }
  }

  private activation(
    { kind, alpha }: Extract<LayerStep, { op: 'activation' }>,
    name: string,
    at: string,
  ): string {
    switch (kind) {
      case 'relu':
      case 'tanh':
      case 'softmax':
      case 'logSoftmax':
        return this.net.add(name, at, { op: kind });
      case 'leakyRelu':
      case 'elu':
        return this.net.add(name, at, { op: kind, alpha });
      default:
        return this.net.add(name, at, { op: 'curve', curve: kind });
    }
  }

  /**
   * Numbers for a list that was an image. PyTorch flattens an image channel by channel, and ours lies pixel by pixel: the
   * first axis is brought into that order, so that nothing has to be moved while the network runs.
   */
  private inOrder(value: Values): Values {
    const { image } = this;
    if (!image || value.shape[0] === 1) return value;
    const [h, w, c] = image as readonly [number, number, number];
    if (h * w === 1 || c === 1) return value;
    const width = value.values.length / (h * w * c);
    const values = new Float32Array(value.values.length);
    for (let pixel = 0; pixel < h * w; pixel++)
      for (let channel = 0; channel < c; channel++) {
        const from = (channel * h * w + pixel) * width;
        values.set(value.values.subarray(from, from + width), (pixel * c + channel) * width);
      }
    return { shape: value.shape, values };
  }

  private tensor(name: string): Values {
    const found = this.maybe(name);
    if (found) return found;
    throw refuse(
      'E_UPLOAD_WEIGHT_MISSING',
      `${this.net.file} cannot be used: its weight ${shown(name)} is missing.`,
      'Save the whole state dict: torch.save(model.state_dict(), "weights.pth").',
    );
  }

  private maybe(name: string): Values | null {
    return this.tensors.get(name) ?? null;
  }
}
