import { fieldOf, textOf } from '../fields';
import type { Format, Given, ReadNetwork, Reading } from '../given';
import { titleOf } from '../names';
import { LIMITS } from '../limits';
import { NetBuilder } from '../net/builder';
import type { Values } from '../net/builder';
import { isOpenImage, readOpen } from '../net/open';
import { areSides, listIn, listRemark } from '../net/row';
import { refuse, shown } from '../refuse';
import type { Notes } from '../tfjs/weights';
import { valuesOf } from './layers/rule';
import type { LayerUse, Wanted } from './layers/rule';
import { RULES, whyNot } from './layers/table';
import type { Layer, Model, Ref } from './model';
import { Settings } from './settings';
import type { LayerWeights } from './weights';
import { inputRowOf, isFirst } from './input';

/** What a network is built from. */
export interface Parts {
  readonly format: Format;
  readonly file: Given;
  readonly model: Model;
  /** Where its layers' weights come from; made anew for each time that it is built. */
  readonly weights: () => LayerWeights;
  readonly keras3: boolean;
  readonly notes: Notes;
  readonly reading: Reading;
}

/** Builds a network of Keras layers. @throws UserError where a layer is not read, or a weight is missing */
export async function buildKeras(parts: Parts): Promise<ReadNetwork> {
  const row = inputRowOf(parts);
  if (isOpenImage(row))
    return readOpen(shown(parts.file.path), row, isFirst(parts.model) ? 0 : 2, (at) =>
      built(parts, at),
    );
  const open = row.map((n) => n ?? '?').join(', ');
  if (row.includes(null))
    throw refuse(
      'E_UPLOAD_INPUT_SHAPE',
      `${shown(parts.file.path)} takes inputs of any size, [${open}], and only the sides of images may be open here.`,
      'Build it with a fixed input shape, load the weights into that, and save it anew.',
    );
  return built(parts, row as readonly number[]);
}

/** The network with inputs of this shape. */
async function built(parts: Parts, row: readonly number[]): Promise<ReadNetwork> {
  const { repairs, remarks } = parts.notes;
  const notes: Notes = { repairs: [...repairs], remarks: [...remarks] };
  const weights = parts.weights();
  const read = await new Build(parts, row, weights, notes).run();
  weights.close(notes);
  return read;
}

class Build {
  private readonly parts: Parts;
  private readonly weights: LayerWeights;
  private readonly notes: Notes;
  private readonly file: string;
  private readonly builder: NetBuilder;
  private readonly first: boolean;
  private readonly start: string;
  /** Images in our order by the values that hold them in the file's. */
  private readonly images = new Map<string, string>();
  private readonly loaded = new Map<string, readonly Values[]>();
  private readonly uses = new Map<string, number>();
  private done = 0;
  private count = 0;

  constructor(parts: Parts, shape: readonly number[], weights: LayerWeights, notes: Notes) {
    this.parts = parts;
    this.weights = weights;
    this.notes = notes;
    this.file = shown(parts.file.path);
    this.first = isFirst(parts.model);
    const list = listIn(shape);
    const image = shape.length === 3 && list === null;
    const ours = this.first && image ? [shape[1], shape[2], shape[0]] : shape;
    // A picture without an axis for its one channel.
    const [height = 1, width = 1] = shape;
    const flat = shape.length === 2 && list === null && areSides(height, width);
    const row = list ? [list.size] : flat ? [...shape, 1] : ours;
    this.builder = new NetBuilder(this.file, row as number[]);
    this.start = 'input';
    if (list) {
      this.start = this.builder.add('input/list', 'input', { op: 'reshape', shape });
      notes.remarks.push(listRemark(['?', ...shape].join(', '), list.size));
    } else if (flat) {
      this.start = this.builder.add('input/flat', 'input', { op: 'reshape', shape });
      notes.remarks.push(
        `The file takes [${shape.join(', ')}]; this was read as an image with one channel.`,
      );
    } else if (this.first && image) {
      this.start = this.builder.add('input/first', 'input', { op: 'permute', order: [2, 0, 1] });
      this.images.set(this.start, 'input');
    }
  }

