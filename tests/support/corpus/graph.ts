import { graphJson, tinyGraphModel } from '../files/tfjs-graph';
import { bad, changed } from './case';
import type { BadCase } from './case';

const graphed = (name: string, path: string, to: unknown): BadCase =>
  bad(name, ...tinyGraphModel(changed(graphJson(), path, to)));

/** Spoiled GraphModels of TensorFlow.js. */
export const GRAPHS: readonly BadCase[] = [
  graphed('graph-circle', 'modelTopology.node.8.input', ['r', 'conv/bias']),
  graphed('graph-input-missing', 'modelTopology.node.7.input', ['nowhere']),
  graphed('graph-op-unknown', 'modelTopology.node.8.op', 'PyFunc'),
  graphed('graph-op-loop', 'modelTopology.node.8.op', 'While'),
  graphed('graph-op-proto', 'modelTopology.node.8.op', '__proto__'),
  graphed('graph-name-twice', 'modelTopology.node.8.name', 'x'),
  graphed('graph-without-nodes', 'modelTopology.node', []),
  graphed('graph-input-shape-huge', 'signature.inputs.x.tensorShape.dim.1.size', '99999999'),
  graphed('graph-weight-shape', 'weightsManifest.0.weights.2.shape', [3, 72]),
];
