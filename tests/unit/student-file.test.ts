import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compressions } from '../../src/compression/registry';
import { STUDENT_VERSION, studentFile, studentFileName } from '../../src/export/student';
import type { TrainedStudent } from '../../src/export/student';
import { drawWeights } from '../../src/models/net/draw';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { sizeOf, weightsOf } from '../../src/models/net/graph';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import { models } from '../../src/models/registry';
import { defaultsOf } from '../../src/recipe/fields';
import { GENERAL_OPS } from '../../src/models/net/general';
import { fromBytes } from '../../src/upload/bytes';
import { readSafetensorsFile } from '../../src/upload/safetensors/read';
import { generalCases } from '../support/general';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A normalisation with a number of its own for every channel. */
function normalisationOf(input: readonly number[]): TrainedStudent['data']['normalisation'] {
  const channels = Array.from({ length: input.at(-1) ?? 1 }, (_, c) => c);
  return { scale: 1 / 255, mean: channels.map((c) => c / 10), std: channels.map((c) => 1 + c) };
}

/** A student of a model with weights as they are drawn, for inputs of a shape. */
function student(id: string, params: object, input: readonly number[]): TrainedStudent {
  const model = models.get(id);
  const choice = { id, params: { ...defaultsOf(model.params), ...params } };
  const graph = model.graph(input, 3, choice.params);
  return {
    name: 'A student',
    model: choice,
    task: { id: 'shapes', params: {} },
    method: { id: 'kd', params: {} },
    graph,
    weights: drawWeights(graph, 5),
    data: { classes: ['round', '"square"', 'odd'], normalisation: normalisationOf(input) },
  };
}

/** Logits for two inputs. */
function answers({ graph, weights }: Pick<TrainedStudent, 'graph' | 'weights'>): number[][] {
  const tensors = new Map(
    weightsOf(graph).map(({ name, shape }) => [
      name,
      tf.tensor(weights.get(name) as Float32Array, [...shape]),
    ]),
  );
  const network = new FrozenNetwork(graph, (name) => tensors.get(name) as tf.Tensor);
  const x = Float32Array.from({ length: 2 * sizeOf(graph.input) }, (_, i) => Math.sin(0.37 * i));
  return network.predict(tf.tensor(x, [2, ...graph.input])).arraySync();
}

const read = (bytes: Uint8Array) =>
  readSafetensorsFile(fromBytes('student.safetensors', bytes), [], { progress: () => undefined });

describe("a student's file", () => {
  it.each([
    ['resnet8', { widths: [4, 4, 6, 8], stemStride: 1 }, [8, 8, 3]],
    ['tinyconv', { widths: [3, 4] }, [12, 8, 1]],
    ['mlp', { hidden: [5, 4] }, [2]],
  ])('of %s is read again with the same answers', async (id, params, input) => {
    const written = student(id, params, input);
    const network = await read(studentFile(written));
    expect(answers(network)).toEqual(answers(written));
    expect(network.graph).toEqual(written.graph);
    expect([network.classes, network.normalisation]).toEqual([
      written.data.classes,
      written.data.normalisation,
    ]);
  });

  it('holds the graph of a network that a compression has rebuilt', async () => {
    const whole = student('resnet8', { widths: [4, 4, 6, 8] }, [8, 8, 3]);
    const lowRank = compressions.get('low-rank');
    const params = defaultsOf(lowRank.params);
    const rebuilt = lowRank.rebuild?.({ ...whole, seed: 1 }, params, false);
    const thin = { ...whole, ...rebuilt };
    expect(thin.graph.nodes.length).toBeGreaterThan(whole.graph.nodes.length);
    const network = await read(studentFile(thin));
    expect(answers(network)).toEqual(answers(thin));
  });

  it('of an architecture from a file is read again too: the general nodes of the golden values', async () => {
    const seen = new Set<string>();
    for (const { name, input, nodes } of generalCases) {
      const output = nodes.at(-1)!.name;
      const graph = { input, nodes, output, taps: {} };
      const written: TrainedStudent = {
        ...student('mlp', {}, [2]),
        graph,
        weights: drawWeights(graph, 5),
        data: { classes: [], normalisation: normalisationOf(input) },
      };
      const network = await read(studentFile(written));
      expect(network.graph.nodes, name).toEqual(nodes);
      expect([...network.weights.keys()], name).toEqual(weightsOf(graph).map((spec) => spec.name));
      for (const { op } of nodes) seen.add(op);
    }
    expect(GENERAL_OPS.filter((op) => !seen.has(op))).toEqual([]);
  });

  it('without one of its weights is refused, and names it', async () => {
    const { tensors, metadata } = readSafetensors(
      studentFile(student('mlp', { hidden: [5] }, [2])),
      'student',
    );
    const short = new Map([...tensors].filter(([name]) => name !== 'hidden1.bias'));
    await expect(read(writeSafetensors({ tensors: short, metadata }))).rejects.toThrow(
      'its weight hidden1.bias is missing',
    );
  });

  it('has a name without anything that a disk may not like, and the version of its form', () => {
    expect(studentFileName('KD: T = 4 / α', 0, null)).toBe('1-kd-t-4.safetensors');
    expect(studentFileName('ERM', 1, 7)).toBe('2-erm-seed7.safetensors');
    const { metadata } = readSafetensors(studentFile(student('mlp', {}, [2])), 'student');
    expect(metadata['version']).toBe(String(STUDENT_VERSION));
  });
});
