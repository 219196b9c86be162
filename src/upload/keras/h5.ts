import { take } from '../bytes';
import { fieldOf } from '../fields';
import type { Given, ReadNetwork, Reading } from '../given';
import { openHdf5 } from '../hdf5/file';
import type { H5Object } from '../hdf5/file';
import { parseJson } from '../json';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import type { Notes } from '../tfjs/weights';
import { buildKeras } from './build';
import { modelOf } from './model';
import { isKeras3 } from './version';
import { NamedWeights } from './weights';
import type { Stored } from './weights';

/** Reads an .h5 file of Keras: the configuration is an attribute, and every layer's weights lie in a group of its own. */
export async function readKerasH5(
  file: Given,
  _beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  const name = shown(file.path);
  const root = openHdf5(await wholeOf(file), file.path);
  const text = root.texts('model_config')?.[0];
  if (text === undefined) throw withoutConfig(root, name);
  const config = parseJson(new TextEncoder().encode(text), `${file.path} (model_config)`);
  const notes: Notes = { repairs: [], remarks: [] };
  const model = modelOf(config, name);
  const group = root.member('model_weights');
  if (!group)
    throw refuse(
      'E_UPLOAD_NO_WEIGHTS',
      `${name} describes a network but holds no weights.`,
      'Save the whole model with model.save("model.h5") after it was trained.',
    );
  const version = root.texts('keras_version')?.[0] ?? fieldOf(config, 'keras_version');
  const stored = storedOf(group, reading);
  const weights = () => new NamedWeights(name, model, stored);
  const keras3 = isKeras3(version);
  return buildKeras({ format: 'keras-h5', file, model, weights, keras3, notes, reading });
}

/** All bytes of a file. @throws UserError where there are too many */
export function wholeOf(file: Given): Promise<Uint8Array> {
  if (file.size > LIMITS.fileBytes)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${shown(file.path)} has ${Math.ceil(file.size / 2 ** 20)} MiB; at most ${LIMITS.fileBytes / 2 ** 20} are read.`,
      'Use a smaller network, or save it without its optimiser (include_optimizer=False).',
    );
  return take(file, 0, file.size);
}

/** What the file is instead of a whole model. */
function withoutConfig(root: H5Object, name: string): Error {
  const members = root.names();
  const weightsOnly =
    root.texts('layer_names') !== null ||
    root.texts('layer_names0') !== null ||
    ['layers', 'vars', '_layer_checkpoint_dependencies', 'model_weights'].some((each) =>
      members.includes(each),
    );
  if (weightsOnly)
    return refuse(
      'E_UPLOAD_NO_ARCHITECTURE',
      `${name} holds the weights of a Keras network (${listed(root)}) but not its architecture, so nothing says how its layers fit together.`,
      'Build the model in Python as it was trained, call model.load_weights on this file, then model.save("model.keras") and give that.',
    );
  return refuse(
    'E_UPLOAD_KIND',
    `${name} is an HDF5 file, but not one that Keras wrote: it has no model_config.`,
    'Give a file that model.save of Keras wrote.',
  );
}

/** The layers with weights, for the sentence. */
function listed(root: H5Object): string {
  const names = manyTexts(root, 'layer_names').filter(
    (each) => manyTexts(root.member(each), 'weight_names').length > 0,
  );
  const all = names.length > 0 ? names : (root.member('layers') ?? root).names();
  const first = all.slice(0, 4).map((each) => shown(each, 40));
  return all.length > 4 ? `${first.join(', ')}, ... ${all.length} layers` : first.join(', ');
}

/** An attribute of texts; Keras cuts long ones into parts that it numbers. */
function manyTexts(group: H5Object | null, attribute: string): readonly string[] {
  const whole = group?.texts(attribute);
  if (whole) return whole;
  const out: string[] = [];
  for (let i = 0; i < LIMITS.layers; i++) {
    const part = group?.texts(`${attribute}${i}`);
    if (!part) break;
    out.push(...part);
  }
  return out;
}

/** Every weight of every layer's group. */
function storedOf(weights: H5Object, reading: Reading): readonly Stored[] {
  return weights.names().flatMap((group) => {
    const own = weights.member(group);
    return manyTexts(own, 'weight_names').flatMap((name): readonly Stored[] => {
      const found = own?.find(name);
      if (!found?.isDataset()) return [];
      const full = `${group}/${name}`;
      return [{ name: full, group, shape: found.shape(), load: () => found.values(reading) }];
    });
  });
}
