import * as tf from '@tensorflow/tfjs';
import { UserError } from '../recipe/errors';
import { models } from '../models/registry';
import { shapesOf } from '../models/net/graph';
import { readTeacher } from '../train/prepare';
import type { Surroundings } from '../train/prepare';
import { Teacher } from '../train/teacher';
import type { Features } from './detector';
import type { Level } from './networks';

const STAGES = ['stage1', 'stage2', 'stage3'] as const;

/** A bundled teacher whose inner features are asked for; frozen. */
export class FeatureTeacher {
  readonly teacher: Teacher;
  readonly levels: readonly Level[];

  constructor(teacher: Teacher) {
    this.teacher = teacher;
    const shapes = shapesOf(teacher.graph);
    this.levels = STAGES.map((stage) => {
      const [side = 0, , channels = 0] = shapes.get(teacher.graph.taps[stage] ?? '') ?? [];
      return { side, channels };
    });
  }

  /** Features of normalised images, the largest level first. The caller disposes of them. */
  features(x: tf.Tensor4D): Features {
    const { logits, taps } = this.teacher.explain(x);
    const others = Object.keys(taps).filter((tap) => !STAGES.some((stage) => stage === tap));
    tf.dispose([logits, ...others.map((tap) => taps[tap] as tf.Tensor)]);
    return STAGES.map((stage) => taps[stage] as tf.Tensor4D);
  }

  dispose(): void {
    this.teacher.dispose();
  }
}

/** Reads a bundled teacher for images of a side. @throws UserError where it has no three stages */
export async function loadFeatureTeacher(
  id: string,
  side: number,
  around: Surroundings,
): Promise<FeatureTeacher> {
  const { card, weights } = await readTeacher(id, around);
  const classes = weights.get('head.bias')?.length ?? 0;
  const graph = models.get(card.model.id).graph([side, side, 3], classes, card.model.params);
  if (STAGES.some((stage) => !(stage in graph.taps)))
    throw new UserError(
      'E_TEACHER',
      `The teacher "${card.title}" has no three stages whose features could be matched.`,
      'Choose a ResNet.',
    );
  return new FeatureTeacher(new Teacher(card.title, graph, weights));
}
