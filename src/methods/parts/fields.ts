import type { Temperature } from '../../gpu/ops/losses';
import type { AnyValues, NumberField } from '../../recipe/fields';
import type { StepTensors } from '../contract';

/** The temperature that softens teacher and student alike. */
export const temperature: NumberField = {
  kind: 'number',
  label: 'Temperature',
  help: 'Softens the answers of teacher and student: higher values show more of the wrong classes.',
  default: 4,
  min: 0.5,
  max: 20,
  step: 0.5,
};

/** Weight of the cross-entropy on rows that have a label; each method has a default of its own. */
export const labelWeight: NumberField = {
  kind: 'number',
  label: 'Label weight',
  help: 'Weight of the labels on the rows that have one; 0 leaves the teacher alone.',
  default: 0,
  min: 0,
  max: 1,
  step: 0.05,
  advanced: true,
};

/** Weight of the teacher's answers where the labels get the rest of one. */
export const teacherWeight: NumberField = {
  kind: 'number',
  label: 'Teacher weight',
  help: 'Weight of the teacher’s answers; the labels get the rest. 1 is pure imitation.',
  default: 0.9,
  min: 0,
  max: 1,
  step: 0.05,
  advanced: true,
};

/** What a method costs that looks at the teacher's logits alone. */
export const LOGITS_COST = {
  parameters: 'none',
  passes: 'one over the batch; none on untouched rows, whose answers are remembered',
} as const;

/** The temperature of a step. */
export function temperatureOf(batch: StepTensors, params: AnyValues): Temperature {
  return batch.live?.temperature ?? (params.temperature as number);
}

/** What a method says when the engine gave it no teacher, which the recipe's check excludes. */
export const NEEDS_TEACHER = 'this method was run without the teacher it needs';
