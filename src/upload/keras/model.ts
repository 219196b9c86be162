import { fieldOf, isObject, listOf, textOf } from '../fields';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';

/** A value in a Keras network: what one call of a layer made. */
export interface Ref {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
}

/** One use of a layer on values; numbers stand where a constant was given. */
interface Call {
  readonly inputs: readonly (Ref | number)[];
}

export interface Layer {
  /** The class as the file writes it, without a package; "ops.Add" where it is one of Keras 3's operations. */
  readonly kind: string;
  readonly name: string;
  readonly config: unknown;
  readonly calls: readonly Call[];
  /** The network that this layer is, where it is one. */
  readonly model: Model | null;
}

/** A network as its file describes it. */
export interface Model {
  readonly name: string;
  /** A chain; null where inputs and outputs say what reads what. */
  readonly ends: { readonly inputs: readonly Ref[]; readonly outputs: readonly Ref[] } | null;
  readonly layers: readonly Layer[];
  /** Shape of its input with the batch, where the network rather than a layer says it. */
  readonly shape: unknown;
}

/** Networks within networks. */
const DEPTH = 8;
const SEQUENTIAL = new Set(['Sequential']);
const FUNCTIONAL = new Set(['Functional', 'Model', 'Container', 'Network']);

/**
 * Reads the configuration of a network of Keras 2 or 3 or TensorFlow.js. Nothing is built yet.
 *
 * @param raw an object with class_name and config
 * @throws UserError where it is none, or too deep or large
 */
export function modelOf(raw: unknown, file: string): Model {
  let left: number = LIMITS.layers;
  const wrong = (why: string) =>
    refuse(
      'E_UPLOAD_CONFIG',
      `${file} cannot be used: ${why}.`,
      'Save the network anew as a Sequential or functional model (model.save).',
    );

  const model = (at: unknown, depth: number): Model => {
    const kind = kindOf(at);
    const config = fieldOf(at, 'config');
    if (depth > DEPTH) throw wrong(`its networks stand in one another more than ${DEPTH} deep`);
    const rawLayers = Array.isArray(config) ? config : fieldOf(config, 'layers');
    if (!Array.isArray(rawLayers)) throw wrong(`its ${shown(kind, 40)} network lists no layers`);
    left -= rawLayers.length;
    if (left < 0) throw wrong(`it has more than ${LIMITS.layers} layers`);
    const layers = rawLayers.map((each: unknown, i) => layer(each, i, depth));
    const names = new Set(layers.map(({ name }) => name));
    if (names.size !== layers.length) throw wrong('two of its layers have one name');
    const name = textOf(fieldOf(config, 'name')) ?? kind.toLowerCase();
    const shape =
      fieldOf(
        config,
        'batch_input_shape',
        'batchInputShape',
        'build_input_shape',
        'buildInputShape',
      ) ?? fieldOf(fieldOf(at, 'build_config', 'buildConfig'), 'input_shape', 'inputShape');
    if (SEQUENTIAL.has(kind)) return { name, ends: null, layers, shape };
    const inputs = refsOf(fieldOf(config, 'input_layers', 'inputLayers'));
    const outputs = refsOf(fieldOf(config, 'output_layers', 'outputLayers'));
    if (!inputs || !outputs || inputs.length === 0 || outputs.length === 0)
      throw wrong(`its ${shown(kind, 40)} network does not say its inputs and outputs`);
    return { name, ends: { inputs, outputs }, layers, shape };
  };

  const layer = (at: unknown, i: number, depth: number): Layer => {
    const kind = kindOf(at);
    const config = fieldOf(at, 'config');
    if (kind === '') throw wrong(`layer ${i + 1} has no class`);
    const name = textOf(fieldOf(at, 'name')) ?? textOf(fieldOf(config, 'name')) ?? `layer_${i + 1}`;
    if (name.length > LIMITS.nameLength)
      throw wrong(`layer ${i + 1} has a name of ${name.length} letters`);
    const nested = isModel(kind) && (Array.isArray(config) || isObject(config));
    return {
      kind: isCustom(at)
        ? `${kind} (a class of its author)`
        : isOperation(at)
          ? `ops.${kind}`
          : kind,
      name,
      config,
      calls: listOf(fieldOf(at, 'inbound_nodes', 'inboundNodes')).map((call) =>
        callOf(call, name, kind === 'TFOpLambda'),
      ),
      model: nested ? model(at, depth + 1) : null,
    };
  };

  const callOf = (raw: unknown, name: string, operation: boolean): Call => {
    const inputs: (Ref | number)[] = [];
    const take = (value: unknown, depth: number): void => {
      if (inputs.length > LIMITS.layers || depth > 4)
        throw wrong(`layer ${shown(name)} reads too much`);
      const ref = refOf(value);
      if (ref) inputs.push(ref);
      else if (typeof value === 'number') inputs.push(value);
      else if (Array.isArray(value)) for (const each of value) take(each, depth + 1);
      else if (value !== null && typeof value !== 'boolean' && typeof value !== 'string')
        throw wrong(`layer ${shown(name)} reads something that is not a value`);
    };
    if (isObject(raw)) take(fieldOf(raw, 'args'), 0);
    else take(raw, 0);
    // Keras 2 writes the second value of an operation beside the first: [layer, call, tensor, {y: 127.5}].
    if (operation && Array.isArray(raw)) {
      const second = fieldOf(raw[3], 'y');
      if (second !== undefined) take(second, 0);
      else if (fieldOf(raw[3], 'x') !== undefined) throw wrong(`layer ${shown(name)} reads an "x"`);
    }
    const named = isObject(raw) ? fieldOf(raw, 'kwargs') : null;
    if (isObject(named))
      for (const [key, value] of Object.entries(named))
        if (key === 'inputs') take(value, 0);
        else if (isObject(value) || Array.isArray(value))
          throw wrong(`layer ${shown(name)} reads a value as its "${shown(key, 40)}"`);
    return { inputs };
  };

  if (!isModel(kindOf(raw)))
    throw wrong(
      `its network is a ${shown(kindOf(raw) || 'thing without a class', 40)}, which is made by code that is not in the file`,
    );
  return model(raw, 1);
}

