import type { StageSample } from '../../worker/protocol';
import { useRun } from '../context';
import { measured } from '../words/format';
import { answerRows, firstChoice } from './answers';
import styles from './AnswerTable.module.css';
import ui from '../ui/ui.module.css';
import { Who } from '../ui/Who';

/** Teacher's and students' probabilities, class by class: a filled bar each, and the teacher's as an outline. */
export function AnswerTable({
  sample,
  classes,
}: {
  sample: StageSample;
  classes: readonly string[];
}) {
  const looks = useRun((run) => run.looks) ?? [];
  const rows = answerRows(sample, classes);
  const first = firstChoice(sample.teacher);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col" className={styles.names}>
            <span className={ui.hidden}>Answer</span>
          </th>
          <th scope="col">Teacher</th>
          {looks.map((look) => (
            <th scope="col" key={look.name}>
              <Who look={look} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row" className={row.parent ? styles.parent : undefined} title={row.name}>
              {row.name}
            </th>
            <Bar arm="teacher" value={row.teacher} outline={null} colour="var(--teacher)" />
            {looks.map((look, index) => (
              <Bar
                key={look.name}
                arm={look.name}
                value={row.students[index] ?? 0}
                outline={row.teacher}
                colour={look.colour}
              />
            ))}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">KL, nats</th>
          <td>–</td>
          {looks.map((look, index) => (
            <td
              key={look.name}
              data-arm={look.name}
              data-metric="sample-kl"
              data-value={sample.kl[index]}
            >
              {brief(sample.kl[index] ?? NaN)}
            </td>
          ))}
        </tr>
        <tr hidden={rows.length < 4}>
          <th scope="row">agrees</th>
          <td>–</td>
          {looks.map((look, index) => (
            <td key={look.name}>
              {firstChoice(sample.students[index] ?? []) === first ? 'yes' : 'no'}
            </td>
          ))}
        </tr>
      </tfoot>
    </table>
  );
}

/** A KL in the width of a bar: beyond three places it is as good as nothing. */
function brief(kl: number): string {
  return kl >= 0 && kl < 0.001 ? '<0.001' : measured(Number(kl.toFixed(3)));
}

function Bar({
  arm,
  value,
  outline,
  colour,
}: {
  arm: string;
  value: number;
  outline: number | null;
  colour: string;
}) {
  return (
    <td data-arm={arm} data-metric="probability" data-value={value}>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.fill} style={{ width: `${value * 100}%`, background: colour }} />
        {outline !== null && (
          <span className={styles.outline} style={{ width: `${outline * 100}%` }} />
        )}
      </span>
      <span className={styles.number}>{Math.round(value * 100)}</span>
    </td>
  );
}
