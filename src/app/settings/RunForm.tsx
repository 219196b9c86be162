import type { AnyValues, Fields } from '../../recipe/fields';
import type { Recipe } from '../../recipe/recipe';
import { evaluationFields, optimizerFields, runFields } from '../../recipe/schema';
import ui from '../ui/ui.module.css';
import { FieldControl } from './FieldControl';
import styles from './settings.module.css';

/** Shown elsewhere on the page, or without meaning for a teacher that is bundled. */
const ELSEWHERE: ReadonlySet<string> = new Set(['transfer', 'redraw']);

/** How the run trains and when it looks. */
export function RunForm({ draft, edit }: { draft: Recipe; edit: (recipe: Recipe) => void }) {
  const { steps, batch, averageDecay, seed } = draft;
  return (
    <>
      <Group
        title="Run"
        fields={runFields}
        values={{ steps, batch, averageDecay, seed }}
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

/** The controls of a table of fields, except those that have their place elsewhere. */
function Group({
  title,
  fields,
  values,
  change,
}: {
  title: string;
  fields: Fields;
  values: AnyValues;
  change: (key: string, value: AnyValues[string]) => void;
}) {
  return (
    <fieldset className={styles.group}>
      <legend className={ui.heading}>{title}</legend>
      {Object.entries(fields)
        .filter(([key]) => !ELSEWHERE.has(key))
        .map(([key, field]) => (
          <FieldControl
            key={key}
            field={field}
            value={values[key] ?? field.default}
            onChange={(value) => change(key, value)}
          />
        ))}
    </fieldset>
  );
}
