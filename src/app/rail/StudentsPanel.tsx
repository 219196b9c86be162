import { LineKey } from '../../charts/Glyph';
import { identities } from '../../charts/identity';
import type { Catalogue, Choice, Student } from '../../recipe/recipe';
import { useApp, useSession } from '../context';
import { AboutMethod, MethodsButton } from '../methods/MethodCards';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import styles from './rail.module.css';

/** Who takes part: each student with its look, its model and its method. */
export function StudentsPanel() {
  const session = useSession();
  const students = useApp((state) => state.draft.students);
  const off = useApp((state) => state.off);
  const catalogue = useApp((state) => state.catalogue);
  const looks = identities(students);
  const oneModel = students.every(({ model, file }) => !file && model.id === students[0]?.model.id);
  const on = students.length - off.length;
  return (
    <Panel
      name="Students"
      aside={oneModel && catalogue ? `· ${modelTitle(catalogue, students[0])}` : undefined}
      action={<MethodsButton />}
    >
      <div className={ui.card}>
        {students.map((student, index) => {
          const look = looks[index];
          const checked = !off.includes(student.name);
          return (
            <div key={student.name} className={styles.row}>
              <label
                className={`${styles.student} ${checked ? '' : styles.off}`}
                title={describe(catalogue, student)}
              >
                <input
                  type="checkbox"
                  checked={checked}
                  disabled={checked && on === 1}
                  title={checked && on === 1 ? 'One student has to take part.' : undefined}
                  onChange={() => session.toggleStudent(student.name)}
                />
                {look && <LineKey look={look} />}
                <span className={styles.name}>
                  {student.name}
                  <small>{describe(catalogue, student, !oneModel)}</small>
                </span>
              </label>
              <AboutMethod id={student.method.id} whose={student.name} />
            </div>
          );
        })}
      </div>
    </Panel>
  );
}

function describe(catalogue: Catalogue | null, student: Student, withModel = false): string {
  if (!catalogue) return '';
  const method = titled(catalogue.methods, student.method);
  const sampler = titled(catalogue.samplers, student.sampler);
  const smaller = student.compression
    ? `, ${lowered(titled(catalogue.compressions, student.compression))}`
    : '';
  const model = withModel ? `${modelTitle(catalogue, student)}, ` : '';
  const named = method === student.name ? '' : `${method}, `;
  return `${model}${named}${learnsFrom(catalogue, student)}: ${lowered(sampler)}${smaller}`;
}

/** Whose answers a student learns: what tells methods apart that see the same inputs. */
function learnsFrom({ methods }: Catalogue, { method }: Student): string {
  const needs = methods.find(({ id }) => id === method.id)?.needs;
  return needs?.teacher === 'none' ? 'labels' : 'teacher';
}

function modelTitle(catalogue: Catalogue | null, student: Student | undefined): string {
  if (student?.file) return student.file.name;
  return student && catalogue ? titled(catalogue.models, student.model) : '';
}

function titled(
  entries: readonly { readonly id: string; readonly title: string }[],
  choice: Choice,
): string {
  return entries.find(({ id }) => id === choice.id)?.title ?? choice.id;
}

/** "Data only" -> "data only", but "CutMix" stays. */
function lowered(title: string): string {
  return /^[A-Z][a-z]+( |$)/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
