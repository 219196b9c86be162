import type { Inspection } from '../../../recipe/inspection';
import type { ClassAnswers, Meaning, ValueAnswers } from '../../../recipe/meaning';
import ui from '../../ui/ui.module.css';
import { percent, whole } from '../../words/format';
import { Sentences } from '../Progress';
import styles from '../own.module.css';
import { Units } from './Units';

const KINDS: Readonly<Record<ClassAnswers['kind'], string>> = {
  logits: 'logits',
  probabilities: 'probabilities',
  sigmoid: 'a probability each',
};

/** What the outputs stand for; all of it may be corrected. */
export function Answers({
  report,
  correct,
}: {
  report: Inspection;
  correct: (part: Partial<Meaning>) => void;
}) {
  const { outputs, meaning, open } = report;
  const { answers } = meaning;
  return (
    <section aria-label="Outputs" className={styles.part}>
      <h3 className={ui.heading}>Outputs</h3>
      {report.outputSaid && <p>{report.outputSaid}</p>}
      <p>{report.answers}</p>
      {outputs.length > 1 && (
        <label className={styles.field}>
          Which output answers
          <select
            className={ui.select}
            value={meaning.output}
            onChange={({ target }) => correct({ output: target.value })}
          >
            {outputs.map(({ name, size }) => (
              <option key={name} value={name}>
                {name} ({size})
              </option>
            ))}
          </select>
        </label>
      )}
      {answers.kind === 'values' ? (
        <Units
          report={report}
          answers={answers}
          change={(next: ValueAnswers) => correct({ answers: next })}
        />
      ) : (
        <Classes
          report={report}
          answers={answers}
          change={(next: ClassAnswers) => correct({ answers: next })}
        />
      )}
      <Sentences of={open} name="To be decided" tone="warning" />
      {open.length > 0 && answers.kind !== 'values' && (
        <button type="button" className={ui.button} onClick={() => correct({ answers })}>
          It is as the table says
        </button>
      )}
    </section>
  );
}

const BY = {
  place: 'in the order in which they stand',
  names: 'by the names that the file holds',
  trying: 'found by trying labelled examples',
  person: 'as you say',
} as const;

function Classes({
  report,
  answers,
  change,
}: {
  report: Inspection;
  answers: ClassAnswers;
  change: (answers: ClassAnswers) => void;
}) {
  const { taskClasses, fileClasses, order, outputs, meaning } = report;
  const size = outputs.find(({ name }) => name === meaning.output)?.size ?? 0;
  const places = Array.from({ length: size }, (_, i) => i);
  const odd = Boolean(order?.better) || report.open.length > 0 || size !== taskClasses.length;
  return (
    <>
      <label className={styles.field}>
        It puts out
        <select
          className={ui.select}
          value={answers.kind}
          onChange={({ target }) =>
            change({ ...answers, kind: target.value as ClassAnswers['kind'] })
          }
        >
          {Object.entries(KINDS).map(([kind, text]) => (
            <option key={kind} value={kind}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {order?.better && (
        <p className={styles.warning}>
          Another order of its classes, worked out from {whole(report.chosenOn ?? 0)} labelled
          examples, is right on {percent(order.better.accuracy)} of {whole(report.images)} others;
          this one on {percent(order.better.own)}.{' '}
          <button
            type="button"
            className={ui.button}
            onClick={() => order.better && change({ ...answers, classes: order.better.classes })}
          >
            Take that order
          </button>
        </p>
      )}
      {order?.said && <p>{order.said}</p>}
      <details open={odd}>
        <summary>
          {size} outputs for {taskClasses.length} classes, {order ? BY[order.by] : ''}
        </summary>
        <table className={styles.classes}>
          <thead>
            <tr>
              <th scope="col">Class of the task</th>
              <th scope="col">Output</th>
            </tr>
          </thead>
          <tbody>
            {taskClasses.map((name, i) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <select
                    className={ui.select}
                    aria-label={`Output for ${name}`}
                    value={answers.classes[i] ?? ''}
                    onChange={({ target }) =>
                      change({
                        ...answers,
                        classes: answers.classes.map((place, at) => {
                          if (at !== i) return place;
                          return target.value === '' ? null : Number(target.value);
                        }),
                      })
                    }
                  >
                    <option value="">none</option>
                    {places.map((place) => (
                      <option key={place} value={place}>
                        {place}
                        {fileClasses?.[place] !== undefined && `: ${fileClasses[place]}`}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
