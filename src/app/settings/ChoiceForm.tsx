import type { ReactNode } from 'react';
import type { CatalogueEntry, Choice } from '../../recipe/recipe';
import { rechosen, withParam } from '../edit';
import ui from '../ui/ui.module.css';
import { FieldControl } from './FieldControl';
import styles from './settings.module.css';

const NONE: ReadonlySet<string> = new Set();

/** What is chosen from a part of the catalogue, and its parameters. */
export function ChoiceForm({
  label,
  entries,
  choice,
  hidden = NONE,
  about,
  onChange,
}: {
  label: string;
  entries: readonly CatalogueEntry[];
  choice: Choice;
  /** Parameters without a meaning here. */
  hidden?: ReadonlySet<string>;
  /** A button that tells more of what is chosen. */
  about?: ReactNode;
  onChange: (choice: Choice) => void;
}) {
  const entry = entries.find(({ id }) => id === choice.id);
  return (
    <>
      <div className={styles.chosen}>
        <label className={styles.field} title={entry?.oneLine}>
          <span>{label}</span>
          <select
            className={ui.select}
            value={choice.id}
            onChange={(event) => {
              const next = entries.find(({ id }) => id === event.target.value);
              if (next) onChange(rechosen(choice, next));
            }}
          >
            {entries.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {about}
      </div>
      {Object.entries(entry?.params ?? {})
        .filter(([key]) => !hidden.has(key))
        .map(([key, field]) => (
          <FieldControl
            key={key}
            field={field}
            value={choice.params[key] ?? field.default}
            onChange={(value) => onChange(withParam(choice, key, value))}
          />
        ))}
    </>
  );
}
