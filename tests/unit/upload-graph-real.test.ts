import { beforeAll, describe, expect, it } from 'vitest';
import { readGraphModel } from '../../src/upload/tfjs/graph';
import { useCpu } from '../support/cpu';
import { reading } from '../support/given';
import { answersOf, expectedOf, haveReal, realFile, worst } from '../support/real';

beforeAll(useCpu);

describe.skipIf(!haveReal)('a real GraphModel', () => {
  it('answers as its author says', async () => {
    const folder = 'mnist_cnn_subhadip_tfjs_graph';
    const files = ['model.json', 'group1-shard1of1.bin'].map((name) =>
      realFile(`${folder}/${name}`),
    );
    const read = await readGraphModel(files[0]!, files, reading);
    const { x, outputs } = expectedOf(folder);
    expect(worst(answersOf(read, x), outputs)).toBeLessThan(1e-4);
    expect(read).toMatchObject({ format: 'tfjs-graph', layout: 'NHWC', repairs: [], remarks: [] });
    expect(read.graph.nodes.map(({ op }) => op).join(' ')).toBe(
      'conv relu window conv relu window reshape dense relu dense softmax',
    );
  });
});