const isModel = (kind: string) => SEQUENTIAL.has(kind) || FUNCTIONAL.has(kind);

function kindOf(at: unknown): string {
  const kind = textOf(fieldOf(at, 'class_name', 'className')) ?? '';
  return kind.length > LIMITS.nameLength ? kind.slice(0, LIMITS.nameLength) : kind;
}

/** Whether Keras 3 says that a layer's class is not one of its own. */
function isCustom(at: unknown): boolean {
  const module = textOf(fieldOf(at, 'module'));
  const registered = textOf(fieldOf(at, 'registered_name', 'registeredName'));
  if (module === null) return registered?.includes('>') ?? false;
  return !['keras', 'tf_keras', 'tensorflow'].includes(module.split('.')[0] as string);
}

/** Whether it is an operation of Keras 3 between layers, whose settings differ from a layer's of the same name. */
function isOperation(at: unknown): boolean {
  const parts = textOf(fieldOf(at, 'module'))?.split('.') ?? [];
  return parts[0] === 'keras' && parts.slice(1, 3).includes('ops');
}

/** A value as Keras 2 writes it, [layer, call, tensor, {}], or Keras 3, with its history. */
function refOf(value: unknown): Ref | null {
  const history = fieldOf(fieldOf(value, 'config'), 'keras_history', 'kerasHistory');
  const parts = Array.isArray(value) ? value : history;
  if (!Array.isArray(parts) || parts.length < 3) return null;
  const [layer, call, tensor] = parts as readonly unknown[];
  if (typeof layer !== 'string' || !isIndex(call) || !isIndex(tensor)) return null;
  return { layer, call: call as number, tensor: tensor as number };
}

const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

/** Values that a network names as its ends: one or a list. */
function refsOf(value: unknown): readonly Ref[] | null {
  const single = refOf(value);
  if (single) return [single];
  const refs = listOf(value).map(refOf);
  return refs.every((ref) => ref !== null) ? refs : null;
}
