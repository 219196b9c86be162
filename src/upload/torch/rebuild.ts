import { LIMITS } from '../limits';
import { Dict, Global, List, Opaque, StorageRef, TensorRef } from './pickled';
import type { Pickled } from './pickled';

/** Names that stand for a plain empty or filled container. */
const DICTS: ReadonlySet<string> = new Set([
  'collections.OrderedDict',
  'builtins.dict',
  '__builtin__.dict',
]);
const LISTS: ReadonlyMap<string, 'list' | 'tuple' | 'set'> = new Map([
  ['builtins.list', 'list'],
  ['__builtin__.list', 'list'],
  ['builtins.tuple', 'tuple'],
  ['__builtin__.tuple', 'tuple'],
  ['torch.Size', 'tuple'],
  ['builtins.set', 'set'],
  ['__builtin__.set', 'set'],
  ['builtins.frozenset', 'set'],
  ['__builtin__.frozenset', 'set'],
]);

/**
 * What calling a named thing would make, for the few names that we know by heart; for all others an opaque value. Nothing
 * is looked up, and nothing is called.
 *
 * @param spend told of every item that is copied, and throws where they are too many
 */
export function rebuild(
  callable: Pickled,
  given: Pickled,
  spend: (items: number) => void,
): Pickled {
  if (!(callable instanceof Global)) return new Opaque(nameOf(callable));
  const { name } = callable;
  const args = given instanceof List ? given.items : [];
  const kind = LISTS.get(name);
  if (kind) return new List(kind, args[0] instanceof List ? args[0].items : []);
  if (DICTS.has(name)) return dictOf(args[0], spend);
  switch (name) {
    case '_codecs.encode':
      if (typeof args[0] !== 'string') return new Opaque(name);
      spend(args[0].length);
      return latin1(args[0]);
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
      return tensorOf(args, null) ?? new Opaque(name);
    case 'torch._utils._rebuild_tensor_v3':
      return tensorOf(args, args[6] instanceof Global ? args[6].name : null) ?? new Opaque(name);
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
      return args[0] instanceof TensorRef ? args[0] : new Opaque(name);
    case 'torch._tensor._rebuild_from_type_v2': {
      // (how, class, what for, state): the tensor without what was hung on it.
      const [how, , what] = args;
      const again = how instanceof Global && how.name === name;
      return again ? new Opaque(name) : rebuild(how ?? null, what ?? null, spend);
    }
    case 'copy_reg._reconstructor':
    case 'copyreg._reconstructor':
      // (class, base, its state): an object of old protocols.
      return new Opaque(nameOf(args[0] ?? null));
    default:
      return new Opaque(name);
  }
}

/**
 * What a persistent id stands for: ('storage', class, key, device, count, view), or in the older form also
 * ('module', class, file, source), where only the class counts.
 */
export function persistent(id: Pickled): Pickled {
  const [tag, type, key, , count, view] = id instanceof List ? id.items : [];
  if (tag === 'module' && type instanceof Global) return type;
  if (tag !== 'storage' || !(type instanceof Global)) return new Opaque('a reference');
  const [viewKey, from, size] = view instanceof List ? view.items : [];
  const name = type.name.split('.').at(-1) ?? '';
  const text = keyOf(key);
  if (text === null || !isCount(count)) return new Opaque(type.name);
  if (viewKey === undefined) return new StorageRef(text, name, count, 0);
  return isCount(from) && isCount(size)
    ? new StorageRef(text, name, from + size, from)
    : new Opaque(type.name);
}

export function nameOf(value: Pickled): string {
  return value instanceof Global || value instanceof Opaque ? value.name : 'a value';
}

function keyOf(key: Pickled | undefined): string | null {
  const plain = typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint';
  return plain ? String(key) : null;
}

function tensorOf(args: readonly Pickled[], dtype: string | null): TensorRef | null {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof StorageRef) || !isCount(offset)) return null;
  if (!(shape instanceof List) || !(strides instanceof List)) return null;
  if (!shape.items.every(isCount) || !strides.items.every(isCount)) return null;
  if (shape.items.length !== strides.items.length || shape.items.length > LIMITS.rank) return null;
  return new TensorRef(storage, storage.from + offset, shape.items, strides.items, dtype);
}

const isCount = (value: Pickled | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function dictOf(pairs: Pickled | undefined, spend: (items: number) => void): Dict {
  if (pairs instanceof Dict) return pairs;
  const dict = new Dict();
  if (!(pairs instanceof List)) return dict;
  spend(pairs.items.length);
  for (const pair of pairs.items)
    if (pair instanceof List && pair.items.length === 2)
      dict.entries.set(pair.items[0] ?? null, pair.items[1] ?? null);
  return dict;
}

const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
