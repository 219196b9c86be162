import { describe, expect, it } from 'vitest';
import { readTeacher } from '../../src/upload/read';
import { atSize } from '../../src/upload/net/sides';
import { caseFiles, haveCases } from '../support/cases';
import { reading } from '../support/given';

const read = (name: string) => readTeacher(caseFiles(name), reading);

/** Files that were found in the world to be read wrongly or refused, and what has to become of them. */
describe.skipIf(!haveCases)('files found in the world', () => {
  it('[1, 784, 1] is a list of 784 numbers', async () => {
    const { graph, remarks } = await read('onnx_flat_784x1');
    expect(graph.input).toEqual([784]);
    expect(remarks[0]).toMatch(
      /^Its input has the shape \[(1|\?), 784, 1\]; this was read as a list/,
    );
  });

  it('[1, 1, 1, 5] is a row of a table', async () => {
    expect((await read('onnx_table_1x1x5')).graph.input).toEqual([5]);
  });

  it.each(['onnx_any_size_gap', 'tfjs_any_size_gap'])(
    '%s takes the size of the task',
    async (name) => {
      const net = await read(name);
      expect(net.anySize).toBe(true);
      expect(net.remarks.join(' ')).toContain('It takes images of any size');
      for (const side of [28, 32, 45]) {
        const shape = [side, side, 3];
        expect(atSize(net, shape).graph.input).toEqual(shape);
      }
    },
  );

  it('a scale of 1 is true', async () => {
    const { graph } = await read('tfjs_batchnorm_scale_1');
    expect(graph.nodes.map(({ op }) => op)).toContain('norm');
  });

  it('FixedDropout passes its input on', async () => {
    const { remarks } = await read('tfjs_fixed_dropout');
    expect(remarks.join(' ')).toContain('is a FixedDropout');
  });

  it('a VGG of three pools fits 24 to 31 pixels, 28 among them', async () => {
    const net = await read('vgg_three_pools_28px');
    expect(net.graph.input.slice(0, 2)).toEqual([28, 28]);
    expect(net.sides).toEqual([24, 25, 26, 27, 28, 29, 30, 31]);
  });
});
