import { UserError } from '../recipe/errors';
import type { Compression } from './contract';
import { factorConv, factorDense, numbersIn, withFactors } from './parts/factors';
import { keepEnds, start } from './parts/fields';
import { kernelsOf, weightNamed } from './parts/layers';

const lowRank: Compression = {
  id: 'low-rank',
  title: 'Low rank',
  oneLine: 'Layers are split into thinner ones that are nearly the same, and learn on.',
  params: {
    start,
    rank: {
      kind: 'number',
      label: 'Rank',
      help: 'Share of a layer’s directions that is kept.',
      default: 0.4,
      min: 0.05,
      max: 1,
      step: 0.05,
    },
    keepEnds,
  },
  cite: [
    {
      authors: 'Y.-D. Kim, E. Park, S. Yoo, T. Choi, L. Yang, D. Shin',
      year: 2016,
      title:
        'Compression of Deep Convolutional Neural Networks for Fast and Low Power Mobile Applications',
      venue: 'ICLR 2016, section 3',
      url: 'https://arxiv.org/abs/1511.06530',
    },
    {
      authors: 'E. Denton, W. Zaremba, J. Bruna, Y. LeCun, R. Fergus',
      year: 2014,
      title: 'Exploiting Linear Structure Within Convolutional Networks for Efficient Evaluation',
      venue: 'NIPS 2014',
      url: 'https://arxiv.org/abs/1404.0736',
    },
  ],
  kind: 'rebuild',
  formula: String.raw`W \approx U_r\,\Sigma_r V_r^{\top}\ \text{(dense, 1x1)},\qquad W_{abio} \approx \sum_{p,q} U_{ip}\,G_{abpq}\,V_{oq}\ \text{(k x k)}`,
  known:
    'A k x k kernel from I to O channels has k²·I·O weights; as 1x1, k x k and 1x1 over r1 and r2 channels it has I·r1 + k²·r1·r2 + r2·O.',
  reading:
    'Every layer keeps the same share of its directions, where the paper estimates ranks by a Bayesian method. A layer that would grow is left alone; of a split dense layer the first half gets a bias that starts at zero.',
  costs: {
    bytes: 'four for each number of the thinner layers',
    macs: 'fewer, in more and smaller layers',
  },
  layers: () => [],
  rebuild({ graph, weights }, params) {
    const names = new Set(
      kernelsOf(graph, params.keepEnds as boolean).map(({ name }) =>
        name.slice(0, -'.weight'.length),
      ),
    );
    const share = params.rank as number;
    let split = 0;
    const built = withFactors(graph, weights, (node, inputs) => {
      if (!names.has(node.name)) return null;
      const found =
        node.op === 'conv'
          ? factorConv(node, inputs, weights, share)
          : factorDense(node, inputs, weights, share);
      const bias = node.op === 'dense' ? node.units : 0;
      if (numbersIn(found.weights) >= weightNamed(weights, `${node.name}.weight`).length + bias)
        return null;
      split += 1;
      return found;
    });
    if (split === 0)
      throw new UserError(
        'E_COMPRESSION',
        'At this rank no layer of the student would become smaller by being split.',
        'Choose a lower rank or a wider model.',
      );
    return built;
  },
};

export default lowRank;
