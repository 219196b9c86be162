import type { Identity } from '../../charts/identity';
import { FIGURES } from '../../recipe/figures';
import type { Figures } from '../../worker/protocol';
import { useApp, useAsksValues, useRun } from '../context';
import { figuresOf, type RunView } from '../run';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { RunMark } from '../ui/RunMark';
import { Who } from '../ui/Who';
import { measured, percent, whole } from '../words/format';
import { expectation, gapClosed, outcome } from '../words/results';
import styles from './Results.module.css';
import { ValueResults } from './ValueResults';

/** How far each student is from the teacher, and one plain sentence about it. */
export function Results() {
  const run = useRun((shown) => shown);
  const figures = run ? figuresOf(run) : null;
  const values = useAsksValues();
  return (
    <Panel
      name="Results"
      title={values ? 'How close to the truth' : 'Accuracy and agreement'}
      aside={
        <>
          · {figures?.split ?? 'validation'}
          {run?.exploded && `, step ${run.exploded.good}`}
          <RunMark className={styles.tag} />
        </>
      }
    >
      <div className={ui.card}>
        {run && figures && run.report?.targets && <ValueResults run={run} {...figures} />}
        {run && figures && !run.report?.targets && (
          <table className={styles.table} data-split={figures.split}>
            <thead>
              <tr>
                <th scope="col">
                  <span className={ui.hidden}>Student</span>
                </th>
                <th scope="col" colSpan={2} title={FIGURES.accuracy.note}>
                  accuracy
                </th>
                <th scope="col" title={FIGURES.agreement.note}>
                  agreement
                </th>
                <th scope="col" title="KL(teacher || student) in nats, at temperature 1">
                  KL
                </th>
              </tr>
            </thead>
            <tbody>
              {run.looks.map((look, index) => (
                <Row key={look.name} look={look} figures={figures.students[index]} />
              ))}
              {figures.teacher && (
                <tr className={ui.soft}>
                  <th scope="row">Teacher</th>
                  <Bar value={figures.teacher.accuracy ?? NaN} colour="var(--teacher)" />
                  <Cell arm="teacher" metric="accuracy" value={figures.teacher.accuracy ?? NaN} />
                  <td className={styles.number}>{percent(1)}</td>
                  <td className={styles.number}>0</td>
                </tr>
              )}
            </tbody>
          </table>
        )}
        {!figures && (
          <p className={ui.soft}>
            Each student’s figures, and the teacher’s beside them, stand here once a run has begun.
          </p>
        )}
        <Sentence run={run} />
      </div>
    </Panel>
  );
}

function Row({ look, figures }: { look: Identity; figures: Figures | undefined }) {
  const accuracy = figures?.accuracy ?? NaN;
  return (
    <tr>
      <th scope="row">
        <Who look={look} />
      </th>
      <Bar value={accuracy} colour={look.colour} />
      <Cell arm={look.name} metric="accuracy" value={accuracy} />
      <Cell arm={look.name} metric="agreement" value={figures?.agreement ?? NaN} />
      <Cell arm={look.name} metric="kl" value={figures?.kl ?? NaN} />
    </tr>
  );
}

/** A share of one as a bar. */
function Bar({ value, colour }: { value: number; colour: string }) {
  const width = Number.isFinite(value) ? `${value * 100}%` : 0;
  return (
    <td className={styles.bar} aria-hidden="true">
      <div className={styles.track}>
        <div style={{ width, background: colour }} />
      </div>
    </td>
  );
}

function Cell({ arm, metric, value }: { arm: string; metric: string; value: number }) {
  return (
    <td
      className={styles.number}
      data-arm={arm}
      data-metric={metric}
      data-value={Number.isFinite(value) ? value : ''}
    >
      {metric === 'kl' ? measured(value) : percent(value)}
    </td>
  );
}

/** What the figures say, or what to expect before they say anything. */
function Sentence({ run }: { run: RunView | null }) {
  const draft = useApp((state) => state.draft);
  const said = run ? outcome(run) : null;
  const closed = run ? gapClosed(run) : null;
  const expected =
    run?.phase === 'done' || run?.tested || run?.exploded
      ? null
      : expectation(run?.recipe ?? draft, run?.progress?.step ?? null);
  return (
    <div className={styles.sentence} data-metric="outcome">
      {said !== null && <p>{said}</p>}
      {closed !== null && <p>{closed}</p>}
      {expected !== null && <p className={ui.soft}>{expected}</p>}
      {run?.tested && run.report && (
        <p className={ui.soft}>
          Measured once, with the last weights, on {whole(run.report.counts.test)} test examples.
        </p>
      )}
    </div>
  );
}
