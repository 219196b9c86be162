import type { Identity } from '../../charts/identity';
import type { Figures } from '../../worker/protocol';
import { useApp, useRun } from '../context';
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
  return (
    <Panel
      name="Results"
      title={run?.report?.targets ? 'How close to the truth' : 'Agreement with the teacher'}
      aside={
        <>
          · {figures?.split ?? 'validation'}
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
                <th scope="col" colSpan={2}>
                  agreement
                </th>
                <th scope="col">accuracy</th>
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
                  <td colSpan={2} className={styles.number}>
                    {percent(1)}
                  </td>
                  <Cell arm="teacher" metric="accuracy" value={figures.teacher.accuracy ?? NaN} />
                  <td className={styles.number}>0</td>
                </tr>
              )}
            </tbody>
          </table>
        )}
        <Sentence run={run} />
      </div>
    </Panel>
  );
}

function Row({ look, figures }: { look: Identity; figures: Figures | undefined }) {
  const agreement = figures?.agreement ?? NaN;
  return (
    <tr>
      <th scope="row">
        <Who look={look} />
      </th>
      <td className={styles.bar} aria-hidden="true">
        <div className={styles.track}>
          <div
            style={{
              width: `${Number.isFinite(agreement) ? agreement * 100 : 0}%`,
              background: look.colour,
            }}
          />
        </div>
      </td>
      <Cell arm={look.name} metric="agreement" value={agreement} />
      <Cell arm={look.name} metric="accuracy" value={figures?.accuracy ?? NaN} />
      <Cell arm={look.name} metric="kl" value={figures?.kl ?? NaN} />
    </tr>
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
    run?.phase === 'done' || run?.tested
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
