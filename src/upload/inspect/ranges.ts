import type { InputRange } from '../../recipe/meaning';
import type { TaskSide } from '../../recipe/task-side';

const range = (name: string, more: Partial<InputRange>): InputRange => ({
  name,
  order: 'rgb',
  scale: 1,
  mean: [0],
  std: [1],
  perImage: false,
  ...more,
});

const BYTE = 1 / 255;

/** The usual ways to normalise images of three colours: means and deviations that are published with the data sets. */
const COLOURS: readonly InputRange[] = [
  range('ImageNet mean and deviation', {
    scale: BYTE,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  }),
  range('CIFAR-10 mean and deviation', {
    scale: BYTE,
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
  }),
  range('CIFAR-10 mean, deviation within images', {
    scale: BYTE,
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.2023, 0.1994, 0.201],
  }),
  range('CIFAR-100 mean and deviation', {
    scale: BYTE,
    mean: [0.5071, 0.4865, 0.4409],
    std: [0.2673, 0.2564, 0.2762],
  }),
  range('blue first, ImageNet mean (Caffe)', { order: 'bgr', mean: [103.939, 116.779, 123.68] }),
  range('blue first, 0 to 1', { order: 'bgr', scale: BYTE }),
];

/** Others that are met. */
const RARE: readonly InputRange[] = [
  range('CIFAR-10 mean alone', { scale: BYTE, mean: [0.4914, 0.4822, 0.4465] }),
  range('one mean and deviation of CIFAR-10 for all colours', { mean: [120.707], std: [64.15] }),
  range('SVHN mean and deviation', {
    scale: BYTE,
    mean: [0.4377, 0.4438, 0.4728],
    std: [0.198, 0.201, 0.197],
  }),
  range('ImageNet mean alone', { mean: [123.68, 116.779, 103.939] }),
  range('blue first, 0 to 255', { order: 'bgr' }),
];

const GREYS: readonly InputRange[] = [
  range('MNIST mean and deviation', { scale: BYTE, mean: [0.1307], std: [0.3081] }),
  range('Fashion-MNIST mean and deviation', { scale: BYTE, mean: [0.286], std: [0.353] }),
  range('0 to 1, dark and light changed', { scale: -BYTE, mean: [-1] }),
];

/**
 * The normalisations that are worth a try for a network, the most usual first.
 *
 * @param channels of the network's images; null where it reads points
 */
export function rangesFor(
  channels: number | null,
  { shape, normalisation }: TaskSide,
): readonly InputRange[] {
  const fits = channels === null || shape.at(-1) === channels || normalisation.mean.length === 1;
  const own = fits ? [range('as our own networks get them', normalisation)] : [];
  if (channels === null) {
    const plain = range('as they are', {});
    return [plain, ...own.filter((one) => !isSame(one, plain))];
  }
  return [
    range('0 to 1', { scale: BYTE }),
    range('-1 to 1', { scale: 1 / 127.5, mean: [1] }),
    range('0 to 255', {}),
    ...(channels === 3 ? COLOURS : GREYS),
    ...own,
    range('-0.5 to 0.5', { scale: BYTE, mean: [0.5] }),
    range('each image by its own mean and deviation', { perImage: true }),
    ...(channels === 1
      ? []
      : [range('each image and colour by its own mean and deviation', { perImage: 'channels' })]),
    range('each image from its darkest to its brightest, 0 to 1', { perImage: 'range' }),
    ...(channels === 3 ? RARE : []),
  ];
}

const isSame = (a: InputRange, b: InputRange): boolean =>
  a.scale === b.scale && a.mean.every((n) => n === b.mean[0]) && a.std.every((n) => n === b.std[0]);
