import type { LayerPart } from '../../recipe/layers';

/** What of a file's tensors are layers of a kind that can follow one another, and which tensors are not. */
export interface Parts {
  /** In the order of the file. */
  readonly parts: readonly LayerPart[];
  /** Tensors that belong to no layer that is known. */
  readonly strange: readonly string[];
  /** Single numbers, such as an accuracy or a temperature: no layer that is known has one. */
  readonly figures: readonly string[];
}

/** Names of tensors that only count, and never change an answer. */
const COUNTS = /(^|\.)num_batches_tracked$/;

/**
 * The layers of a state dict by the shapes of their tensors: convolutions, dense layers, batch norms and learnt slopes.
 *
 * @param shapes of the tensors by name, in the order of the file
 */
export function partsOf(shapes: ReadonlyMap<string, readonly number[]>): Parts {
  const layers = new Map<string, Map<string, readonly number[]>>();
  const figures: string[] = [];
  for (const [name, shape] of shapes) {
    if (COUNTS.test(name)) continue;
    if (shape.length === 0) {
      figures.push(name);
      continue;
    }
    const dot = name.lastIndexOf('.');
    const layer = name.slice(0, Math.max(0, dot));
    const own = layers.get(layer) ?? new Map<string, readonly number[]>();
    own.set(name.slice(dot + 1), shape);
    layers.set(layer, own);
  }
  const parts: LayerPart[] = [];
  const strange: string[] = [];
  for (const [name, own] of layers) {
    const part = name === '' ? null : partOf(name, own);
    if (part) parts.push(part);
    else strange.push(...[...own.keys()].map((tensor) => (name ? `${name}.${tensor}` : tensor)));
  }
  return { parts, strange, figures };
}

function partOf(name: string, own: ReadonlyMap<string, readonly number[]>): LayerPart | null {
  const weight = own.get('weight');
  const list = (part: string): number | null => {
    const shape = own.get(part);
    return shape?.length === 1 ? (shape[0] as number) : null;
  };
  const only = (...names: string[]) => [...own.keys()].every((part) => names.includes(part));
  if (weight?.some((n) => n < 1)) return null;
  const mean = list('running_mean');
  if (mean !== null) {
    const fits = ['running_var', ...['weight', 'bias'].filter((part) => own.has(part))].every(
      (part) => list(part) === mean,
    );
    const known = only('weight', 'bias', 'running_mean', 'running_var');
    return fits && known && mean >= 1 ? { op: 'norm', name, size: mean } : null;
  }
  if (!weight || !only('weight', 'bias')) return null;
  if (own.has('bias') && list('bias') !== weight[0]) return null;
  if (weight.length === 4) {
    const [filters, within, h, w] = weight as readonly [number, number, number, number];
    return { op: 'conv', name, filters, within, kernel: [h, w] };
  }
  if (weight.length === 2) {
    const [units, features] = weight as readonly [number, number];
    return { op: 'dense', name, units, features };
  }
  // A scale alone under a norm's name is what is left of a norm, or one over each input's own numbers.
  if (weight.length === 1 && !own.has('bias') && !/(^|[._\d])(bn|gn|ln|in)\d*$|norm/i.test(name))
    return { op: 'slope', name, size: weight[0] as number };
  return null;
}
