import { LIMITS } from '../limits';
import { Dict, Opaque, TensorRef } from './pickled';
import type { Pickled } from './pickled';

/** A pickled nn.Module: its class by name, its attributes as plain data. Nothing of it is ever called. */
export interface Module {
  /** "Conv2d" of PyTorch's own layers, the whole name of others: "__main__.Net". */
  readonly type: string;
  readonly attributes: Dict;
  readonly children: readonly (readonly [string, Module])[];
  /** Parameters and buffers of its own, by their last names. */
  readonly tensors: readonly (readonly [string, TensorRef])[];
}

/** Modules within modules. */
const DEEPEST = 32;

/** The module that a pickle holds; null where it is another object, or is nested beyond all reason. */
export function moduleOf(value: Pickled): Module | null {
  let room = LIMITS.layers;
  const read = (at: Pickled | undefined, depth: number): Module | null => {
    room -= 1;
    if (!(at instanceof Opaque) || !(at.state instanceof Dict) || depth > DEEPEST || room < 0)
      return null;
    const attributes = at.state;
    const inner = dictAt(attributes, '_modules');
    const parameters = dictAt(attributes, '_parameters');
    if (!inner || !parameters) return null;
    const children: [string, Module][] = [];
    for (const [name, child] of inner.entries) {
      // Children that were switched off stand as None.
      if (child === null) continue;
      const module = typeof name === 'string' ? read(child, depth + 1) : null;
      if (!module) return null;
      children.push([name as string, module]);
    }
    const tensors: [string, TensorRef][] = [];
    for (const held of [parameters, dictAt(attributes, '_buffers')])
      for (const [name, tensor] of held?.entries ?? [])
        if (typeof name === 'string' && tensor instanceof TensorRef) tensors.push([name, tensor]);
    const standard = /^torch\.nn\.modules\.[a-z]+\.([A-Za-z0-9]+)$/.exec(at.name);
    return { type: standard?.[1] ?? at.name, attributes, children, tensors };
  };
  const found = read(value, 0);
  if (!found) return null;
  const module = found.type.endsWith('DataParallel')
    ? (found.children.find(([name]) => name === 'module')?.[1] ?? found)
    : found;
  // A layer alone is a sequence of one.
  return module.children.length > 0
    ? module
    : { ...module, type: 'Sequential', children: [['layer', module]], tensors: [] };
}

const dictAt = (dict: Dict, key: string): Dict | null => {
  const found = dict.entries.get(key);
  return found instanceof Dict ? found : null;
};

/** All tensors of a module by their whole names, as its state_dict would have them. */
export function stateOf(module: Module, prefix = ''): ReadonlyMap<string, TensorRef> {
  const all = new Map<string, TensorRef>(
    module.tensors.map(([name, tensor]) => [`${prefix}${name}`, tensor]),
  );
  for (const [name, child] of module.children)
    for (const [own, tensor] of stateOf(child, `${prefix}${name}.`)) all.set(own, tensor);
  return all;
}
