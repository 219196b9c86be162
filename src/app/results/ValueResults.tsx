import { FIGURES, type FigureName, type Figures } from '../../recipe/figures';
import type { RunView } from '../run';
import ui from '../ui/ui.module.css';
import { Who } from '../ui/Who';
import { figureText, valueColumns } from '../words/figures';
import styles from './Results.module.css';

/** The figures of students and teacher on a task of real values. */
export function ValueResults({
  run,
  split,
  teacher,
  students,
}: {
  run: RunView;
  split: string;
  teacher: Figures | null;
  students: readonly (Figures | undefined)[];
}) {
  const columns = valueColumns(teacher);
  const unit = run.report?.targets?.unit ?? '';
  return (
    <table className={styles.table} data-split={split}>
      <thead>
        <tr>
          <th scope="col">
            <span className={ui.hidden}>Student</span>
          </th>
          {columns.map((name) => (
            <th scope="col" key={name} title={FIGURES[name].note}>
              {FIGURES[name].short}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {run.looks.map((look, index) => (
          <tr key={look.name}>
            <th scope="row">
              <Who look={look} />
            </th>
            <Cells arm={look.name} figures={students[index]} columns={columns} unit={unit} />
          </tr>
        ))}
        {teacher && (
          <tr className={ui.soft}>
            <th scope="row">Teacher</th>
            <Cells arm="teacher" figures={teacher} columns={columns} unit={unit} />
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Cells({
  arm,
  figures,
  columns,
  unit,
}: {
  arm: string;
  figures: Figures | undefined;
  columns: readonly FigureName[];
  unit: string;
}) {
  return columns.map((name) => (
    <td
      key={name}
      className={styles.number}
      data-arm={arm}
      data-metric={name}
      data-value={figures?.[name] ?? ''}
    >
      {arm === 'teacher' && name === 'kl' ? '0' : figureText(name, figures?.[name], unit)}
    </td>
  ));
}
