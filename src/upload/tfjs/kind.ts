import { fieldOf } from '../fields';

/** The two kinds of networks that TensorFlow.js writes as a model.json. */
export type ModelJson = 'layers' | 'graph';

/**
 * Which kind of network a parsed model.json holds, or null where it is none. What it holds counts before what it says:
 * a graph has nodes, a network of layers has their configuration.
 */
export function kindOfModelJson(json: unknown): ModelJson | null {
  const topology = fieldOf(json, 'modelTopology');
  if (Array.isArray(fieldOf(topology, 'node'))) return 'graph';
  const layered = [topology, json].some(
    (value) =>
      fieldOf(value, 'model_config', 'modelConfig') !== undefined ||
      (fieldOf(value, 'class_name', 'className') !== undefined &&
        fieldOf(value, 'config') !== undefined),
  );
  if (layered) return 'layers';
  const format = fieldOf(json, 'format');
  if (format === 'graph-model') return 'graph';
  return format === 'layers-model' ? 'layers' : null;
}
