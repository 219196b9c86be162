import { take } from '../bytes';
import { fieldOf } from '../fields';
import type { Given, ReadNetwork, Reading } from '../given';
import { parseJson } from '../json';
import { buildKeras } from '../keras/build';
import { isKeras3 } from '../keras/version';
import { modelOf } from '../keras/model';
import { NamedWeights } from '../keras/weights';
import { refuse, shown } from '../refuse';
import { readManifest } from './weights';
import type { Notes } from './weights';

/** Reads a LayersModel of TensorFlow.js: model.json and the weight files beside it. */
export async function readLayersModel(
  file: Given,
  beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  const json = parseJson(await take(file, 0, file.size), file.path);
  const topology = fieldOf(json, 'modelTopology') ?? json;
  const config = fieldOf(topology, 'model_config', 'modelConfig') ?? topology;
  const name = shown(file.path);
  if (fieldOf(config, 'class_name', 'className') === undefined)
    throw refuse(
      'E_UPLOAD_CONFIG',
      `${name} holds weights but not the network that they belong to.`,
      'Save the whole model (model.save), not its weights alone.',
    );
  const notes: Notes = { repairs: [], remarks: [] };
  const model = modelOf(config, name);
  const values = await readManifest(fieldOf(json, 'weightsManifest'), file, beside, reading, notes);
  const version =
    fieldOf(topology, 'keras_version', 'kerasVersion') ?? fieldOf(json, 'generatedBy');
  const stored = [...values].map(([weight, value]) => ({
    name: weight,
    group: null,
    shape: value.shape,
    load: () => Promise.resolve(value),
  }));
  const weights = () => new NamedWeights(name, model, stored);
  const keras3 = isKeras3(version);
  return buildKeras({ format: 'tfjs-layers', file, model, weights, keras3, notes, reading });
}
