import { describe, expect, it } from 'vitest';
import type { ReadNetwork } from '../../src/upload/given';
import { NetBuilder } from '../../src/upload/net/builder';
import type { Values } from '../../src/upload/net/builder';
import { sameMargins } from '../../src/upload/net/windows';

const values = (shape: readonly number[], fill: (i: number) => number = () => 1): Values => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => fill(i)),
});

describe('the graph of a network from a file', () => {
  it('takes the simplest node for a convolution, and the general one where it must', () => {
    const b = new NetBuilder('a.onnx', [8, 8, 3]);
    const first = b.conv('first', 'input', values([3, 3, 3, 4]), null, { margins: [1, 1, 1, 1] });
    const second = b.conv('second', first, values([3, 3, 4, 4]), values([4]), {
      stride: [2, 2],
      margins: sameMargins([8, 8], { kernel: [3, 3], stride: [2, 2] }),
    });
    const { graph, weights } = b.finish(second);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['conv', 'convolve']);
    expect(b.shape(second)).toEqual([4, 4, 4]);
    expect([...weights.keys()]).toEqual(['first.weight', 'second.weight', 'second.bias']);
    const read: Pick<ReadNetwork, 'graph' | 'weights'> = { graph, weights };
    expect(read.graph.output).toBe('second');
  });

  it('leaves out what the output does not need', () => {
    const b = new NetBuilder('a.onnx', [4]);
    const kept = b.dense('kept', 'input', values([4, 2]), null);
    b.dense('lost', 'input', values([4, 3]), null);
    expect([...b.finish(kept).weights.keys()]).toEqual(['kept.weight', 'kept.bias']);
  });

  it('puts another epsilon into the variance', () => {
    const b = new NetBuilder('a.h5', [2]);
    const norm = b.norm('bn', 'input', {
      gamma: null,
      beta: null,
      mean: values([2], () => 0),
      variance: values([2], () => 1),
      epsilon: 1e-3,
    });
    const { weights } = b.finish(norm);
    expect(weights.get('bn.variance')?.[0]).toBeCloseTo(1 + 1e-3 - 1e-5, 7);
    expect(weights.get('bn.gamma')).toEqual(Float32Array.of(1, 1));
  });

  it.each([
    [
      'a weight of another shape',
      values([2, 4]),
      'its weight has shape [2,4] where [4,2] is needed',
    ],
    [
      'a weight that is no number',
      values([4, 2], (i) => (i === 3 ? NaN : 0)),
      'its weight holds NaN at place 3',
    ],
  ])('refuses %s, and names the layer', (_what, weight, sentence) => {
    const b = new NetBuilder('a.h5', [4]);
    const body = { op: 'dense', units: 2 } as const;
    const add = () => b.add('head', 'input', body, { weight, bias: values([2]) });
    expect(add).toThrow(`a.h5 cannot be used: in layer head, ${sentence}.`);
  });

  it('refuses a value that would be too large before it is made', () => {
    const b = new NetBuilder('a.h5', [4]);
    const add = () => b.add('pad', 'input', { op: 'pad', pads: [[0, 2 ** 30]], value: 0 });
    expect(add).toThrow('would have the shape [1073741828]');
  });
});
