import type { StageSample } from '../../worker/protocol';
import { useRun } from '../context';
import type { Latest } from '../feed';
import { measured } from '../words/format';
import { agreesWords, answerRows, digitsFor, firstChoice } from './answers';
import styles from './AnswerTable.module.css';
import ui from '../ui/ui.module.css';
import { Who } from '../ui/Who';

/** Columns of more students are too narrow for their names; their marks stand beside the names in the results. */
const MOST_NAMED = 4;

/**
 * Teacher's and students' probabilities, class by class: a filled bar each, and the teacher's as an outline. Where the
 * students answer otherwise by now than when they were asked, both stand there: "26→37".
 */
export function AnswerTable({
  sample,
  latest,
  classes,
}: {
  sample: StageSample;
  latest: Latest | null;
  classes: readonly string[];
}) {
  const looks = useRun((run) => run.looks) ?? [];
  const many = looks.length > MOST_NAMED;
  const rows = answerRows(sample, latest, classes);
  const answers = latest?.students ?? sample.students;
  const kl = latest?.kl ?? sample.kl;
  const first = firstChoice(sample.teacher);
  return (
    <table className={many ? `${styles.table} ${styles.many}` : styles.table}>
      <thead>
        <tr>
          <th scope="col" className={styles.names}>
            <span className={ui.hidden}>Answer</span>
          </th>
          <th scope="col">Teacher</th>
          {looks.map((look) => (
            <th scope="col" key={look.name}>
              <Who look={look} brief={many} narrow />
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
            <Bar
              arm="teacher"
              value={row.teacher}
              before={null}
              outline={null}
              colour="var(--teacher)"
              digits={digitsFor(sample.teacher)}
              first={row.label === first}
            />
            {looks.map((look, index) => (
              <Bar
                key={look.name}
                arm={look.name}
                value={row.students[index] ?? 0}
                before={latest ? (row.before[index] ?? 0) : null}
                outline={row.teacher}
                colour={look.colour}
                digits={digitsFor(answers[index] ?? [])}
                first={row.label === firstChoice(answers[index] ?? [])}
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
              data-value={kl[index]}
              data-before={latest ? sample.kl[index] : undefined}
            >
              <Change
                before={latest && !many ? brief(sample.kl[index] ?? NaN) : null}
                now={brief(kl[index] ?? NaN)}
              />
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row">agrees</th>
          <td>–</td>
          {looks.map((look, index) => {
            const own = firstChoice(answers[index] ?? []);
            const name = classes[own] ?? `class ${own}`;
            const asked = latest ? firstChoice(sample.students[index] ?? []) : own;
            return (
              <td key={look.name} className={styles.choice} title={name} data-choice={name}>
                <Change {...agreesWords(asked, own, first, classes)} />
              </td>
            );
          })}
        </tr>
      </tfoot>
    </table>
  );
}

/** "26→37": what was answered when the question was asked, where that reads otherwise, and what is answered now. */
function Change({ before, now }: { before: string | null; now: string }) {
  return (
    <>
      {before !== null && before !== now && (
        <>
          {before}→<wbr />
        </>
      )}
      <b>{now}</b>
    </>
  );
}

/** A KL in the width of a bar: beyond three places it is as good as nothing. */
function brief(kl: number): string {
  return kl >= 0 && kl < 0.001 ? '<0.001' : measured(Number(kl.toFixed(3)));
}

function Bar({
  arm,
  value,
  before,
  outline,
  colour,
  digits,
  first,
}: {
  arm: string;
  value: number;
  /** What it was when the question was asked; null where that is not another time. */
  before: number | null;
  outline: number | null;
  colour: string;
  /** Places after the point of the percentage. */
  digits: number;
  /** This class is the network's first choice. */
  first: boolean;
}) {
  return (
    <td
      data-arm={arm}
      data-metric="probability"
      data-value={value}
      data-before={before ?? undefined}
      className={first ? styles.first : undefined}
    >
      <span className={styles.cell}>
        <span className={styles.track} aria-hidden="true">
          <span className={styles.fill} style={{ width: `${value * 100}%`, background: colour }} />
          {outline !== null && (
            <span className={styles.outline} style={{ width: `${outline * 100}%` }} />
          )}
        </span>
        <span className={styles.number}>
          <Change
            before={before === null ? null : (before * 100).toFixed(digits)}
            now={(value * 100).toFixed(digits)}
          />
        </span>
      </span>
    </td>
  );
}
