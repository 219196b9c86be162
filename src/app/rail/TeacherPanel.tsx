import type { Figures } from '../../recipe/figures';
import type { TeacherCard } from '../../recipe/recipe';
import { useApp, useRun } from '../context';
import { Bring } from '../own/Bring';
import { OwnTeacher } from '../own/OwnTeacher';
import { markOf } from '../marks';
import { sameValue } from '../state';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { figureText } from '../words/figures';
import { percent, short } from '../words/format';
import styles from './rail.module.css';

/** The frozen teacher: what it is, how large, and how good it was measured to be. */
export function TeacherPanel() {
  const teacher = useApp((state) => state.draft.teacher);
  const file = teacher.source === 'file' ? teacher : null;
  const id = teacher.source === 'bundled' ? teacher.id : null;
  const card = useApp((state) => state.catalogue?.teachers.find((known) => known.id === id));
  const task = useApp((state) => state.draft.task);
  const report = useRun((run) =>
    sameValue(run.recipe.teacher, teacher) && sameValue(run.recipe.task, task)
      ? (run.report?.teacher ?? null)
      : null,
  );
  const unit = useRun((run) => run.report?.targets?.unit ?? '') ?? '';
  const quality = report ? qualityWords(report.validation, unit) : '';
  const title = card?.title ?? report?.title ?? (id ? 'Teacher' : 'Trained before the run');
  const size = card ?? report;
  return (
    <Panel name="Teacher" action={<Bring what="teacher" />}>
      <div className={ui.card}>
        {file ? (
          <OwnTeacher teacher={file} />
        ) : (
          <>
            <p>
              <b>{title}</b>
            </p>
            {size && (
              <p className={`${ui.soft} ${styles.facts}`}>
                <span>{short(size.parameters)} weights, frozen</span>
                <span title="multiply-adds for one input">{short(size.macs)} MACs</span>
              </p>
            )}
            {card ? <Accuracies card={card} /> : report && <p>{quality} on validation</p>}
          </>
        )}
        <Companions />
        <Line />
      </div>
    </Panel>
  );
}

/** The teachers beside the first, each with what it is known to be. */
function Companions() {
  const companions = useApp((state) => state.draft.companions);
  const cards = useApp((state) => state.catalogue?.teachers);
  const methods = useApp((state) => state.catalogue?.methods);
  const students = useApp((state) => state.draft.students);
  const off = useApp((state) => state.off);
  const reports = useRun((run) =>
    sameValue(run.recipe.companions, companions) ? (run.report?.companions ?? null) : null,
  );
  if (companions.length === 0) return null;
  const asked = students.some(
    ({ name, method }) =>
      !off.includes(name) && methods?.some(({ id, needs }) => id === method.id && needs.several),
  );
  const known = companions.map((teacher, index) => {
    const id = teacher.source === 'bundled' ? teacher.id : null;
    const card = cards?.find((one) => one.id === id);
    const report = reports?.[index];
    const title = card?.title ?? report?.title ?? (id ? 'Teacher' : 'Trained before the run');
    return { number: index + 2, title, size: card ?? report, validation: report?.validation };
  });
  return (
    <ul className={styles.companions} aria-label="More teachers">
      {known.map(({ number, title, size, validation }) => (
        <li key={number}>
          {title}{' '}
          <span className={ui.soft}>
            {size && `${short(size.parameters)} weights, ${kilobytes(size.parameters)}`}
            {validation?.accuracy !== undefined &&
              `, ${percent(validation.accuracy)} on validation`}
          </span>
        </li>
      ))}
      {methods && !asked && (
        <li className={ui.soft}>No student’s method asks them, so they are left out.</li>
      )}
    </ul>
  );
}

/** The line of teachers before the run, each by its accuracy on the test split. */
function Line() {
  const line = useRun((run) => run.report?.generations ?? null);
  const changed = useApp((state) => markOf(state)?.endsWith('before changes') ?? false);
  if (!line || changed) return null;
  return (
    <ul className={styles.companions} aria-label="Generations">
      {line.map(({ title, test }) => (
        <li key={title}>
          {title}{' '}
          <span className={ui.soft}>
            {test.accuracy !== undefined && `${percent(test.accuracy)} on test`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Memory that a teacher's weights take, 4 bytes each. */
function kilobytes(parameters: number): string {
  return `${Math.max(1, Math.round((4 * parameters) / 1000))} KB`;
}

/** How good a teacher is: its accuracy, or how far off it is. */
function qualityWords(figures: Figures, unit: string): string {
  if (figures.rmse === undefined) return percent(figures.accuracy ?? NaN);
  return `RMSE ${figureText('rmse', figures.rmse, unit)}`;
}

/** What the splits of a card are called: CIFAR-10's test images have come in two ways. */
const SPLITS: Readonly<Record<string, string>> = {
  testLossless: 'its lossless part',
  testJpeg: 'its JPEG part',
};

function Accuracies({ card }: { card: TeacherCard }) {
  return (
    <p title={`${card.data} SHA-256 ${card.sha256}`}>
      <span className={ui.soft}>by its card: </span>
      {Object.entries(card.accuracy).map(([split, accuracy], index) => (
        <span key={split}>
          {index > 0 && ' · '}
          {percent(accuracy)} <span className={ui.soft}>{SPLITS[split] ?? split}</span>
        </span>
      ))}
    </p>
  );
}
