import { refuse, shown } from '../../refuse';
import type { NetBuilder, Values } from '../../net/builder';

/** PyTorch's default for batch norm, which no state dict holds. */
const EPSILON = 1e-5;

/**
 * Writes PyTorch's layers by the names of their tensors, with weights turned into our layouts, and keeps count of those
 * it used.
 */
export class TorchLayers {
  readonly used = new Set<string>();
  /** How many of the file's layers were written. */
  count = 0;
  private readonly net: NetBuilder;
  private readonly values: ReadonlyMap<string, Values>;

  constructor(net: NetBuilder, values: ReadonlyMap<string, Values>) {
    this.net = net;
    this.values = values;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** nn.Conv2d: weight [filters, channels / groups, height, width]. */
  conv(name: string, input: string, stride = 1, pad?: number): string {
    const weight = this.weight(`${name}.weight`, 4);
    const [, within, h, w] = weight.shape as readonly [number, number, number, number];
    const channels = this.net.shape(input).at(-1) as number;
    if (channels % within !== 0)
      throw this.wrong(name, `it takes ${within} channels where ${channels} come in`);
    const [above, left] = [pad ?? (h - 1) / 2, pad ?? (w - 1) / 2];
    this.count += 1;
    return this.net.conv(name, input, turned(weight, [2, 3, 1, 0]), this.maybe(`${name}.bias`), {
      stride: [stride, stride],
      groups: channels / within,
      margins: [above, above, left, left],
    });
  }

  /** nn.BatchNorm2d in evaluation mode. */
  norm(name: string, input: string): string {
    this.count += 1;
    this.maybe(`${name}.num_batches_tracked`);
    return this.net.norm(name, input, {
      gamma: this.maybe(`${name}.weight`),
      beta: this.maybe(`${name}.bias`),
      mean: this.weight(`${name}.running_mean`, 1),
      variance: this.weight(`${name}.running_var`, 1),
      epsilon: EPSILON,
    });
  }

  relu(name: string, input: string): string {
    return this.net.add(name, input, { op: 'relu' });
  }

  add(name: string, input: string, other: string): string {
    return this.net.add(name, input, { op: 'add', other });
  }

  /** The mean of every channel. */
  pool(name: string, input: string): string {
    return this.net.add(name, input, { op: 'pool' });
  }

  /** nn.MaxPool2d. */
  maxPool(name: string, input: string, size: number, stride: number, pad: number): string {
    return this.net.add(name, input, {
      op: 'window',
      kind: 'max',
      size: [size, size],
      stride: [stride, stride],
      margins: [pad, pad, pad, pad],
      countMargins: false,
    });
  }

  /**
   * nn.Linear: weight [units, features]. Over an image it follows PyTorch's flatten, channels first.
   */
  dense(name: string, input: string): string {
    const weight = this.weight(`${name}.weight`, 2);
    const shape = this.net.shape(input);
    this.count += 1;
    const bias = this.maybe(`${name}.bias`);
    if (shape.length !== 3) return this.net.dense(name, input, turned(weight, [1, 0]), bias);
    const [h, w, c] = shape as readonly [number, number, number];
    const [units = 0, features = 0] = weight.shape;
    if (features !== h * w * c)
      throw this.wrong(name, `it takes ${features} numbers where ${h * w * c} come in`);
    const flat = this.net.add(`${name}.flat`, input, { op: 'reshape', shape: [features] });
    const image = { shape: [units, c, h, w], values: weight.values };
    const rows = { shape: [features, units], values: turned(image, [2, 3, 1, 0]).values };
    return this.net.dense(name, flat, rows, bias);
  }

  private weight(name: string, axes: number): Values {
    const found = this.maybe(name);
    if (!found)
      throw refuse(
        'E_UPLOAD_WEIGHT_MISSING',
        `${this.net.file} cannot be used: its weight ${shown(name)} is missing.`,
        'Save the whole state dict: torch.save(model.state_dict(), "weights.pth").',
      );
    if (found.shape.length !== axes)
      throw this.wrong(name, `it has shape [${found.shape.join(', ')}], not ${axes} axes`);
    return found;
  }

  /** A tensor as the file has it, counted as used; null where there is none. */
  maybe(name: string): Values | null {
    const found = this.values.get(name);
    if (found) this.used.add(name);
    return found ?? null;
  }

  private wrong(layer: string, why: string): Error {
    return refuse(
      'E_UPLOAD_LAYER',
      `${this.net.file} cannot be used: in layer ${shown(layer)}, ${why}.`,
      'Export the network anew from where it was trained, best as ONNX.',
    );
  }
}

/** Axes in another order: order[i] is the axis that becomes axis i. */
export function turned({ shape, values }: Values, order: readonly number[]): Values {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const size = order.map((axis) => shape[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const out = new Float32Array(values.length);
  const place = size.map(() => 0);
  for (let i = 0, at = 0; i < out.length; i++) {
    out[i] = values[at] as number;
    for (let axis = size.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      at += steps[axis] as number;
      if ((place[axis] as number) < (size[axis] as number)) break;
      at -= (steps[axis] as number) * (size[axis] as number);
      place[axis] = 0;
    }
  }
  return { shape: size, values: out };
}
