import { sizeOf } from '../../models/net/graph';
import type { Values } from '../net/builder';
import { refuse, shown } from '../refuse';
import type { Notes } from '../tfjs/weights';
import type { Wanted } from './layers/rule';
import type { Model } from './model';

/** Where the weights of a network's layers come from. */
export interface LayerWeights {
  /**
   * The weights of one layer, in the order in which they are wanted.
   *
   * @param path names of the networks around the layer, and its own
   * @throws UserError where one is missing or has another shape
   */
  take(path: readonly string[], wanted: readonly Wanted[]): Promise<readonly Values[]>;
  /** Says what was left over. @throws UserError where what was taken by order could have been something else */
  close(notes: Notes): void;
}

/** A weight in a file that has not been read yet. */
export interface Stored {
  /** Its whole name, with / between parts: "sequential/conv2d/kernel:0". */
  readonly name: string;
  /** The layer of the outermost network that it lies under, where the file says so. */
  readonly group: string | null;
  readonly shape: readonly number[];
  load(): Promise<Values>;
}

/** The paths of all layers of a network that are no networks themselves. */
function leavesOf(model: Model, around: readonly string[] = []): readonly (readonly string[])[] {
  return model.layers.flatMap((layer) => {
    const path = [...around, layer.name];
    return layer.model ? leavesOf(layer.model, path) : [path];
  });
}

const keyOf = (path: readonly string[]) => path.join('\0');

/** "kernel" of "kernel:0" and "kernel_1:0", as TensorFlow numbers names that it has seen. */
const partOf = (name: string) => name.replace(/:\d{1,4}$/, '').replace(/_\d{1,6}$/, '');

const missing = (file: string, path: readonly string[], part: string) =>
  refuse(
    'E_UPLOAD_WEIGHTS_MISSING',
    `${file} cannot be used: the weight ${shown(part)} of layer ${shown(path.join('/'))} is not in it.`,
    'Save the model anew with all its weights; weights that are missing are never made up.',
  );

/** @throws UserError where a weight's shape is not the one that the configuration says */
function fitting(
  file: string,
  path: readonly string[],
  want: Wanted,
  shape: readonly number[],
): void {
  if (String(shape) === String(want.shape)) return;
  throw refuse(
    'E_UPLOAD_WEIGHTS_SHAPE',
    `${file} cannot be used: the weight ${want.part} of layer ${shown(path.join('/'))} has shape [${shape.join(', ')}] where its configuration needs [${want.shape.join(', ')}].`,
    'The weights belong to another network than the configuration: save both together anew.',
  );
}

/**
 * Weights in one list, matched to layers by their names: "conv2d/kernel", "sequential/conv2d/kernel:0" or, below a
 * network, "inner/conv2d/kernel". Those that no name matches are given by their order, if part and shape fit and nothing
 * of that kind is left over; that is a repair, and said.
 */
export class NamedWeights implements LayerWeights {
  private readonly file: string;
  private readonly claimed = new Map<string, Stored[]>();
  private readonly orphans: Stored[] = [];
  private readonly used = new Set<Stored>();
  private readonly all: readonly Stored[];
  private readonly byOrder: { readonly path: string; readonly kind: string }[] = [];

  constructor(file: string, model: Model, all: readonly Stored[]) {
    this.file = file;
    this.all = all;
    const byName = new Map<string, (readonly string[])[]>();
    for (const path of leavesOf(model))
      for (const name of new Set([path.at(-1) as string, path[0] as string]))
        byName.set(name, [...(byName.get(name) ?? []), path]);
    for (const stored of all) {
      const path = ownerOf(stored, byName);
      if (path) {
        const key = keyOf(path);
        const list = this.claimed.get(key);
        if (list) list.push(stored);
        else this.claimed.set(key, [stored]);
      } else this.orphans.push(stored);
    }
  }

  take(path: readonly string[], wanted: readonly Wanted[]): Promise<readonly Values[]> {
    const own = this.claimed.get(keyOf(path)) ?? [];
    const found = wanted.map((want, i) => {
      const named = own.find(({ name }) => {
        const part = partOf(name.slice(name.lastIndexOf('/') + 1));
        return part === want.part || part === want.also;
      });
      const placed = own.length === wanted.length ? own[i] : undefined;
      const stored = named ?? placed ?? this.orphanFor(path, want);
      if (!stored) throw missing(this.file, path, want.part);
      fitting(this.file, path, want, stored.shape);
      this.used.add(stored);
      return stored;
    });
    return Promise.all(found.map((stored) => stored.load()));
  }

