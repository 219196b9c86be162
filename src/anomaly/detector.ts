import * as tf from '@tensorflow/tfjs';
import type { AnomalyRecipe } from '../recipe/anomaly';
import type { AnomalyPart } from '../recipe/anomaly-events';
import { Optimizer, rateAt } from '../train/optimizer';
import type { Parameters } from './blocks';
import { denoisingLoss, disagreement, distanceProduct, segmentationLoss } from './losses';
import { SegmentationNetwork, StudentNetwork } from './networks';
import type { Level } from './networks';
import { resize } from './resize';

/** The teacher's features, the largest level first. */
export type Features = readonly tf.Tensor4D[];

/** Score maps of some images, [n * side * side] each. */
export interface Maps {
  readonly student: Float32Array;
  readonly segmentation: Float32Array;
}

/** A student and its segmentation network, each with an optimizer of its own. */
export class Detector {
  readonly denoising: boolean;
  readonly student: StudentNetwork;
  readonly segmentation: SegmentationNetwork;
  private readonly recipe: AnomalyRecipe;
  private readonly optimizers: Record<AnomalyPart, Optimizer>;
  private readonly side: number;
  private loss: tf.Scalar | null = null;

  constructor(recipe: AnomalyRecipe, denoising: boolean, side: number, levels: readonly Level[]) {
    this.recipe = recipe;
    this.denoising = denoising;
    this.side = side;
    this.student = new StudentNetwork(side, levels, recipe.seed);
    this.segmentation = new SegmentationNetwork(levels, recipe.seed);
    this.optimizers = {
      student: new Optimizer(recipe.student.optimizer),
      segmentation: new Optimizer(recipe.segmentation.optimizer),
    };
  }

  /** Step 1. @param x what the student sees @param teacher features of the clean images */
  learnFeatures(x: tf.Tensor4D, teacher: Features, step: number): void {
    this.descend('student', this.student.parameters, step, () =>
      denoisingLoss(this.student.forward(x, true), teacher),
    );
  }

  /** Step 2, the student in inference mode. @param x corrupted images @param mask of them, [n, side, side, 1] */
  learnMasks(x: tf.Tensor4D, teacher: Features, mask: tf.Tensor4D, step: number): void {
    const input = tf.tidy(() => disagreement(this.student.forward(x, false), teacher));
    const target = tf.tidy(() =>
      tf.cast(tf.greaterEqual(resize(mask, input.shape[1]), 0.5), 'float32'),
    );
    this.descend('segmentation', this.segmentation.parameters, step, () =>
      segmentationLoss(
        this.segmentation.forward(input, true),
        target,
        this.recipe.segmentation.gamma,
      ),
    );
    tf.dispose([input, target]);
  }

  private descend(
    part: AnomalyPart,
    parameters: Parameters,
    step: number,
    loss: () => tf.Scalar,
  ): void {
    const { optimizer, steps } = this.recipe[part];
    const variables = parameters.trainable().map(({ variable }) => variable);
    const { value, grads } = tf.variableGrads(loss, variables);
    this.optimizers[part].apply(parameters, grads, rateAt(optimizer, step, steps));
    tf.dispose(grads);
    this.loss?.dispose();
    this.loss = value;
  }

  /** The loss of the last step; NaN before the first. */
  async lastLoss(): Promise<number> {
    return this.loss ? ((await this.loss.data())[0] ?? NaN) : NaN;
  }

  /** Score maps of images, at the images' size. */
  async maps(x: tf.Tensor4D, teacher: Features): Promise<Maps> {
    const [student, segmentation] = tf.tidy(() => {
      const features = this.student.forward(x, false);
      const logits = this.segmentation.forward(disagreement(features, teacher), false);
      return [
        distanceProduct(features, teacher, this.side),
        resize(tf.sigmoid(logits), this.side),
      ] as const;
    }) as unknown as readonly [tf.Tensor4D, tf.Tensor4D];
    const maps = {
      student: (await student.data()) as Float32Array,
      segmentation: (await segmentation.data()) as Float32Array,
    };
    tf.dispose([student, segmentation]);
    return maps;
  }

  dispose(): void {
    this.student.parameters.dispose();
    this.segmentation.parameters.dispose();
    this.optimizers.student.dispose();
    this.optimizers.segmentation.dispose();
    this.loss?.dispose();
  }
}
