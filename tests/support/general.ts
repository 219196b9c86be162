import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { FrozenNetwork } from '../../src/models/net/frozen';
import type { Graph, Node } from '../../src/models/net/graph';
import { Network } from '../../src/models/net/network';
import type { Wave } from './golden';
import { wave } from './numbers';

/** A small graph of general nodes with what PyTorch makes of it for two rows (scripts/torch/golden_general.py). */
export interface GeneralCase {
  readonly name: string;
  readonly input: readonly number[];
  readonly nodes: readonly Node[];
  readonly x: Wave;
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly wave: Wave }>>;
  /** Shape of one row of y. */
  readonly shape: readonly number[];
  readonly y: readonly number[];
  /** Of the output times the wave sin(0.317 i + 0.4), for the input and for what is learnt. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

export const generalCases = (
  JSON.parse(readFileSync(new URL('../golden/general.json', import.meta.url), 'utf8')) as {
    readonly cases: readonly GeneralCase[];
  }
).cases;

/** The case's graph, weights and input on the current backend. */
function generalNet({ input, nodes, weights, x }: GeneralCase) {
  const graph: Graph = { input, nodes, output: 'y', taps: {} };
  const made = Object.entries(weights).map(
    ([name, entry]) => [name, wave(entry.shape, entry.wave)] as const,
  );
  const rows = tf.tensor(wave([2, ...input], x), [2, ...input]);
  return { graph, network: new Network(graph, new Map(made)), x: rows };
}

/** What a frozen network makes of the case. */
export async function frozenValues(entry: GeneralCase) {
  const { graph, network, x } = generalNet(entry);
  const frozen = new FrozenNetwork(graph, (name) => network.weight(name));
  const y = frozen.predict(x) as tf.Tensor;
  const found = { shape: y.shape, y: [...(await y.data())] };
  tf.dispose([y, x]);
  frozen.dispose();
  network.dispose();
  return found;
}

/** What a trainable network makes of the case, with the gradients. */
export async function trainedValues(entry: GeneralCase) {
  const { network, x } = generalNet(entry);
  const learnt = network.trainable();
  const { y, gradients } = tf.tidy(() => {
    const made: tf.Tensor[] = [];
    const dy = tf.tensor(wave([2, ...entry.shape], [0.317, 0.4, 1, 0]), [2, ...entry.shape]);
    const gradients = tf.grads((given: tf.Tensor) => {
      made.push(tf.keep(network.forward(given).logits as tf.Tensor));
      return tf.sum(tf.mul(made[0] as tf.Tensor, dy));
    })([x, ...learnt.map(({ variable }) => variable)]);
    return { y: made[0] as tf.Tensor, gradients };
  });
  const names = ['input', ...learnt.map(({ spec }) => spec.name)];
  const found: Record<string, number[]> = {};
  for (const [i, name] of names.entries()) found[name] = [...(await gradients[i]!.data())];
  const values = [...(await y.data())];
  tf.dispose([y, x, ...gradients]);
  network.dispose();
  return { y: values, gradients: found };
}
