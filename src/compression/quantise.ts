import type { Compression } from './contract';
import { bits, keepEnds } from './parts/fields';
import { gridBytes, onGrid } from './parts/grid';
import { kernelsOf, weightNamed } from './parts/layers';

const quantise: Compression = {
  id: 'quantise',
  title: 'Quantised after training',
  oneLine: 'The trained weights are rounded to a coarse grid, one for each output channel.',
  params: { bits, keepEnds },
  cite: [
    {
      authors: 'R. Krishnamoorthi',
      year: 2018,
      title: 'Quantizing Deep Convolutional Networks for Efficient Inference: A Whitepaper',
      venue: 'arXiv 1806.08342, sections 2.2 and 3.1',
      url: 'https://arxiv.org/abs/1806.08342',
    },
  ],
  kind: 'after',
  formula: String.raw`s_c = \frac{\max |w_c|}{2^{b-1} - 1},\qquad \tilde w = s_c\,\mathrm{clip}\!\left(\mathrm{round}(w / s_c)\right)`,
  known: 'One scale for each output channel keeps far more accuracy than one for a whole layer.',
  reading:
    'Only weights are rounded; activations, biases and batch norm stay in float32. The arithmetic here is float32 on rounded numbers, so that it shows the loss of accuracy and no gain of speed.',
  costs: {
    bytes: 'b bits for each weight, and a float32 scale for each output channel',
    macs: 'as before, on narrower numbers where the hardware has them',
  },
  layers: (graph, params) => kernelsOf(graph, params.keepEnds as boolean),
  after({ graph, weights }, params) {
    const width = params.bits as number;
    const specs = kernelsOf(graph, params.keepEnds as boolean);
    return {
      weights: new Map(
        specs.map(({ name, shape }) => [
          name,
          onGrid(weightNamed(weights, name), shape.at(-1) as number, width),
        ]),
      ),
      bytes: specs.reduce((sum, spec) => sum + gridBytes(spec, width), 0),
    };
  },
};

export default quantise;
