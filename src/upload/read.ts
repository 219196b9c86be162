import { shapesOf } from '../models/net/graph';
import { sameDepth } from './archive/depth';
import { take } from './bytes';
import { fieldOf, listOf, textOf } from './fields';
import { findModels } from './find';
import type { Found, Model } from './find';
import { foreign } from './foreign';
import type { Foreign } from './foreign';
import type { Given, ReadNetwork, Reading } from './given';
import { baseOf, stemOf, titleOf } from './names';
import { parseJson } from './json';
import { refuse, shown } from './refuse';
import { MODEL_KINDS } from './sniff';
import type { ModelKind } from './sniff';

type Reader = (file: Given, beside: readonly Given[], reading: Reading) => Promise<ReadNetwork>;

/** Each form's reader, loaded where it is needed. */
const READERS: Partial<Readonly<Record<ModelKind, () => Promise<Reader>>>> = {
  'tfjs-layers': async () => (await import('./tfjs/layers')).readLayersModel,
  'tfjs-graph': async () => (await import('./tfjs/graph')).readGraphModel,
  onnx: async () => (await import('./onnx/read')).readOnnx,
  'keras-h5': async () => (await import('./keras/h5')).readKerasH5,
  'keras-3': async () => (await import('./keras/keras3')).readKeras3,
  safetensors: async () => (await import('./safetensors/read')).readSafetensorsFile,
  torch: async () => (await import('./torch/read')).readTorch,
};

/**
 * Reads the one network among files: those that were chosen, those of a folder, or an archive.
 *
 * @throws UserError that says what the files are instead, or what is wrong with the network
 */
export async function readTeacher(files: readonly Given[], reading: Reading): Promise<ReadNetwork> {
  const found = await findModels(files, reading);
  return readModel(theOne(found), found, reading);
}

/** Reads one of the networks that `findModels` found. */
async function readModel(model: Model, found: Found, reading: Reading): Promise<ReadNetwork> {
  const { kind, file } = model;
  const used = new Set<Given>();
  const others = found.files.filter((other) => other !== file);
  if (kind.startsWith('tfjs') || kind === 'onnx') checkSideFiles(found);
  const load = READERS[kind];
  if (!load) throw refuse('E_UPLOAD_KIND', `${shown(file.path)} cannot be read yet.`, '');
  const read = await load();
  reading.progress(`Reading ${shown(file.path)}`, 0);
  const network = await read(
    file,
    others.map((other) => watched(other, used)),
    reading,
  );
  const labels = network.classes ?? (await labelsBeside(others, network));
  return {
    ...network,
    title: titleOf(file.path, model.archive?.path ?? null),
    classes: labels,
    remarks: [...network.remarks, ...unused(others.filter((other) => !used.has(other)))],
  };
}

/** The network that is meant. @throws UserError where there is none, or several */
function theOne({ models, others }: Found): Model {
  const [first, ...more] = models;
  if (!first) throw noModel(others);
  if (more.length === 0) return first;
  const unpacked = models.find(({ file }) => baseOf(file.path) === 'model.weights.h5');
  if (unpacked && models.some(({ file }) => baseOf(file.path) === 'config.json'))
    throw refuse(
      'E_UPLOAD_KIND',
      `These are the parts of a .keras file: config.json and ${shown(unpacked.file.path)}.`,
      'Choose the .keras file itself, or pack its parts into a zip, with no folder around them, and name that model.keras.',
    );
  const stems = new Set(models.map(({ file }) => stemOf(file.path).toLowerCase()));
  const inFolder = models.filter(({ kind }) => kind.startsWith('tfjs'));
  // A folder or a name in common says that they are one network in several forms.
  if (stems.size === 1 || inFolder.length === 1)
    return (
      models.toSorted((a, b) => MODEL_KINDS.indexOf(a.kind) - MODEL_KINDS.indexOf(b.kind))[0] ??
      first
    );
  throw refuse(
    'E_UPLOAD_SEVERAL',
    `There are ${models.length} networks: ${listed(models.map(({ file }) => file.path))}.`,
    'Choose one of them.',
  );
}

/** What says most about why there is no network comes first. */
const TELLING: readonly Foreign[] = [
  'lfs',
  'annex',
  'page',
  'savedModel',
  'graphDef',
  'torchscript',
  'pickle',
  'tflite',
  'coreml',
  'checkpoint',
  'shard',
];

function noModel(others: Found['others']): Error {
  const [first, second] = others;
  if (!first)
    return refuse(
      'E_UPLOAD_EMPTY',
      'There is no file in what was chosen.',
      'Choose a model\u2019s file, its folder or a zip archive of it.',
    );
  if (!second) return foreign(first.kind, first.file.path);
  for (const kind of TELLING) {
    const telling = others.find((other) => other.kind === kind);
    if (telling) return foreign(kind, telling.file.path);
  }
  return refuse(
    'E_UPLOAD_KIND',
    `None of the ${others.length} files is a network that is known here: ${listed(others.map(({ file }) => file.path))}.`,
    'Teachers are read from TensorFlow.js (model.json with its weight files), Keras (.h5, .keras), ONNX, safetensors and PyTorch (.pt, .pth with a state_dict).',
  );
}

/** Refuses weight files that were not downloaded, before a reader finds them too short. */
function checkSideFiles({ others }: Found): void {
  for (const { file, kind } of others) {
    const weights = /(\.bin|\.data|\.weights?|shard[^/]*|\/[^./]+)$/i.test(`/${file.path}`);
    if (weights && (kind === 'lfs' || kind === 'annex' || kind === 'page' || kind === 'empty'))
      throw foreign(kind, file.path);
  }
}

/** A file that notes when it is read. */
function watched(file: Given, used: Set<Given>): Given {
  return sameDepth(file, {
    path: file.path,
    size: file.size,
    read(from, to) {
      used.add(file);
      return file.read(from, to);
    },
  });
}

function unused(files: readonly Given[]): readonly string[] {
  if (files.length === 0) return [];
  return [`Not used: ${listed(files.map(({ path }) => path))}.`];
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, 4).map((name) => shown(name));
  const more = names.length - some.length;
  if (more > 0) return `${some.join(', ')} and ${more.toLocaleString('en')} more`;
  return some.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** Names of classes from a metadata.json as of Teachable Machine, where their number fits. */
async function labelsBeside(
  files: readonly Given[],
  { graph }: ReadNetwork,
): Promise<readonly string[] | null> {
  const file = files.find(({ path }) => /(^|\/)metadata\.json$/.test(path));
  if (!file || file.size > 1024 * 1024) return null;
  try {
    const json = parseJson(await take(file, 0, file.size), file.path);
    const labels = listOf(fieldOf(json, 'labels')).map(textOf);
    const count = shapesOf(graph).get(graph.output)?.at(-1);
    return labels.length === count && labels.every((label) => label !== null)
      ? labels.map((label) => shown(label))
      : null;
  } catch {
    return null;
  }
}
