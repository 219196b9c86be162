import { sizeOf } from '../../models/net/graph';
import { LIMITS } from '../limits';
import { EXPORT } from '../plain/advice';
import { refuse, shown } from '../refuse';
import { Dict, Global, List, Opaque, TensorRef } from './pickled';
import type { Pickled } from './pickled';
import { moduleOf, stateOf } from './modules';
import type { Module } from './modules';
import { nameOf } from './rebuild';

/** Keys under which training scripts keep the weights in a checkpoint, the likeliest first. */
const WRAPPERS = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'state_dict_ema',
  'model_ema',
  'ema',
  'student',
  'weights',
  'params',
] as const;

/** Tables within tables, the innermost of which holds the weights. */
const MOST_WRAPPERS = 4;

/** The weights of a checkpoint, and what has been said about finding them. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TensorRef>;
  readonly remarks: readonly string[];
  /** The pickled model whose weights they are; null where a table holds them. */
  readonly module: Module | null;
}

/**
 * The state dict within what a checkpoint holds.
 *
 * @throws UserError where it holds a pickled model, or no tensors by name
 */
export function stateDictOf(root: Pickled, file: string): StateDict {
  const remarks: string[] = [];
  let at = root;
  for (let depth = 0; depth < MOST_WRAPPERS; depth++) {
    const inList = onlyTable(at);
    if (inList) {
      remarks.push('The weights stood in a list.');
      at = inList;
    }
    const module = moduleOf(at);
    if (module) return { tensors: checked(stateOf(module), file), remarks, module };
    if (at instanceof Opaque || at instanceof Global) throw wholeModel(file, nameOf(at));
    if (!(at instanceof Dict)) break;
    const key = innerKey(at);
    if (key === null) {
      if (!holdsWeights(at) && !foreign(at)) break;
      return { tensors: checked(at.entries, file), remarks, module: null };
    }
    const others = [...at.entries.keys()].filter((other) => other !== key).map(named);
    remarks.push(
      `The weights stood under "${shown(key)}"${others.length > 0 ? `; ${others.slice(0, 6).join(', ')} beside it ${others.length > 1 ? 'were' : 'was'} not read` : ''}.`,
    );
    at = at.entries.get(key) ?? null;
  }
  throw refuse(
    'E_UPLOAD_NO_WEIGHTS',
    `${shown(file)} cannot be used: it holds ${described(at)}, not tensors by name.`,
    EXPORT,
  );
}

function wholeModel(file: string, name: string): Error {
  return refuse(
    'E_UPLOAD_WHOLE_MODEL',
    `${shown(file)} cannot be used: it pickles a whole object of class ${shown(name)}, which would need that class's program.`,
    EXPORT,
  );
}

function tensorsIn(dict: {
  readonly entries: ReadonlyMap<Pickled, Pickled>;
}): ReadonlyMap<string, TensorRef> {
  const tensors = new Map<string, TensorRef>();
  for (const [key, value] of dict.entries)
    if (typeof key === 'string' && value instanceof TensorRef) tensors.set(key, value);
  return tensors;
}

/** True where tensors stand in a table that may be weights: a tensor without axes is a mere figure, such as an accuracy. */
const holdsWeights = (dict: Dict): boolean =>
  [...tensorsIn(dict).values()].some(({ shape }) => shape.length > 0);

/** The one table of weights in a list or a tuple, or null: training scripts save some of them with figures. */
function onlyTable(value: Pickled): Dict | null {
  if (!(value instanceof List)) return null;
  const tables = value.items.filter(
    (item): item is Dict => item instanceof Dict && (holdsWeights(item) || innerKey(item) !== null),
  );
  return tables.length === 1 ? (tables[0] ?? null) : null;
}

/** The key under which the weights stand, or null where they stand here: a tensor beside them may be a mere figure. */
function innerKey(dict: Dict): string | null {
  const holds = (value: Pickled | undefined) =>
    (value instanceof Dict && value.entries.size > 0) ||
    value instanceof Opaque ||
    (value instanceof List &&
      value.items.some((item) => item instanceof Dict && holdsWeights(item)));
  for (const key of WRAPPERS) if (holds(dict.entries.get(key))) return key;
  const inner = [...dict.entries].filter(([key, value]) => {
    const table = value instanceof List ? listed(value) : value;
    return typeof key === 'string' && table instanceof Dict && holdsWeights(table);
  });
  return inner.length === 1 ? (inner[0]?.[0] as string) : null;
}

/** The one table in a list whose items are looked at, not what is within them. */
function listed({ items }: List): Dict | null {
  const tables = items.filter((item): item is Dict => item instanceof Dict && holdsWeights(item));
  return tables.length === 1 ? (tables[0] ?? null) : null;
}

/** A tensor of a kind that is not read: quantised, sparse. */
const isForeign = (value: Pickled): value is Opaque =>
  value instanceof Opaque && value.name.startsWith('torch.');

const foreign = (dict: Dict): boolean => [...dict.entries.values()].some(isForeign);

function checked(
  entries: ReadonlyMap<Pickled, Pickled>,
  file: string,
): ReadonlyMap<string, TensorRef> {
  const tensors = tensorsIn({ entries });
  let numbers = 0;
  for (const [key, value] of entries) {
    if (isForeign(value))
      throw refuse(
        'E_UPLOAD_TENSOR',
        `${shown(file)} cannot be used: ${named(key)} is made by ${shown(value.name)}, which is not read.`,
        `Convert it to plain float32 tensors first. ${EXPORT}`,
      );
    if (value instanceof TensorRef) numbers += sizeOf(value.shape);
  }
  if (tensors.size > 2 * LIMITS.layers || !(numbers <= LIMITS.parameters))
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${shown(file)} cannot be used: it holds ${tensors.size} tensors of ${numbers} numbers; at most ${2 * LIMITS.layers} and ${LIMITS.parameters} are allowed.`,
      'Use a smaller network.',
    );
  return tensors;
}

const named = (key: Pickled): string =>
  typeof key === 'string' ? `"${shown(key, 40)}"` : 'an entry without a name';

function described(value: Pickled): string {
  if (value instanceof Dict) {
    const keys = [...value.entries.keys()].slice(0, 6).map(named);
    return keys.length > 0 ? `a table of ${keys.join(', ')}` : 'an empty table';
  }
  if (value instanceof List) return `a ${value.kind}`;
  if (value instanceof TensorRef) return 'one tensor';
  return value === null ? 'nothing' : 'a single value';
}
