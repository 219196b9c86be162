import * as tf from '@tensorflow/tfjs';
import { resize } from './resize';

/** Keeps the length of a feature vector away from 0, where its direction is none. */
const TINY = 1e-6;

/** Feature vectors scaled to length 1 over the last axis. */
function unit(x: tf.Tensor4D): tf.Tensor4D {
  const squares = tf.sum(tf.mul(x, x), -1, true);
  return tf.mul(x, tf.rsqrt(tf.add(squares, TINY)));
}

/** 1 - cos of the feature vectors at each pixel: [n, h, w, c] twice -> [n, h, w, 1], from 0 to 2. */
export function cosineDistance(student: tf.Tensor4D, teacher: tf.Tensor4D): tf.Tensor4D {
  return tf.sub(1, tf.sum(tf.mul(unit(student), unit(teacher)), -1, true));
}

/**
 * Step 1: the distance of the student's features from the teacher's, added up over the levels, each a mean over its pixels
 * and over the batch. The paper's sum over the batch is this times its size: here the rate does not depend on it.
 */
export function denoisingLoss(
  student: readonly tf.Tensor4D[],
  teacher: readonly tf.Tensor4D[],
): tf.Scalar {
  const levels = student.map((level, i) =>
    tf.mean(cosineDistance(level, teacher[i] as tf.Tensor4D)),
  );
  return tf.addN(levels) as tf.Scalar;
}

/**
 * What the segmentation network reads: minus the product of both unit feature vectors, channel by channel, all levels
 * brought to the size of the first and put side by side. Its sum over a level's channels is minus the cosine.
 */
export function disagreement(
  student: readonly tf.Tensor4D[],
  teacher: readonly tf.Tensor4D[],
): tf.Tensor4D {
  const side = student[0]?.shape[1] ?? 1;
  return tf.concat(
    student.map((level, i) =>
      resize(tf.neg(tf.mul(unit(level), unit(teacher[i] as tf.Tensor4D))), side),
    ),
    -1,
  );
}

/** The student's own score: the product over levels of its distance maps, each at full size. [n, side, side, 1] */
export function distanceProduct(
  student: readonly tf.Tensor4D[],
  teacher: readonly tf.Tensor4D[],
  side: number,
): tf.Tensor4D {
  return student
    .map((level, i) => resize(cosineDistance(level, teacher[i] as tf.Tensor4D), side))
    .reduce((product, map) => tf.mul(product, map));
}

/** ln(1 + e^x), finite for every x. */
function softplus(x: tf.Tensor): tf.Tensor {
  return tf.add(tf.relu(x), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(x))))));
}

/**
 * Focal loss, -(1 - p)^gamma ln p of the truth's probability p, mean over all pixels (Lin et al. 2017, without alpha).
 *
 * @param logits of a fault @param mask 1 where there is one, of the same shape
 */
export function focalLoss(logits: tf.Tensor, mask: tf.Tensor, gamma: number): tf.Scalar {
  const towards = tf.mul(logits, tf.sub(tf.mul(mask, 2), 1));
  const certain = tf.exp(tf.mul(softplus(towards), -gamma));
  return tf.mean(tf.mul(certain, softplus(tf.neg(towards))));
}

/** Step 2: focal loss and mean absolute difference between the probability of a fault and the mask. */
export function segmentationLoss(logits: tf.Tensor, mask: tf.Tensor, gamma: number): tf.Scalar {
  const difference = tf.mean(tf.abs(tf.sub(tf.sigmoid(logits), mask)));
  return tf.add(focalLoss(logits, mask, gamma), difference);
}
