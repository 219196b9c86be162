import { openZip } from '../archive/zip';
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
import { wholeOf } from './h5';
import { modelOf } from './model';
import type { Layer, Model } from './model';
import { isKeras3 } from './version';
import { NumberedWeights } from './weights';
import type { Stored } from './weights';

/** Reads a .keras file: a zip of config.json, metadata.json and model.weights.h5. */
export async function readKeras3(
  file: Given,
  _beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  const name = shown(file.path);
  const entries = await openZip(file, reading);
  const entry = (called: string) =>
    entries.find(({ path }) => path.split('/').at(-1) === called) ?? null;
  const configFile = entry('config.json');
  const weightsFile = entry('model.weights.h5');
  if (!configFile || !weightsFile)
    throw refuse(
      configFile ? 'E_UPLOAD_NO_WEIGHTS' : 'E_UPLOAD_CONFIG',
      `${name} is a zip archive without ${configFile ? 'model.weights.h5' : 'config.json'}, which every .keras file has.`,
      'Save the model anew with model.save("model.keras").',
    );
  const config = parseJson(await take(configFile, 0, configFile.size), `${file.path}/config.json`);
  const metadata = entry('metadata.json');
  const version =
    metadata && metadata.size <= LIMITS.jsonBytes
      ? fieldOf(parseJson(await take(metadata, 0, metadata.size), metadata.path), 'keras_version')
      : undefined;
  const notes: Notes = { repairs: [], remarks: [] };
  const model = modelOf(config, name);
  const root = openHdf5(await wholeOf(weightsFile), `${file.path}/model.weights.h5`);
  const layers = new Map<string, readonly Stored[]>();
  const place = placeOf(root);
  if (place.windows)
    notes.repairs.push(
      'The file was saved on Windows, with backslashes in the names of its weights, which Keras itself does not find again; they were read as folders.',
    );
  collect(model, place, '', [], layers, reading);
  const weights = () => new NumberedWeights(name, layers);
  const keras3 = isKeras3(version);
  return buildKeras({ format: 'keras-3', file, model, weights, keras3, notes, reading });
}

/** Finds a group by its path, whichever way the names are joined. */
interface Place {
  readonly windows: boolean;
  find(path: string): H5Object | null;
  /** Names of the groups right below a path. */
  below(path: string): readonly string[];
}

function placeOf(root: H5Object): Place {
  const names = root.names();
  if (!names.some((name) => name.includes('\\')))
    return {
      windows: false,
      find: (path) => root.find(path),
      below: (path) => root.find(path)?.names() ?? [],
    };
  return {
    windows: true,
    find: (path) => root.member(path.replaceAll('/', '\\')),
    below: (path) => {
      const before = `${path.replaceAll('/', '\\')}\\`;
      return names
        .filter((name) => name.startsWith(before))
        .map((name) => name.slice(before.length))
        .filter((name) => !name.includes('\\'));
    },
  };
}

/** What versions of Keras call the folder of a network's layers. */
const FOLDERS = ['layers', '_layer_checkpoint_dependencies'];

/** Finds the weights of all layers of a network: those of each lie in a folder called after its class, and numbered. */
function collect(
  model: Model,
  place: Place,
  at: string,
  around: readonly string[],
  out: Map<string, readonly Stored[]>,
  reading: Reading,
): void {
  const join = (...names: readonly string[]) => names.filter((name) => name !== '').join('/');
  const folder = FOLDERS.map((name) => join(at, name)).find((path) => place.below(path).length > 0);
  if (folder === undefined) return;
  const memberOf = membersOf(model, place, folder);
  for (const layer of model.layers) {
    const member = memberOf(layer);
    if (member === null) continue;
    const path = [...around, layer.name];
    if (layer.model) collect(layer.model, place, join(folder, member), path, out, reading);
    else {
      const vars = place.find(join(folder, member))?.member('vars') ?? null;
      if (vars) out.set(path.join('\0'), numbered(vars, reading));
    }
  }
}

/**
 * The folder of each layer. Newer versions write the layer's own name into it; in older ones the layers of a class stand
 * in their order under the class's name with a number, whatever numbers were left out.
 */
function membersOf(model: Model, place: Place, folder: string): (layer: Layer) => string | null {
  const members = place.below(folder);
  const byName = new Map<string, string>();
  for (const member of members) {
    const own = place.find(`${folder}/${member}`)?.member('vars')?.texts('name')?.[0];
    if (own !== undefined) byName.set(own, member);
  }
  const byClass = new Map<string, { readonly member: string; readonly number: number }[]>();
  for (const member of members) {
    const base = member.replace(/_\d{1,6}$/, '');
    const number = base === member ? 0 : Number(member.slice(base.length + 1));
    byClass.set(base, [...(byClass.get(base) ?? []), { member, number }]);
  }
  for (const list of byClass.values()) list.sort((a, b) => a.number - b.number);
  const counts = new Map<string, number>();
  for (const layer of model.layers) counts.set(snake(layer), (counts.get(snake(layer)) ?? 0) + 1);
  const next = new Map<string, number>();
  return (layer) => {
    const base = snake(layer);
    const i = next.get(base) ?? 0;
    next.set(base, i + 1);
    const named = byName.get(layer.name);
    if (named !== undefined) return named;
    const list = byClass.get(base) ?? [];
    // Another number of folders than of layers does not say which is whose.
    return list.length === counts.get(base) ? (list[i]?.member ?? null) : null;
  };
}

/** The datasets "0", "1", ... of a group. */
function numbered(vars: H5Object, reading: Reading): readonly Stored[] {
  const out: Stored[] = [];
  for (let i = 0; i < 64; i++) {
    const found = vars.member(String(i));
    if (!found?.isDataset()) break;
    out.push({
      name: found.path,
      group: null,
      shape: found.shape(),
      load: () => found.values(reading),
    });
  }
  return out;
}

/** "batch_normalization" of BatchNormalization, as Keras writes classes. */
function snake({ kind }: Layer): string {
  return kind
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
