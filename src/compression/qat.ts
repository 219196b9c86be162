import type { Compression } from './contract';
import { bits, keepEnds, start } from './parts/fields';
import { gridBytes, onGridStraightThrough } from './parts/grid';
import { kernelsOf } from './parts/layers';

const qat: Compression = {
  id: 'qat',
  title: 'Quantisation-aware training',
  oneLine: 'The student computes with rounded weights while the exact ones behind them learn.',
  params: { start, bits, keepEnds },
  cite: [
    {
      authors: 'B. Jacob, S. Kligys, B. Chen, M. Zhu, M. Tang, A. Howard, H. Adam, D. Kalenichenko',
      year: 2018,
      title:
        'Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference',
      venue: 'CVPR 2018, section 3',
      url: 'https://arxiv.org/abs/1712.05877',
    },
    {
      authors: 'Y. Bengio, N. Léonard, A. Courville',
      year: 2013,
      title:
        'Estimating or Propagating Gradients Through Stochastic Neurons for Conditional Computation',
      venue: 'arXiv 1308.3432, section 4',
      url: 'https://arxiv.org/abs/1308.3432',
    },
  ],
  kind: 'during',
  formula: String.raw`\tilde w = s_c\,\mathrm{clip}\!\left(\mathrm{round}(w / s_c)\right),\qquad \frac{\partial \mathcal{L}}{\partial w} := \frac{\partial \mathcal{L}}{\partial \tilde w}`,
  known:
    'The forward pass rounds as inference will; the gradient passes the rounding as if it were not there (straight through).',
  reading:
    'Weights alone are rounded, on the grid of the quantiser after training, whose scale follows each channel’s largest weight; the paper rounds activations too and folds batch norm first.',
  costs: {
    bytes: 'b bits for each weight, and a float32 scale for each output channel',
    macs: 'as before, on narrower numbers where the hardware has them',
  },
  layers: (graph, params) => kernelsOf(graph, params.keepEnds as boolean),
  during({ graph }, params) {
    const specs = kernelsOf(graph, params.keepEnds as boolean);
    const width = params.bits as number;
    return {
      names: specs.map(({ name }) => name),
      begin: () => undefined,
      settle: () => undefined,
      apply: (_, w) => ({ used: onGridStraightThrough(w, width), state: null }),
      carry: () => undefined,
      snap: (_, w) => onGridStraightThrough(w, width),
      bytes: specs.reduce((sum, spec) => sum + gridBytes(spec, width), 0),
      dispose: () => undefined,
    };
  },
};

export default qat;
