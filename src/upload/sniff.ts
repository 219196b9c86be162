import { readDirectory } from './archive/zip-directory';
import { head, take } from './bytes';
import { fieldOf, isObject, listOf } from './fields';
import type { Foreign } from './foreign';
import type { Given } from './given';
import { parseJson } from './json';
import { LIMITS } from './limits';
import { protobufKind } from './protobuf-kind';
import { kindOfModelJson } from './tfjs/kind';

/** Kinds of files that hold a network that is read here. */
export const MODEL_KINDS = [
  'tfjs-layers',
  'tfjs-graph',
  'keras-h5',
  'keras-3',
  'onnx',
  'safetensors',
  'torch',
] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** What a file is. A "zip" is one whose files are to be looked at in turn, as those of a folder. */
export type Kind = ModelKind | 'gzip' | 'zip' | Foreign;

const HEAD = 4096;

/** Says what a file is: by its bytes, and by its name only where the bytes say nothing. */
export async function sniff(file: Given): Promise<Kind> {
  if (file.size === 0) return 'empty';
  const bytes = await head(file, HEAD);
  const start = magicOf(bytes);
  if (start === 'zip') return zipKind(file);
  if (start !== null) return start;
  const text = textOf(bytes);
  if (text !== null) return textKind(file, text);
  return (await protobufKind(file)) ?? nameKind(file.path) ?? 'bytes';
}

/** First bytes, as hexadecimal digits with .. for any byte. */
const MAGIC: readonly (readonly [string, Kind, at?: number])[] = [
  ['504b0304', 'zip'],
  ['504b0506', 'zip'],
  ['504b0606', 'zip'],
  ['1f8b', 'gzip'],
  ['4d41544c4142', 'matlab'],
  ['894844460d0a1a0a', 'keras-h5'],
  ['894844460d0a1a0a', 'keras-h5', 512],
  ['894844460d0a1a0a', 'keras-h5', 1024],
  ['894844460d0a1a0a', 'keras-h5', 2048],
  ['54464c33', 'tflite', 4],
  ['4f52544d', 'ort', 4],
  ['800.8a0a6cfc9c46f9206aa85019', 'torch'],
  ['800[2-5]', 'pickle'],
  ['........000000007b', 'safetensors'],
  ['934e554d5059', 'npy'],
  ['47475546', 'gguf'],
  ['(66|70)747274', 'tensorrt'],
  ['1201000000000000', 'mxnet'],
  ['89504e470d0a1a0a', 'image'],
  ['ffd8ff', 'image'],
  ['47494638', 'image'],
  ['424d........00000000', 'image'],
  ['52494646........57454250', 'image'],
  ['0000(08|09|0b|0c|0d|0e)0[1-4]', 'idx'],
  ['526172211a07', 'archive'],
  ['377abcaf271c', 'archive'],
  ['fd377a585a00', 'archive'],
  ['28b52ffd', 'archive'],
  ['425a68', 'archive'],
  ['7573746172', 'archive', 257],
  ['25504446', 'pdf'],
  ['d0cf11e0a1b11ae1', 'office'],
  ['7f454c46', 'program'],
  ['4d5a..00', 'program'],
];
const PATTERNS = MAGIC.map(([hex, kind, at = 0]) => ({ pattern: new RegExp(`^${hex}`), kind, at }));

function magicOf(bytes: Uint8Array): Kind | null {
  const hex = (at: number) =>
    Array.from(bytes.subarray(at, at + 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const places = new Map([0, 4, 257, 512, 1024, 2048].map((at) => [at, hex(at)]));
  return PATTERNS.find(({ pattern, at }) => pattern.test(places.get(at) ?? ''))?.kind ?? null;
}

/** The head as text, or null where it holds what no text does. */
function textOf(bytes: Uint8Array): string | null {
  // Bytes that no text has: controls other than tab, line feed, form feed and carriage return.
  const control = (byte: number) => byte < 32 && ![9, 10, 12, 13].includes(byte);
  if (bytes.some(control)) return null;
  return new TextDecoder().decode(bytes).trimStart();
}

async function textKind(file: Given, text: string): Promise<Kind> {
  if (/^version https:\/\/(git-lfs|hawser)\./.test(text)) return 'lfs';
  if (text.startsWith('/annex/objects/')) return 'annex';
  if (/^<(!doctype html|html|head|body|script)\b/i.test(text)) return 'page';
  if (text.startsWith('<')) {
    if (/<html[\s>]/i.test(text)) return 'page';
    return /<net\s[^>]*version=/.test(text) ? 'openvino' : 'xml';
  }
  if (text.startsWith('{') || text.startsWith('[')) return jsonKind(file, text);
  const [first = '', second = ''] = text.split(/\r?\n/);
  const columns = first.split(/[,;\t]/).length;
  if (columns > 1 && second !== '' && second.split(/[,;\t]/).length === columns) return 'csv';
  return nameKind(file.path) ?? 'text';
}

async function jsonKind(file: Given, text: string): Promise<Kind> {
  const json = file.size <= LIMITS.jsonBytes ? await parsed(file) : undefined;
  if (json === undefined) {
    // Cut off or too long: its beginning may still say what it was meant to be.
    if (/"layer_type"/.test(text)) return 'convnetjs';
    if (/"format"\s*:\s*"graph-model"/.test(text)) return 'tfjs-graph';
    const named = /(^|\/)model\.json$/i.test(file.path);
    return named || /"(modelTopology|weightsManifest|layers-model)"/.test(text)
      ? 'tfjs-layers'
      : 'json';
  }
  const kind = kindOfModelJson(json);
  if (kind !== null) return `tfjs-${kind}`;
  const layers = listOf(fieldOf(json, 'layers'));
  if (layers.some((layer) => fieldOf(layer, 'layer_type') !== undefined)) return 'convnetjs';
  if (layers.length > 0 && layers.every(isObject) && fieldOf(json, 'sizes', 'trainOpts'))
    return 'brainjs';
  return fieldOf(json, 'weightsManifest') === undefined ? 'json' : 'tfjs-layers';
}

/** The file's JSON; undefined where it is none. */
async function parsed(file: Given): Promise<unknown> {
  const bytes = await take(file, 0, file.size);
  try {
    return parseJson(bytes, file.path);
  } catch {
    return undefined;
  }
}

/** What a zip archive is, by the names in it. */
async function zipKind(file: Given): Promise<Kind> {
  const paths = (await readDirectory(file)).map(({ path }) => path);
  const names = new Set(paths);
  if (names.has('config.json') && names.has('model.weights.h5')) return 'keras-3';
  const pickle = paths.find((path) => /^([^/]+\/)?data\.pkl$/.test(path));
  if (pickle !== undefined) {
    const root = pickle.slice(0, -'data.pkl'.length);
    const script =
      names.has(`${root}constants.pkl`) || paths.some((p) => p.startsWith(`${root}code/`));
    return script ? 'torchscript' : 'torch';
  }
  if (paths.length > 0 && paths.every((path) => path.endsWith('.npy'))) return 'npz';
  if (names.has('[Content_Types].xml')) return 'office';
  if (paths.some((path) => path.endsWith('.mlmodel'))) return 'coreml';
  return 'zip';
}

/** Kinds that only their names tell. */
function nameKind(path: string): Foreign | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (/^group\d+-shard\d+of\d+(\.bin)?$/.test(name) || name.endsWith('.bin')) return 'shard';
  if (/\.(index|data-\d{5}-of-\d{5})$/.test(name) || name === 'checkpoint') return 'checkpoint';
  if (/\.(pkl|pickle|joblib)$/.test(name)) return 'pickle';
  return null;
}
