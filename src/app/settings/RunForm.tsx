import type { Recipe } from '../../recipe/recipe';
import {
  evaluationFields,
  generationsField,
  optimizerFields,
  runFields,
} from '../../recipe/run-fields';
import { Group } from './Group';

/** Shown elsewhere on the page, or without meaning for a teacher that is bundled. */
const ELSEWHERE: ReadonlySet<string> = new Set(['transfer', 'redraw']);

/** How the run trains and when it looks. */
export function RunForm({ draft, edit }: { draft: Recipe; edit: (recipe: Recipe) => void }) {
  const { steps, batch, averageDecay, halfPrecision, subgroups, seed } = draft;
  const { generations = 1 } = draft;
  return (
    <>
      <Group
        title="Run"
        fields={{ ...runFields, generations: generationsField }}
        hidden={ELSEWHERE}
        values={{ steps, batch, averageDecay, halfPrecision, subgroups, seed, generations }}
        change={(key, value) => edit({ ...draft, [key]: value })}
      />
      <Group
        title="Optimizer"
        fields={optimizerFields}
        values={{ ...draft.optimizer }}
        change={(key, value) => edit({ ...draft, optimizer: { ...draft.optimizer, [key]: value } })}
      />
      <Group
        title="Evaluation"
        fields={evaluationFields}
        values={{ ...draft.evaluation }}
        change={(key, value) =>
          edit({ ...draft, evaluation: { ...draft.evaluation, [key]: value } })
        }
      />
    </>
  );
}
