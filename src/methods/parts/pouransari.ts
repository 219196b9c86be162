import type { Citation } from '../../recipe/recipe';

/** The paper of extracurricular learning. */
export const POURANSARI: Citation = {
  authors: 'H. Pouransari, M. Javaheripi, V. Sharma, O. Tuzel',
  year: 2021,
  title: 'Extracurricular Learning: Knowledge Transfer Beyond Empirical Distribution',
  venue: 'CVPR 2021 Workshops, pp. 3032-3042 (abstract; the objective is our reading)',
  url: 'https://arxiv.org/abs/2007.00051',
};

/** What methods cost that ask the teacher about made-up rows. */
export const BEYOND_COST = {
  parameters: 'none',
  passes: 'one over the batch; made-up rows cannot be remembered',
} as const;
