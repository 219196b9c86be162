import type { Citation, MethodEntry } from './recipe';

/** What a person reads of DeSTSeg; letters as on the methods' cards, M a mask, A a foreign texture. */
export const anomalyCard: Pick<MethodEntry, 'title' | 'oneLine' | 'formula' | 'known' | 'cite'> & {
  readonly reading: string;
  readonly costs: MethodEntry['costs'];
} = {
  title: 'DeSTSeg',
  oneLine:
    'Finds faults that nobody has shown it: a student learns to give a teacher’s features of the clean image from a spoilt one, and a small network reads where the two disagree.',
  formula: String.raw`\mathcal{L}_1 = \sum_l \overline{1 - \cos\bigl(F_S^l(\tilde{x}), F_T^l(x)\bigr)}, \qquad \mathcal{L}_2 = \mathrm{focal}_{\gamma}(\hat{M}, M) + \overline{|\hat{M} - M|}, \qquad \tilde{x} = x(1 - M) + (1 - \beta) A M + \beta x M`,
  known:
    'Two parts, one after the other: features of three stages of a frozen teacher by cosine distance, then a segmentation network on minus their channel-wise product, the student held fixed. Masks are gradient noise above 0.5, the focal loss has exponent 4 and no class weights, an image’s score is the mean of its highest pixels, and the student’s own score is the product of its distance maps.',
  reading:
    'Everything is brought down to 32×32: 120,000 parameters in the student and 40,000 parameters in the segmentation network, which has two plain convolutions instead of residual blocks and dilated pooling (ASPP); the decoder has no block at the smallest map; noise of at most 8 cells; 20 pixels in a score; a mean over the batch where the paper has a sum. Textures to paste are drawn by a program, not photographs, the teacher has learned shapes or CIFAR-10, not ImageNet, and without denoising the student sees clean images in the first part only. The paper’s PRO and instance figures are not computed, and its parts take many more steps than the 200 of each here.',
  costs: {
    parameters: 'the student and the segmentation network; nothing is dropped',
    passes:
      'one over the clean images in the first part, one over the spoilt ones in the second; steps are not replayed, and each part has an optimizer of its own',
  },
  cite: [
    {
      authors: 'X. Zhang, S. Li, X. Li, P. Huang, J. Shan, T. Chen',
      year: 2023,
      title: 'DeSTSeg: Segmentation Guided Denoising Student-Teacher for Anomaly Detection',
      venue: 'CVPR 2023, section 3',
      url: 'https://arxiv.org/abs/2211.11317',
    } satisfies Citation,
  ],
};
