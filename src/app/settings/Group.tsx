import type { AnyValues, Fields } from '../../recipe/fields';
import ui from '../ui/ui.module.css';
import { FieldControl } from './FieldControl';
import styles from './settings.module.css';

const NONE: ReadonlySet<string> = new Set();

/** A table of fields in a frame of its own. */
export function Group({
  title,
  fields,
  hidden = NONE,
  values,
  change,
}: {
  title: string;
  fields: Fields;
  hidden?: ReadonlySet<string>;
  values: AnyValues;
  change: (key: string, value: AnyValues[string]) => void;
}) {
  return (
    <fieldset className={styles.group}>
      <legend className={ui.heading}>{title}</legend>
      <FieldList fields={fields} hidden={hidden} values={values} change={change} />
    </fieldset>
  );
}

/** The controls of a table of fields, except those that have their place elsewhere. */
export function FieldList({
  fields,
  hidden = NONE,
  values,
  change,
}: {
  fields: Fields;
  hidden?: ReadonlySet<string>;
  values: AnyValues;
  change: (key: string, value: AnyValues[string]) => void;
}) {
  return Object.entries(fields)
    .filter(([key]) => !hidden.has(key))
    .map(([key, field]) => (
      <FieldControl
        key={key}
        field={field}
        value={values[key] ?? field.default}
        onChange={(value) => change(key, value)}
      />
    ));
}
