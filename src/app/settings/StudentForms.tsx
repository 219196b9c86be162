import { LineKey } from '../../charts/Glyph';
import { identities } from '../../charts/identity';
import type { Catalogue, Choice, Recipe, Student } from '../../recipe/recipe';
import { warmStartField } from '../../recipe/run-fields';
import { cleaned } from '../../recipe/shown';
import {
  MOST_STUDENTS,
  withCompression,
  withOneMore,
  withoutFile,
  withoutStudent,
  withStudent,
} from '../edit';
import { AboutMethod } from '../methods/MethodCards';
import ui from '../ui/ui.module.css';
import { FieldControl } from './FieldControl';
import { ChoiceForm } from './ChoiceForm';
import styles from './settings.module.css';

/** Points cannot be cropped, and a mirrored image would have another value. */
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
  const task = catalogue.tasks.find(({ id }) => id === draft.task.id);
  const { kind = 'image', asks = 'classes' } = task ?? {};
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
                  change(index, { ...student, name: cleaned(event.target.value) })
                }
              />
            </label>
            {student.file ? (
              <FileLine student={student} onChange={(next) => change(index, next)} />
            ) : (
              <ChoiceForm
                label="Model"
                entries={catalogue.models.filter(({ inputs }) => inputs.includes(kind))}
                choice={student.model}
                onChange={(model) => change(index, { ...student, model })}
              />
            )}
            <ChoiceForm
              label="Method"
              entries={catalogue.methods.filter(
                ({ outputs = 'classes' }) => (outputs === 'classes') === (asks === 'classes'),
              )}
              choice={student.method}
              about={<AboutMethod id={student.method.id} whose={student.name} />}
              onChange={(method) => change(index, { ...student, method })}
            />
            <ChoiceForm
              label="Questions"
              entries={catalogue.samplers.filter(({ inputs }) => inputs.includes(kind))}
              choice={student.sampler}
              {...((kind !== 'image' || asks === 'values') && { hidden: PICTURES_ONLY })}
              onChange={(sampler) => change(index, { ...student, sampler })}
            />
            <FieldControl
              field={warmStartField}
              value={student.warmStart ?? warmStartField.default}
              onChange={(warmStart) => change(index, { ...student, warmStart: Number(warmStart) })}
            />
            <ChoiceForm
              label="Compression"
              entries={catalogue.compressions}
              choice={student.compression ?? UNCOMPRESSED}
              onChange={(compression) => change(index, withCompression(student, compression))}
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

/** A student's architecture from a file: its name, which weights it starts from, and the way back to the model. */
function FileLine({
  student,
  onChange,
}: {
  student: Student;
  onChange: (student: Student) => void;
}) {
  const { file } = student;
  if (!file) return null;
  return (
    <>
      <p className={styles.field}>Architecture from a file: {file.name}</p>
      <label className={styles.field}>
        Its weights
        <select
          className={ui.select}
          value={file.weights}
          onChange={(event) =>
            onChange({
              ...student,
              file: { ...file, weights: event.target.value === 'kept' ? 'kept' : 'fresh' },
            })
          }
        >
          <option value="kept">kept: it starts as the file is</option>
          <option value="fresh">fresh: drawn anew by the seed</option>
        </select>
      </label>
      <button type="button" className={ui.button} onClick={() => onChange(withoutFile(student))}>
        Use a model instead of {file.name}
      </button>
    </>
  );
}

const UNCOMPRESSED: Choice = { id: 'none', params: {} };

/** Students are told apart by their place: names change while they are typed. */
function numbered(students: readonly Student[]): { student: Student; number: number }[] {
  return students.map((student, index) => ({ student, number: index + 1 }));
}
