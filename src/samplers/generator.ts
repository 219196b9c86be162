import type { Sampler } from './contract';
import { pairFields, syntheticFields } from './parts/fields';
import { drawCode } from './parts/latent';

/** Inputs that a small class-conditional generator makes; only the teacher says what they are. */
const generator: Sampler = {
  id: 'generator',
  title: 'Generator',
  oneLine:
    'New inputs from a small generator that was trained before, of one class or between two.',
  params: {
    ...syntheticFields,
    share: { ...syntheticFields.share, default: 0.5 },
    from: {
      kind: 'choice',
      label: 'Generator',
      help: 'Trained before the run on the transfer set and its labels, or on all training inputs and the teacher’s answers; or ready-made.',
      default: 'transfer',
      options: [
        { value: 'transfer', label: 'trained on the transfer set' },
        { value: 'training', label: 'trained on all training inputs, without labels' },
        { value: 'bundled', label: 'ready-made, where the task has one' },
      ],
    },
    interpolate: {
      kind: 'boolean',
      label: 'Between classes',
      help: 'Mix the latents and classes of two inputs before the generator makes one of them.',
      default: true,
    },
    alpha: pairFields.alpha,
    training: {
      kind: 'integer',
      label: 'Generator steps',
      help: 'Steps of its training before the run; more of them make clearer inputs and take longer.',
      default: 600,
      min: 1,
      max: 100_000,
      scale: 'log',
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'D. P. Kingma, M. Welling',
      year: 2014,
      title: 'Auto-Encoding Variational Bayes',
      venue: 'ICLR 2014, section 3 and appendix B (the generator)',
      url: 'https://arxiv.org/abs/1312.6114',
    },
    {
      authors: 'K. Sohn, H. Lee, X. Yan',
      year: 2015,
      title: 'Learning Structured Output Representation using Deep Conditional Generative Models',
      venue: 'NeurIPS 2015 (the class as a condition)',
      url: 'https://papers.nips.cc/paper/2015/hash/8d55a249e6baa5c06772297520da2051-Abstract.html',
    },
  ],
  labels: 'none',
  byClass: true,
  inputs: ['image', 'plane'],
  draw(_row, { random, params, classes }) {
    const code = drawCode(random, classes);
    if (params.interpolate !== true) return { kind: 'generator', code, second: null };
    const second = drawCode(random, classes);
    const share = random.beta(params.alpha as number);
    return { kind: 'generator', code, second: { ...second, share } };
  },
};

export default generator;
