import type { CSSProperties } from 'react';
import type { Identity } from '../../charts/identity';
import type { TaskReport } from '../../worker/protocol';
import { useBoard, useRun } from '../context';
import ui from '../ui/ui.module.css';
import { percent } from '../words/format';
import { PlaneCanvas } from './PlaneCanvas';
import { useShownFigures } from './useShownFigures';
import { askedOf } from './asked';
import { ClassMark } from './ClassMark';
import styles from './PlaneBoard.module.css';

const NONE: readonly Identity[] = [];

/** What each network answers on the whole plane, with the training points and the points that were asked. */
export function PlaneBoard({ report }: { report: TaskReport }) {
  const looks = useRun((run) => run.looks) ?? NONE;
  const students = useRun((run) => run.recipe.students);
  const plane = useRun((run) => run.plane);
  const shown = useShownFigures();
  const board = useBoard();
  return (
    <div className={styles.board} data-plane="">
      <div className={styles.planes} style={shapeOf(1 + looks.length)}>
        <PlaneCanvas
          look={null}
          figure={percent(shown.teacher?.accuracy ?? NaN)}
          split={shown.split}
          grid={plane?.teacher ?? null}
          step={plane?.step ?? null}
          report={report}
          asked={board}
        />
        {looks.map((look, index) => (
          <PlaneCanvas
            key={look.name}
            look={look}
            figure={percent(shown.students[index]?.accuracy ?? NaN)}
            split={shown.split}
            grid={plane?.students[index] ?? null}
            step={plane?.step ?? null}
            report={report}
            asked={askedOf(board, students?.[index]?.sampler.id)}
          />
        ))}
      </div>
      <Legend report={report} split={shown.split} />
    </div>
  );
}

/** Two rows, as wide as they have to be; three of many, so that names have room. */
function shapeOf(count: number): CSSProperties {
  const columns = Math.max(2, Math.ceil(count / (count > 6 ? 3 : 2)));
  return { '--columns': columns, '--rows': Math.ceil(count / columns) } as CSSProperties;
}

function Legend({ report, split }: { report: TaskReport; split: string }) {
  return (
    <div className={styles.legend}>
      <ul>
        {report.classes.map((name, label) => (
          <li key={name}>
            <ClassMark label={label} /> {name}
          </li>
        ))}
      </ul>
      <p className={ui.soft}>
        Above each that has room for it: right answers on the {split} split.
      </p>
      <p className={ui.soft}>Marks are the training points. Faint colour: the network is unsure.</p>
      <p className={ui.soft}>Rings are points put to the teacher; click one to see the answers.</p>
    </div>
  );
}