  async run(): Promise<ReadNetwork> {
    const { format, file, model } = this.parts;
    const { notes } = this;
    const outputs = await this.network(model, [this.start], []);
    const last = outputs.map((value) => this.ours(value));
    const output = last[0] as string;
    if (last.some((value) => value === 'input'))
      throw this.refused('an output of its network is its input');
    const finished = this.builder.finish(output, last);
    const { graph } = finished;
    for (const [path, count] of this.uses)
      if (count > 1 && this.loaded.has(path))
        notes.remarks.push(
          `The layer ${shown(path.replaceAll('\0', '/'))} is used ${count} times; as a student, each use would learn weights of its own.`,
        );
    return {
      format,
      title: titleOf(file.path),
      ...finished,
      outputs: last,
      layout: graph.input.length !== 3 ? 'none' : this.first ? 'NCHW' : 'NHWC',
      layers: this.count,
      classes: null,
      repairs: notes.repairs,
      remarks: notes.remarks,
    };
  }

  /** The values that a network makes of its inputs. */
  private network(
    model: Model,
    inputs: readonly string[],
    path: readonly string[],
  ): Promise<readonly string[]> {
    return model.ends === null
      ? this.chain(model, inputs, path)
      : this.functional(model, model.ends, inputs, path);
  }

  private async chain(
    model: Model,
    inputs: readonly string[],
    path: readonly string[],
  ): Promise<readonly string[]> {
    let values = inputs;
    for (const layer of model.layers)
      if (layer.kind !== 'InputLayer') values = await this.layer(layer, values, path);
    return values;
  }

  private async functional(
    model: Model,
    ends: NonNullable<Model['ends']>,
    inputs: readonly string[],
    path: readonly string[],
  ): Promise<readonly string[]> {
    if (ends.inputs.length !== inputs.length)
      throw path.length === 0
        ? refuse(
            'E_UPLOAD_INPUTS',
            `${this.file} cannot be used: its network has ${ends.inputs.length} inputs, and one is given.`,
            'Use a network with one input.',
          )
        : this.refused(
            `${shown(path.join('/'))} has ${ends.inputs.length} inputs and gets ${inputs.length}`,
          );
    const values = new Map<string, readonly string[]>();
    const keyOf = (layer: string, call: number) => `${call} ${layer}`;
    ends.inputs.forEach(({ layer, call }, i) =>
      values.set(keyOf(layer, call), [inputs[i] as string]),
    );
    const before = uncounted(model, ends.outputs);
    let left = model.layers.flatMap((layer) =>
      layer.calls
        .map((call, i) => ({
          layer,
          call,
          key: keyOf(layer.name, i + (before.has(layer.name) ? 1 : 0)),
        }))
        .filter(({ key }) => !values.has(key)),
    );
    // Layers usually stand before their readers; where they do not, another round finds what is then there.
    while (left.length > 0) {
      const later: typeof left = [];
      for (const each of left) {
        const read = each.call.inputs.map((ref) =>
          typeof ref === 'number' ? ref : values.get(keyOf(ref.layer, ref.call))?.[ref.tensor],
        );
        if (read.includes(undefined)) later.push(each);
        else {
          const given = read.map((value, i) =>
            typeof value === 'number'
              ? this.builder.literal(`${each.layer.name}/constant ${i}`, valuesOf([1], [value]))
              : (value as string),
          );
          values.set(each.key, await this.layer(each.layer, given, path));
        }
      }
      if (later.length === left.length) {
        const names = later.slice(0, 4).map(({ layer }) => shown(layer.name));
        throw this.refused(
          `${names.join(', ')} read what no layer makes, or one another in a circle`,
        );
      }
      left = later;
    }
    return ends.outputs.map(({ layer, call, tensor }) => {
      const value = values.get(keyOf(layer, call))?.[tensor];
      if (value === undefined)
        throw this.refused(`its output ${shown(layer)} is not among its layers`);
      return value;
    });
  }

  private async layer(
    layer: Layer,
    inputs: readonly string[],
    around: readonly string[],
  ): Promise<readonly string[]> {
    const { reading } = this.parts;
    reading.signal?.throwIfAborted();
    if (++this.done > 2 * LIMITS.layers)
      throw this.refused(`it uses its layers more than ${2 * LIMITS.layers} times`);
    reading.progress('Building the network', Math.min(1, this.done / 1000));
    const path = [...around, layer.name];
    if (layer.model) return this.network(layer.model, inputs, path);
    if (layer.kind === 'InputLayer') return inputs;
    this.count++;
    const rule = RULES.get(layer.kind);
    if (!rule) {
      const { why, hint } = whyNot(layer.kind);
      throw refuse(
        'E_UPLOAD_LAYER',
        `${this.file} cannot be used: layer ${shown(path.join('/'))} is a ${shown(layer.kind)}; ${why}.`,
        hint,
      );
    }
    if (inputs.length === 0) throw this.refused(`layer ${shown(layer.name)} reads nothing`);
    const key = path.join('\0');
    const times = (this.uses.get(key) ?? 0) + 1;
    this.uses.set(key, times);
    const value = await rule(this.useOf(layer, inputs, path));
    const tapped = this.ours(value);
    if ([1, 3].includes(this.builder.shape(tapped).length))
      this.builder.tap(times === 1 ? path.join('/') : `${path.join('/')}#${times}`, tapped);
    return [value];
  }

