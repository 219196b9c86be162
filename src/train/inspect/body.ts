import * as tf from '@tensorflow/tfjs';
import { shapesOf, sizeOf } from '../../models/net/graph';
import type { Graph } from '../../models/net/graph';
import type { Meaning } from '../../recipe/meaning';
import type { ReadNetwork } from '../../upload/given';
import { putInFront } from '../../upload/inspect/front';
import { reachedFrom } from '../../upload/inspect/taps';
import type { TaskSide } from '../../recipe/task-side';
import { NetBuilder } from '../../upload/net/builder';
import { Teacher } from '../teacher';
import type { Examples } from './examples';

/** Numbers of all values together that a batch may hold: 256 MiB as float32. */
const ROOM = 64 * 1024 * 1024;
const BATCH = 50;

/** Numbers of all values for one row: the executor keeps them all until its end. */
export function activationsOf(graph: Graph): number {
  let sum = 0;
  for (const shape of shapesOf(graph).values()) sum += sizeOf(shape);
  return sum;
}

/** How many rows may be asked about at once. */
export const batchFor = (graph: Graph, wanted = BATCH): number =>
  Math.max(1, Math.min(wanted, Math.floor(ROOM / activationsOf(graph))));

/** What a network put out: for each of its values that were asked for, [rows, size] in one list. */
export type Answered = ReadonlyMap<string, Float32Array>;

/** A network from a file as it is, which is shown the same examples under many normalisations. */
export class Body {
  private readonly net: ReadNetwork;
  private readonly network: Teacher;
  private readonly batch: number;

  /** @param values names of the values that are wanted */
  constructor(net: ReadNetwork, values: readonly string[]) {
    const reached = reachedFrom(net.graph, values);
    const graph: Graph = {
      ...net.graph,
      nodes: net.graph.nodes.filter(({ name }) => reached.has(name)),
      output: values[0] ?? net.graph.output,
      taps: Object.fromEntries(values.map((name, i) => [`${i}`, name])),
    };
    this.net = net;
    this.batch = batchFor(graph);
    this.network = new Teacher(net.title, graph, net.weights);
    this.values = values;
  }

  private readonly values: readonly string[];

  /** What it puts out on some of the examples. `pause` is awaited after each batch. */
  async answers(
    examples: Examples,
    from: number,
    to: number,
    task: TaskSide,
    how: Pick<Meaning, 'input' | 'resize' | 'flatten'>,
    pause: () => Promise<void>,
  ): Promise<Answered> {
    const front = this.front(task, how);
    const found = new Map<string, Float32Array[]>(this.values.map((name) => [name, []]));
    try {
      for (let at = from; at < to; at += this.batch) {
        const rows = Math.min(this.batch, to - at);
        const outs = tf.tidy(() => {
          const x = examples.inputs(at, rows);
          const { taps } = this.network.explain(front ? front.ask(x) : x);
          return this.values.map((_, i) => tf.clone(taps[`${i}`] as tf.Tensor));
        });
        const lists = await Promise.all(outs.map((out) => out.data()));
        tf.dispose(outs);
        this.values.forEach((name, i) => found.get(name)?.push(Float32Array.from(lists[i] ?? [])));
        await pause();
      }
    } finally {
      front?.dispose();
    }
    return new Map([...found].map(([name, lists]) => [name, joined(lists)]));
  }

  dispose(): void {
    this.network.dispose();
  }

  /** What stands before the network under a normalisation; null where nothing does. */
  private front(
    task: TaskSide,
    how: Pick<Meaning, 'input' | 'resize' | 'flatten'>,
  ): Teacher | null {
    const builder = new NetBuilder(this.net.title, task.shape);
    const at = putInFront(builder, this.net.graph.input, task, how);
    if (at === 'input') return null;
    const { graph, weights } = builder.finish(at);
    return new Teacher('front', graph, weights);
  }
}

/** Lists one after the other. */
export function joined(lists: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    out.set(list, at);
    at += list.length;
  }
  return out;
}
