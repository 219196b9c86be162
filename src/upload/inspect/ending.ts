import type { Graph, Node } from '../../models/net/graph';
import { shapesOf, sizeOf } from '../../models/net/graph';

/** What the last operation before an output is, as far as it says what the output means. */
export interface Ending {
  readonly op: 'softmax' | 'logSoftmax' | 'sigmoid' | null;
  /** The value that the operation reads: logits; the output itself where there is none. */
  readonly before: string;
}

/** Looks back from an output through changes of shape alone. */
export function endingOf(graph: Graph, output: string): Ending {
  const nodes = new Map<string, Node>(graph.nodes.map((node) => [node.name, node]));
  const shapes = shapesOf(graph);
  let at = nodes.get(output);
  while (at?.op === 'reshape') at = nodes.get(at.input);
  if (at?.op === 'softmax' || at?.op === 'logSoftmax') {
    const shape = shapes.get(at.input) ?? [];
    // Over one axis of several it would be other logits for each place.
    if (shape.at(-1) === sizeOf(shape)) return { op: at.op, before: at.input };
  }
  if (at?.op === 'curve' && at.curve === 'sigmoid') return { op: 'sigmoid', before: at.input };
  return { op: null, before: output };
}
