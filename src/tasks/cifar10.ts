import { KRIZHEVSKY, LICENCE, loadCifar } from './cifar/load';
import { TEN } from './cifar/names';
import { CIFAR10 } from './cifar/sets';
import { defineTask } from './contract';

/** Photographs of ten classes, from files that the user brings. */
export default defineTask({
  id: 'cifar10',
  title: 'CIFAR-10',
  oneLine: 'Photographs of ten classes, 32 by 32 pixels, from the files of the data set.',
  kind: 'image',
  params: {},
  cite: [KRIZHEVSKY],
  licence: LICENCE,
  source: 'https://www.cs.toronto.edu/~kriz/cifar.html, file cifar-10-binary.tar.gz',
  needsFiles: true,
  form: { shape: [32, 32, 3], outputs: 10 },
  transfer: { default: 2000, min: 50, max: 45_000 },

  load(_params, context) {
    // Mean and population standard deviation of 20,000 training images, in 0..1.
    const mean = [0.492887, 0.482861, 0.446702];
    const std = [0.246437, 0.243747, 0.261128];
    return loadCifar(CIFAR10, { label: 0, classes: TEN, mean, std }, context);
  },
});
