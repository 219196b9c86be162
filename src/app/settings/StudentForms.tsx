import type { ReactNode } from 'react';
import { LineKey } from '../../charts/Glyph';
import { identities } from '../../charts/identity';
import type { Catalogue, CatalogueEntry, Choice, Recipe, Student } from '../../recipe/recipe';
import { rechosen, withoutStudent, withOneMore, withParam, withStudent } from '../edit';
import { AboutMethod } from '../methods/MethodCards';
import ui from '../ui/ui.module.css';
import { FieldControl } from './FieldControl';
import styles from './settings.module.css';

const MOST_STUDENTS = 8;
const NONE: ReadonlySet<string> = new Set();
/** Points cannot be cropped. */
const PICTURES_ONLY: ReadonlySet<string> = new Set(['augment', 'pad']);

/** One form for each student: name, model, method and sampler with their parameters. */
export function StudentForms({
  draft,
  catalogue,
  edit,
}: {
  draft: Recipe;
  catalogue: Catalogue;
  edit: (recipe: Recipe) => void;
}) {
  const looks = identities(draft.students);
  const kind = catalogue.tasks.find(({ id }) => id === draft.task.id)?.kind ?? 'image';
  const change = (index: number, student: Student) => edit(withStudent(draft, index, student));
  return (
    <>
      {numbered(draft.students).map(({ student, number }) => {
        const index = number - 1;
        const look = looks[index];
        return (
          <fieldset key={number} className={styles.group}>
            <legend className={ui.heading}>
              {look && <LineKey look={look} />} Student {number}
            </legend>
            <label className={styles.field}>
              Name
              <input
                className={ui.input}
                maxLength={40}
                value={student.name}
                onChange={(event) =>
                  event.target.value !== '' &&
                  change(index, { ...student, name: event.target.value })
                }
              />
            </label>
            <ChoiceForm
              label="Model"
              entries={catalogue.models.filter(({ inputs }) => inputs.includes(kind))}
              choice={student.model}
              onChange={(model) => change(index, { ...student, model })}
            />
            <ChoiceForm
              label="Method"
              entries={catalogue.methods}
              choice={student.method}
              about={<AboutMethod id={student.method.id} whose={student.name} />}
              onChange={(method) => change(index, { ...student, method })}
            />
            <ChoiceForm
              label="Questions"
              entries={catalogue.samplers.filter(({ inputs }) => inputs.includes(kind))}
              choice={student.sampler}
              hidden={kind === 'plane' ? PICTURES_ONLY : NONE}
              onChange={(sampler) => change(index, { ...student, sampler })}
            />
            {draft.students.length > 1 && (
              <button
                type="button"
                className={ui.button}
                onClick={() => edit(withoutStudent(draft, index))}
              >
                Remove {student.name}
              </button>
            )}
          </fieldset>
        );
      })}
      {draft.students.length < MOST_STUDENTS && (
        <div className={styles.group}>
          <button type="button" className={ui.button} onClick={() => edit(withOneMore(draft))}>
            Add a student
          </button>
        </div>
      )}
    </>
  );
}

/** Students are told apart by their place: names change while they are typed. */
function numbered(students: readonly Student[]): { student: Student; number: number }[] {
  return students.map((student, index) => ({ student, number: index + 1 }));
}

/** What is chosen from a part of the catalogue, and its parameters. */
function ChoiceForm({
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
