import { useState } from 'react';
import {
  anomalyEvaluationFields,
  anomalyFields,
  gammaField,
  stepsField,
  synthesisFields,
  type AnomalyRecipe,
} from '../../recipe/anomaly';
import type { AnyValues, Fields } from '../../recipe/fields';
import { useApp, useSession } from '../context';
import { Group } from '../settings/Group';
import { sameValue } from '../state';
import ui from '../ui/ui.module.css';
import styles from './Faults.module.css';

/** A part of the recipe as a form: its fields, what they are now, and the recipe with one of them changed. */
interface Part {
  readonly title: string;
  readonly fields: Fields;
  readonly values: (recipe: AnomalyRecipe) => AnyValues;
  readonly changed: (recipe: AnomalyRecipe, key: string, value: AnyValues[string]) => AnomalyRecipe;
}

const PARTS: readonly Part[] = [
  {
    title: 'Run',
    fields: anomalyFields,
    values: ({ images, batch, seed }) => ({ images, batch, seed }),
    changed: (recipe, key, value) => ({ ...recipe, [key]: value }),
  },
  {
    title: 'Made-up faults',
    fields: synthesisFields,
    values: ({ synthesis }) => ({ ...synthesis }),
    changed: (recipe, key, value) => ({
      ...recipe,
      synthesis: { ...recipe.synthesis, [key]: value },
    }),
  },
  {
    title: 'Student',
    fields: { steps: stepsField },
    values: ({ student }) => ({ steps: student.steps }),
    changed: (recipe, key, value) => ({ ...recipe, student: { ...recipe.student, [key]: value } }),
  },
  {
    title: 'Segmentation',
    fields: { steps: stepsField, gamma: gammaField },
    values: ({ segmentation: { steps, gamma } }) => ({ steps, gamma }),
    changed: (recipe, key, value) => ({
      ...recipe,
      segmentation: { ...recipe.segmentation, [key]: value },
    }),
  },
  {
    title: 'Judging',
    fields: anomalyEvaluationFields,
    values: ({ evaluation }) => ({ ...evaluation }),
    changed: (recipe, key, value) => ({
      ...recipe,
      evaluation: { ...recipe.evaluation, [key]: value },
    }),
  },
];

/** The numbers of a run that finds faults; they count from the next start on. */
export function FaultSettings({ recipe }: { recipe: AnomalyRecipe }) {
  const session = useSession();
  const lost = useApp((state) => state.worker === 'lost');
  const [draft, setDraft] = useState(recipe);
  const same = sameValue(draft, recipe) ? 'Nothing was changed' : undefined;
  const why = lost ? 'The training worker stopped: start it again first' : same;
  return (
    <details className={styles.settings}>
      <summary>Settings</summary>
      {PARTS.map(({ title, fields, values, changed }) => (
        <Group
          key={title}
          title={title}
          fields={fields}
          values={values(draft)}
          change={(key, value) => setDraft(changed(draft, key, value))}
        />
      ))}
      <button
        type="button"
        className={ui.filled}
        disabled={why !== undefined}
        title={why}
        onClick={() => session.restartFaults(draft)}
      >
        Apply &amp; restart
      </button>
    </details>
  );
}
