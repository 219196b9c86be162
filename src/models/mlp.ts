import type { Model } from './contract';
import { GraphBuilder } from './net/graph';

/** Fully connected tanh layers on the plane and on the line. */
const mlp: Model = {
  id: 'mlp',
  title: 'MLP',
  oneLine: 'Fully connected tanh layers, for points on the plane or the line.',
  params: {
    hidden: {
      kind: 'list',
      label: 'Hidden layers',
      help: 'Units of each hidden layer.',
      default: [6, 6],
      minLength: 1,
      maxLength: 4,
      min: 1,
      max: 256,
      advanced: true,
    },
  },
  cite: [],
  inputs: ['plane', 'line'],
  graph(input, classes, params) {
    const b = new GraphBuilder();
    const taps: Record<string, string> = {};
    let at = 'input';
    for (const [index, units] of (params.hidden as readonly number[]).entries()) {
      const name = `hidden${index + 1}`;
      at = b.activate('tanh', `${name}.out`, b.dense(name, at, units));
      taps[name] = at;
    }
    return { input, nodes: b.nodes, output: b.dense('head', at, classes), taps };
  },
};

export default mlp;
