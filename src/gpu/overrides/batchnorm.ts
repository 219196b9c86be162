import type * as tf from '@tensorflow/tfjs';
import { batchNormInput, batchNormStatistics, batchNormSums } from '../kernels/batchnorm';
import { launch, output } from '../kernels/launch';
import { partsOf } from '../kernels/reduce';
import { areFloats, overrideGradient } from './stock';

/**
 * The gradient of batch norm with one mean and variance per channel. tfjs 4.22.0 has no kernel for it and composes it of
 * some thirty, most of them over the whole input: tiles, products, and sums that it transposes first. To be removed when a
 * tfjs release has one.
 */
export function registerBatchNorm(): void {
  overrideGradient('FusedBatchNorm', (dy, saved, attrs) => {
    const [x, mean, variance, scale] = saved;
    if (!x || !mean || !variance || !scale || mean.rank !== 1) return null;
    if (!areFloats(dy, x, mean, variance, scale)) return null;
    const channels = mean.size;
    const rows = x.size / channels;
    const options = [rows, channels, attrs['varianceEpsilon'] as number] as const;
    const ofChannel = () => output<tf.Rank.R1>([channels]);
    const sums = [ofChannel(), ofChannel(), ofChannel(), ofChannel()] as const;
    const partial = output([partsOf(rows), 2, channels]);
    launch(batchNormSums(rows, channels), [dy, x, mean, partial]);
    launch(batchNormStatistics(...options), [partial, variance, scale, ...sums]);
    partial.dispose();
    const [dMean, dVariance, dScale, dOffset] = sums;
    return {
      x() {
        const dx = output(x.shape);
        launch(batchNormInput(...options), [dy, variance, scale, dx]);
        return dx;
      },
      mean: () => dMean,
      variance: () => dVariance,
      scale: () => dScale,
      offset: () => dOffset,
    };
  });
}
