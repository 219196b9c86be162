import type { Catalogue, InputKind, Recipe, Teacher } from '../../recipe/recipe';
import type { AnyValues, Fields } from '../../recipe/fields';
import {
  cropField,
  gaussianTeacherFields,
  MOST_COMPANIONS,
  nonTargetEntropyField,
  optimizerFields,
  runFields,
} from '../../recipe/run-fields';
import {
  trainedTeacher,
  withCompanion,
  withoutTeacherAt,
  withTeacherAt,
  type TrainedTeacher,
} from '../edit';
import ui from '../ui/ui.module.css';
import { ChoiceForm } from './ChoiceForm';
import { FieldList } from './Group';
import styles from './settings.module.css';

const TRAINED = 'train';
const AUGMENT = {
  kind: 'choice',
  label: 'Views',
  help: 'Whether its images are cropped and flipped while it learns.',
  default: 'none',
  options: [
    { value: 'none', label: 'as they are' },
    { value: 'crop-flip', label: 'cropped and flipped' },
  ],
} as const;

/** The teachers beside the first, which methods for several teachers ask. */
export function TeacherForms({
  draft,
  catalogue,
  edit,
}: {
  draft: Recipe;
  catalogue: Catalogue;
  edit: (recipe: Recipe) => void;
}) {
  const asked = draft.students.some(({ method }) =>
    catalogue.methods.some(({ id, needs }) => id === method.id && needs.several),
  );
  return (
    <>
      {draft.companions
        .map((teacher, index) => ({ teacher, number: index + 2 }))
        .map(({ teacher, number }) => (
          <fieldset key={number} className={styles.group}>
            <legend className={ui.heading}>Teacher {number}</legend>
            <TeacherForm
              draft={draft}
              catalogue={catalogue}
              teacher={teacher}
              onChange={(next) => edit(withTeacherAt(draft, number - 2, next))}
            />
            <button
              type="button"
              className={ui.button}
              onClick={() => edit(withoutTeacherAt(draft, number - 2))}
            >
              Remove teacher {number}
            </button>
          </fieldset>
        ))}
      {draft.companions.length < MOST_COMPANIONS && (
        <div className={styles.group}>
          <button type="button" className={ui.button} onClick={() => edit(withCompanion(draft))}>
            Add a teacher
          </button>
          <p className={ui.soft}>
            {asked
              ? 'Trained before the run, from a seed of its own.'
              : 'No student’s method here asks more than the first teacher.'}
          </p>
        </div>
      )}
    </>
  );
}

function TeacherForm({
  draft,
  catalogue,
  teacher,
  onChange,
}: {
  draft: Recipe;
  catalogue: Catalogue;
  teacher: Teacher;
  onChange: (teacher: Teacher) => void;
}) {
  const { kind = 'image', asks = 'classes' } =
    catalogue.tasks.find(({ id }) => id === draft.task.id) ?? {};
  const bundled = catalogue.teachers.filter(({ task }) => task.id === draft.task.id);
  const files = [draft.teacher, ...draft.companions].filter(
    (one, at, all) =>
      one.source === 'file' && all.findIndex((other) => valueOf(other) === valueOf(one)) === at,
  );
  const [model] = draft.students.map((student) => student.model);
  return (
    <>
      <label className={styles.field} title="Where it comes from">
        Source
        <select
          className={ui.select}
          value={valueOf(teacher)}
          onChange={({ target }) => {
            const own = files.find((file) => valueOf(file) === target.value);
            if (own) onChange(own);
            else if (target.value !== TRAINED) onChange({ source: 'bundled', id: target.value });
            else if (model) onChange(trainedTeacher(draft, model));
          }}
        >
          <option value={TRAINED}>Trained before the run</option>
          {bundled.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
          {files.map((file) => (
            <option key={valueOf(file)} value={valueOf(file)}>
              {file.source === 'file' && `${file.name} (from a file)`}
            </option>
          ))}
        </select>
      </label>
      {teacher.source === 'train' && (
        <TrainingForm
          catalogue={catalogue}
          kind={kind}
          asks={asks}
          teacher={teacher}
          onChange={onChange}
        />
      )}
    </>
  );
}

/** What stands for a teacher in the menu of sources. */
function valueOf(teacher: Teacher): string {
  if (teacher.source === 'train') return TRAINED;
  return teacher.source === 'file' ? `file ${teacher.sha256}` : teacher.id;
}

function TrainingForm({
  catalogue,
  kind,
  asks,
  teacher,
  onChange,
}: {
  catalogue: Catalogue;
  kind: InputKind;
  asks: 'classes' | 'values';
  teacher: TrainedTeacher;
  onChange: (teacher: Teacher) => void;
}) {
  const { optimizer } = teacher;
  const fields: Fields = {
    steps: runFields.steps,
    batch: runFields.batch,
    // Points cannot be cropped.
    ...(kind === 'image' && asks === 'classes' && { augment: AUGMENT, pad: cropField }),
    ...(asks === 'values' ? gaussianTeacherFields : { nonTargetEntropy: nonTargetEntropyField }),
  };
  const values = Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [
      key,
      teacher[key as keyof typeof teacher] ?? field.default,
    ]),
  ) as AnyValues;
  return (
    <>
      <ChoiceForm
        label="Model"
        entries={catalogue.models.filter(({ inputs }) => inputs.includes(kind))}
        choice={teacher.model}
        onChange={(model) => onChange({ ...teacher, model })}
      />
      <FieldList
        fields={fields}
        values={values}
        change={(key, value) => onChange({ ...teacher, [key]: value })}
      />
      <FieldList
        fields={optimizerFields}
        values={{ ...optimizer }}
        change={(key, value) => onChange({ ...teacher, optimizer: { ...optimizer, [key]: value } })}
      />
    </>
  );
}
