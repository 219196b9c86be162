import type { Citation } from '../../recipe/recipe';

/** Where weight sharing was published: clustering after training, and the fine-tuning behind it. */
export const DEEP_COMPRESSION: Citation = {
  authors: 'S. Han, H. Mao, W. J. Dally',
  year: 2016,
  title:
    'Deep Compression: Compressing Deep Neural Networks with Pruning, Trained Quantization and Huffman Coding',
  venue: 'ICLR 2016, section 3',
  url: 'https://arxiv.org/abs/1510.00149',
};
