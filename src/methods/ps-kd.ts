import { crossEntropy, softmaxAt } from '../gpu/ops/losses';
import type { Method, MethodProgress } from './contract';

/** How much of the target is the network's own earlier answer: it grows with every epoch, to `final` in the last. */
function shareAt(final: number, { step, steps, stepsPerEpoch = 1 }: MethodProgress): number {
  const epochs = Math.max(1, Math.ceil(steps / stepsPerEpoch));
  return (final * Math.min(epochs, Math.floor(step / stepsPerEpoch) + 1)) / epochs;
}

/**
 * CE against (1 - a_t) y + a_t P_{t-1}(x), where P_{t-1}(x) is the network's own answer when it last saw x, and a_t grows
 * linearly with the epochs. Before a row has been seen twice its earlier answer is its label: the first epoch is plain CE.
 */
const psKd: Method = {
  id: 'ps-kd',
  title: 'PS-KD',
  oneLine: 'Is its own teacher: softens the labels with what it answered one epoch before.',
  params: {
    final: {
      kind: 'number',
      label: 'Final share',
      help: 'Share of the own earlier answer in the target of the last epoch; 0 leaves the labels alone.',
      default: 0.8,
      min: 0,
      max: 1,
      step: 0.05,
    },
  },
  cite: [
    {
      authors: 'K. Kim, B. Ji, D. Yoon, S. Hwang',
      year: 2021,
      title: 'Self-Knowledge Distillation with Progressive Refinement of Targets',
      venue: 'ICCV 2021, pp. 6567-6576',
      url: 'https://arxiv.org/abs/2006.12000',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}\left((1 - \alpha_t)\,y + \alpha_t\,P_{t-1}(x),\; p\right), \qquad \alpha_t = \alpha_E\,\frac{t}{E}`,
  known:
    'The authors’ code keeps the answers of the training passes, one epoch old, without temperature; in the first epoch they are the labels. The final share is 0.8 over 300 epochs.',
  reading:
    'Nothing of ours, except that a run is a number of steps: an epoch is as many as show every row once.',
  costs: {
    parameters: 'none; a table of one answer for each row of the transfer set',
    passes: 'none: it has no teacher',
  },
  needs: { teacher: 'none', labels: 'hard', index: true },
  memory: ({ classes }) => ({ columns: classes, start: 'labels' }),
  remember: ({ logits }) => softmaxAt(logits, 1),
  terms({ logits, targets, memory }) {
    return {
      ce: crossEntropy(logits, targets),
      self: crossEntropy(logits, memory?.rows ?? targets),
    };
  },
  weights(params, progress) {
    const share = shareAt(params.final as number, progress);
    return { ce: 1 - share, self: share };
  },
};

export default psKd;
