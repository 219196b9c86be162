import { KRIZHEVSKY, LICENCE, loadCifar } from './cifar/load';
import { COARSE, FINE } from './cifar/names';
import { CIFAR100 } from './cifar/sets';
import { defineTask } from './contract';

/** Photographs of a hundred classes in twenty groups, from files that the user brings. */
export default defineTask({
  id: 'cifar100',
  title: 'CIFAR-100',
  oneLine: 'Photographs of a hundred classes, 32 by 32 pixels, from the files of the data set.',
  kind: 'image',
  params: {
    labels: {
      kind: 'choice',
      label: 'Labels',
      help: 'The hundred classes, or the twenty groups that they form (an easier task).',
      default: 'fine',
      options: [
        { value: 'fine', label: '100 classes' },
        { value: 'coarse', label: '20 groups' },
      ],
    },
  },
  cite: [KRIZHEVSKY],
  licence: LICENCE,
  source: 'https://www.cs.toronto.edu/~kriz/cifar.html, file cifar-100-binary.tar.gz',
  needsFiles: true,
  form: { shape: [32, 32, 3], outputs: 100 },
  transfer: { default: 1000, min: 50, max: 45_000 },

  load(params, context) {
    const fine = params.labels === 'fine';
    const classes = fine ? FINE : COARSE;
    // Mean and population standard deviation of the first 1,117 training images, in 0..1.
    const mean = [0.514994, 0.493731, 0.45047];
    const std = [0.267169, 0.258209, 0.278226];
    return loadCifar(CIFAR100, { label: fine ? 1 : 0, classes, mean, std }, context);
  },
});
