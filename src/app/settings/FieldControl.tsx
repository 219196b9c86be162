import { useId, useState } from 'react';
import { allowedBy, type AnyValues, type Field } from '../../recipe/fields';
import ui from '../ui/ui.module.css';
import styles from './settings.module.css';

type Value = AnyValues[string];

/** The control of one field: its label, its help, and what it allows when something else was typed. */
export function FieldControl({
  field,
  value,
  onChange,
}: {
  field: Field;
  value: Value;
  onChange: (value: Value) => void;
}) {
  const id = useId();
  const unit = 'unit' in field && field.unit !== undefined ? ` (${field.unit})` : '';
  return (
    <div className={styles.field} title={field.help}>
      <label htmlFor={id}>
        {field.label}
        {unit}
      </label>
      <Control id={id} field={field} value={value} onChange={onChange} />
    </div>
  );
}

interface ControlProps {
  readonly id: string;
  readonly field: Field;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function Control({ id, field, value, onChange }: ControlProps) {
  switch (field.kind) {
    case 'boolean':
      return (
        <input
          id={id}
          type="checkbox"
          className={styles.check}
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
      );
    case 'choice':
      return (
        <select
          id={id}
          className={ui.select}
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
        >
          {field.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      );
    case 'number':
    case 'integer':
    case 'list':
      return <TextControl id={id} field={field} value={value} onChange={onChange} />;
  }
}

/** Numbers and lists are typed freely; what is allowed is taken over, what is not is said and undone on leaving. */
function TextControl({ id, field, value, onChange }: ControlProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && parse(field, typed) === null;
  return (
    <>
      <input
        id={id}
        className={ui.input}
        inputMode={field.kind === 'list' ? 'text' : 'decimal'}
        value={typed ?? write(value)}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-allowed` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          const parsed = parse(field, event.target.value);
          if (parsed !== null) onChange(parsed);
        }}
        onBlur={() => setTyped(null)}
      />
      {wrong && (
        <small id={`${id}-allowed`} className={styles.wrong}>
          Allowed is {allowedBy(field)}.
        </small>
      )}
    </>
  );
}

function write(value: Value): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** The value that a text stands for, or null where the field does not allow it. */
function parse(field: Field, text: string): Value | null {
  if (field.kind === 'list') {
    const parts = text.split(/[\s,]+/).filter((part) => part !== '');
    const numbers = parts.map(Number);
    const allowed =
      numbers.length >= field.minLength &&
      numbers.length <= field.maxLength &&
      numbers.every((n) => Number.isInteger(n) && n >= field.min && n <= field.max);
    return allowed ? numbers : null;
  }
  if (field.kind !== 'number' && field.kind !== 'integer') return null;
  const number = Number(text.replace(',', '.'));
  const allowed =
    text.trim() !== '' &&
    number >= field.min &&
    number <= field.max &&
    (field.kind === 'number' || Number.isInteger(number));
  return allowed ? number : null;
}
