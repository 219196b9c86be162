import type { Weights } from '../../models/net/draw';
import { weightsOfNode } from '../../models/net/graph';
import type { Graph, Node } from '../../models/net/graph';
import type { Meaning } from '../../recipe/meaning';
import type { ReadNetwork } from '../given';
import { NetBuilder } from '../net/builder';
import { atSize } from '../net/sides';
import type { Values } from '../net/builder';
import { formed } from '../plain/build';
import { refuse, shown } from '../refuse';
import { putBehind } from './behind';
import { putInFront } from './front';
import type { TaskSide } from '../../recipe/task-side';

/** A network with its weights, ready for a teacher. */
export interface Adapted {
  readonly graph: Graph;
  readonly weights: Weights;
}

/**
 * The file's network as one of a task: nodes in front turn the task's normalised input into the numbers that the file
 * was trained on, nodes behind turn its answer into the task's logits, or into its Gaussian heads.
 *
 * @throws UserError where the meaning does not fit the network or the task
 */
export function adapt(given: ReadNetwork, task: TaskSide, meaning: Meaning): Adapted {
  const net = atSize(formed(given, meaning.layers), task.shape);
  const file = shown(net.title);
  const builder = new NetBuilder(file, task.shape);
  const input = putInFront(builder, net.graph.input, task, meaning);
  const names = copyInto(builder, net, input);
  const logits = putBehind(builder, net, names, task, meaning);
  for (const [tap, wanted] of Object.entries(meaning.taps)) {
    const value = Object.hasOwn(net.graph.taps, wanted)
      ? names.get(net.graph.taps[wanted] as string)
      : undefined;
    if (value === undefined)
      throw refuse(
        'E_UPLOAD_MEANING',
        `${file} has no inner value named ${shown(wanted)}.`,
        'Choose the inner values anew.',
      );
    builder.tap(tap, value);
  }
  return builder.finish(logits);
}

/** The file's graph, reading its input from a value of the builder's; gives what each of its values is called there. */
function copyInto(
  builder: NetBuilder,
  { graph, weights }: Pick<ReadNetwork, 'graph' | 'weights'>,
  input: string,
): ReadonlyMap<string, string> {
  const names = new Map([['input', input]]);
  const renamed = (name: string): string => names.get(name) ?? name;
  for (const node of graph.nodes) {
    const from = renamed(node.input);
    const { name, input: _, ...body } = within(node, renamed);
    const parts: Record<string, Values> = {};
    for (const { name: full, shape } of weightsOfNode(node, builder.shape(from))) {
      const values = weights.get(full);
      if (values) parts[full.slice(name.length + 1)] = { shape, values };
    }
    names.set(name, builder.add(name, from, body, parts));
  }
  return names;
}

/** A node that reads its other inputs under their new names. */
function within(node: Node, renamed: (name: string) => string): Node {
  switch (node.op) {
    case 'add':
    case 'binary':
    case 'product':
      return { ...node, other: renamed(node.other) };
    case 'concat':
      return { ...node, others: node.others.map(renamed) };
    default:
      return node;
  }
}