  private useOf(layer: Layer, inputs: readonly string[], path: readonly string[]): LayerUse {
    const { keras3 } = this.parts;
    const { notes } = this;
    const name = path.join('/');
    const wrong = (why: string, hint = 'Save the network anew from where it was trained.') =>
      refuse(
        'E_UPLOAD_LAYER',
        `${this.file} cannot be used: in layer ${shown(name)} (${shown(layer.kind, 40)}), ${why}.`,
        hint,
      );
    const settings = new Settings(layer.config, wrong);
    this.checkPolicy(layer, wrong);
    const input = inputs[0] as string;
    const ofLayer = settings.get('data_format') === 'channels_first';
    return {
      builder: this.builder,
      kind: layer.kind,
      name,
      settings,
      inputs,
      input,
      keras3,
      weights: (wanted) => this.weightsOf(path, wanted),
      image: (first = ofLayer) => {
        const shape = this.builder.shape(input);
        if (shape.length !== 3)
          throw wrong(`an image is needed, and its input has the shape [${shape.join(', ')}]`);
        return first ? this.toImage(input, name) : input;
      },
      back: (value, first = ofLayer) => (first ? this.toFirst(value, name) : value),
      remark: (sentence) => notes.remarks.push(sentence),
      wrong,
    };
  }

  /** A value as others see it: an image of a network with its channels first has them last. */
  private ours(value: string): string {
    return this.first ? (this.images.get(value) ?? value) : value;
  }

  private toImage(value: string, name: string): string {
    const known = this.images.get(value);
    if (known !== undefined) return known;
    const image = this.builder.add(`${name}/last`, value, { op: 'permute', order: [1, 2, 0] });
    this.images.set(value, image);
    return image;
  }

  private toFirst(image: string, name: string): string {
    const value = this.builder.add(`${name}/first`, image, { op: 'permute', order: [2, 0, 1] });
    this.images.set(value, image);
    return value;
  }

  private async weightsOf(
    path: readonly string[],
    wanted: readonly Wanted[],
  ): Promise<readonly Values[]> {
    const key = path.join('\0');
    const known = this.loaded.get(key);
    if (known) return known;
    const found = await this.weights.take(path, wanted);
    if (found.length > 0) this.loaded.set(key, found);
    return found;
  }

  /** Numbers of few bits are Keras's own quantisation, whose layers hold other weights. */
  private checkPolicy(layer: Layer, wrong: (why: string, hint?: string) => Error): void {
    const raw = fieldOf(layer.config, 'dtype');
    const policy = textOf(raw) ?? textOf(fieldOf(fieldOf(raw, 'config'), 'name')) ?? '';
    const quantised =
      /^(int8|int4|float8|gptq|awq)/.test(policy) ||
      fieldOf(raw, 'class_name') === 'QuantizedDTypePolicy';
    if (quantised)
      throw wrong(
        `its numbers are quantised (${shown(policy, 40)}), which is not read`,
        'Save the network as it was before it was quantised.',
      );
  }

  private refused(why: string): Error {
    return refuse(
      'E_UPLOAD_CONFIG',
      `${this.file} cannot be used: ${why}.`,
      'Save the network anew from where it was trained.',
    );
  }
}

/**
 * The networks within a network whose calls are counted from 1: Keras 2 and TensorFlow.js count a network's own making as
 * its first call and leave it out of the list. It shows where something reads the call after the last.
 */
function uncounted(model: Model, outputs: readonly Ref[]): ReadonlySet<string> {
  const calls = new Map(
    model.layers.flatMap((layer) =>
      layer.model ? [[layer.name, layer.calls.length] as const] : [],
    ),
  );
  const refs = model.layers.flatMap((layer) => layer.calls.flatMap(({ inputs }) => inputs));
  return new Set(
    [...refs, ...outputs].flatMap((ref) =>
      typeof ref !== 'number' && calls.get(ref.layer) === ref.call ? [ref.layer] : [],
    ),
  );
}
