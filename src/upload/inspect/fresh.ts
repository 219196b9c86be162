import type { Graph } from '../../models/net/graph';
import { shapesOf } from '../../models/net/graph';
import type { Meaning } from '../../recipe/meaning';
import type { ReadNetwork } from '../given';
import { endingOf } from './ending';
import { reachedFrom } from './taps';
import type { TaskSide } from '../../recipe/task-side';

/** A network whose last layer answers what a task asks, in the task's own terms. */
export interface Fitted {
  readonly net: ReadNetwork;
  /** Where and what it answers. */
  readonly output: string;
  readonly answers: Meaning['answers'];
  /** How many outputs its last layer had, where it has another number now; else null. */
  readonly before: number | null;
}

/**
 * A network whose weights are to be drawn anew: what its outputs meant does not count then, so that its last dense layer
 * gets the task's number of outputs, in the task's order, and what came after it is left out. Null where there is no
 * dense layer at the end. The new layer's weights are zeros until they are drawn.
 */
export function fitted(net: ReadNetwork, task: TaskSide, output: string): Fitted | null {
  const { graph, weights } = net;
  const dense = lastDense(graph, output);
  const shapes = shapesOf(graph);
  const features = dense && shapes.get(dense.input);
  if (!dense || features?.length !== 1) return null;
  const units = task.targets ? 2 * task.targets.mean.length : task.classes.length;
  const reached = reachedFrom(graph, [dense.name]);
  const nodes = graph.nodes
    .filter(({ name }) => reached.has(name))
    .map((node) => (node === dense ? { ...dense, units } : node));
  const taps = Object.entries(graph.taps).filter(([, node]) => reached.has(node));
  const fresh = new Map(weights);
  fresh.set(`${dense.name}.weight`, new Float32Array((features[0] as number) * units));
  fresh.set(`${dense.name}.bias`, new Float32Array(units));
  return {
    net: {
      ...net,
      graph: { ...graph, nodes, output: dense.name, taps: Object.fromEntries(taps) },
      weights: fresh,
      outputs: [dense.name],
    },
    output: dense.name,
    answers: answersOf(task, dense.name),
    before: dense.units === units ? null : dense.units,
  };
}

/** The dense layer that an output comes from, through changes of shape and a last activation alone. */
function lastDense(graph: Graph, output: string) {
  let name = endingOf(graph, output).before;
  for (;;) {
    const node = graph.nodes.find((one) => one.name === name);
    if (node?.op === 'dense') return node;
    if (node?.op !== 'reshape') return null;
    name = node.input;
  }
}

/** Outputs that are the task's logits or Gaussian heads as they stand. */
function answersOf({ targets, classes }: TaskSide, output: string): Meaning['answers'] {
  if (!targets) return { kind: 'logits', classes: classes.map((_, place) => place) };
  const { mean, std } = targets;
  return { kind: 'values', scale: std, shift: mean, spread: { kind: 'log-variance', output } };
}
