import type { Sampler } from './contract';
import { pairFields, syntheticFields } from './parts/fields';

/** A box of one image pasted into another; the share counts the pixels that stayed. */
const cutmix: Sampler = {
  id: 'cutmix',
  title: 'CutMix',
  oneLine: 'A box of one image is pasted into another.',
  params: { ...syntheticFields, ...pairFields },
  cite: [
    {
      authors: 'S. Yun, D. Han, S. J. Oh, S. Chun, J. Choe, Y. Yoo',
      year: 2019,
      title:
        'CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features',
      venue: 'ICCV 2019, equations 1 and 2 (inputs)',
      url: 'https://arxiv.org/abs/1905.04899',
    },
  ],
  labels: 'mixed',
  inputs: ['image'],
  draw(row, { random, params, shape, partner }) {
    const other = partner(row);
    const lambda = random.beta(params.alpha as number);
    const [height = 1, width = 1] = shape;
    const cut = Math.sqrt(1 - lambda);
    const box = clip(height, width, Math.floor(cut * height), Math.floor(cut * width), [
      random.integer(height),
      random.integer(width),
    ]);
    const share = 1 - ((box[2] - box[0]) * (box[3] - box[1])) / (height * width);
    return { kind: 'cutmix', partner: other.row, partnerView: other.view, share, box };
  },
};

/** The box of the given size around a centre, clipped at the border: [top, left, bottom, right). */
function clip(
  height: number,
  width: number,
  tall: number,
  wide: number,
  centre: readonly [number, number],
): [number, number, number, number] {
  const top = centre[0] - Math.floor(tall / 2);
  const left = centre[1] - Math.floor(wide / 2);
  return [
    Math.max(0, top),
    Math.max(0, left),
    Math.min(height, top + tall),
    Math.min(width, left + wide),
  ];
}

export default cutmix;