  close(notes: Notes): void {
    const left = this.all.filter((stored) => !this.used.has(stored));
    const kinds = new Set(this.byOrder.map(({ kind }) => kind));
    const rival = left.find((stored) => kinds.has(kindOf(stored.name, stored.shape)));
    if (rival)
      throw refuse(
        'E_UPLOAD_WEIGHTS_MISSING',
        `${this.file} cannot be used: its weights are named for other layers than its own, and ${shown(rival.name)} fits more than one of them.`,
        'Save the model anew, so that weights and layers bear the same names.',
      );
    const layers = [...new Set(this.byOrder.map(({ path }) => path))];
    if (layers.length > 0)
      notes.repairs.push(
        `The weights of ${layers.length === 1 ? 'the layer' : `${layers.length} layers, from`} ${shown(layers[0] as string)} on, bear other names; they were taken by their order and shapes.`.replace(
          ' on, bear',
          layers.length === 1 ? ' bear' : ' on, bear',
        ),
      );
    const names = left.filter(
      ({ name }) => partOf(name.slice(name.lastIndexOf('/') + 1)) !== 'count',
    );
    if (names.length > 0)
      notes.remarks.push(
        `${names.length === 1 ? 'One weight belongs' : `${names.length} weights belong`} to no layer and ${names.length === 1 ? 'was' : 'were'} left out: ${names
          .slice(0, 4)
          .map(({ name }) => shown(name))
          .join(', ')}${names.length > 4 ? ', ...' : ''}.`,
      );
  }

  /** The first weight that no layer claims and that has this part and shape. */
  private orphanFor(path: readonly string[], want: Wanted): Stored | undefined {
    const kinds = [want.part, want.also ?? want.part].map((part) => kindOf(part, want.shape));
    const found = this.orphans.find(
      (stored) => !this.used.has(stored) && kinds.includes(kindOf(stored.name, stored.shape)),
    );
    if (found) this.byOrder.push({ path: path.join('/'), kind: kindOf(found.name, found.shape) });
    return found;
  }
}

const kindOf = (name: string, shape: readonly number[]) =>
  `${partOf(name.slice(name.lastIndexOf('/') + 1))} ${shape.join(' ')}`;

/** The layer that a weight names best, or null where none or several do. */
function ownerOf(
  { name, group }: Stored,
  byName: ReadonlyMap<string, readonly (readonly string[])[]>,
): readonly string[] | null {
  const owner = name.split('/').slice(0, -1);
  const within = new Set(group === null ? owner : [...owner, group]);
  let best: readonly string[] | null = null;
  let most = 0;
  const seen = new Set<readonly string[]>();
  for (const part of within)
    for (const path of byName.get(part) ?? []) {
      if (seen.has(path) || (group !== null && path[0] !== group)) continue;
      seen.add(path);
      // A layer of the outermost network owns all that lies in its group; others are known by their own name.
      const own = group !== null && path.length === 1 ? true : within.has(path.at(-1) as string);
      if (!own) continue;
      const last = owner.at(-1) === path.at(-1) ? 1000 : 0;
      const score = 1 + last + path.filter((each) => within.has(each)).length * 10 - path.length;
      if (score === most) best = null;
      else if (score > most) [best, most] = [path, score];
    }
  return best;
}

/** Weights by their numbers within each layer, as .keras files hold them. */
export class NumberedWeights implements LayerWeights {
  private readonly file: string;
  private readonly layers: ReadonlyMap<string, readonly Stored[]>;
  private readonly taken = new Set<string>();

  /** @param layers the weights of each layer in order, by the layer's path with NULs between names */
  constructor(file: string, layers: ReadonlyMap<string, readonly Stored[]>) {
    this.file = file;
    this.layers = layers;
  }

  take(path: readonly string[], wanted: readonly Wanted[]): Promise<readonly Values[]> {
    const own = this.layers.get(keyOf(path)) ?? [];
    this.taken.add(keyOf(path));
    const found = wanted.map((want, i) => {
      const stored = own[i];
      if (!stored) throw missing(this.file, path, want.part);
      fitting(this.file, path, want, stored.shape);
      return stored;
    });
    return Promise.all(found.map((stored) => stored.load()));
  }

  close(notes: Notes): void {
    const left = [...this.layers].filter(
      ([key, own]) => !this.taken.has(key) && own.some(({ shape }) => sizeOf(shape) > 1),
    );
    if (left.length > 0)
      notes.remarks.push(
        `The weights of ${left.length === 1 ? 'one layer' : `${left.length} layers`} were not needed and left out: ${left
          .slice(0, 4)
          .map(([key]) => shown(key.replaceAll('\0', '/')))
          .join(', ')}.`,
      );
  }
}
