import type { StageSample, TaskReport } from '../../worker/protocol';
import { useRun } from '../context';
import type { Latest } from '../feed';
import ui from '../ui/ui.module.css';
import { Who } from '../ui/Who';
import { figureText, valueWords } from '../words/figures';
import { measured, whole } from '../words/format';
import styles from './ValueTable.module.css';

type Gaussian = NonNullable<StageSample['gaussian']>['teacher'];
type Targets = NonNullable<TaskReport['targets']>;

/**
 * Everybody's mean and standard deviation of each target, beside the true value where the question has one. Where the
 * students answer otherwise by now than when they were asked, both stand there.
 */
export function ValueTable({
  sample,
  latest,
  answers,
  targets,
}: {
  sample: StageSample;
  latest: Latest | null;
  answers: NonNullable<StageSample['gaussian']>;
  targets: Targets;
}) {
  const looks = useRun((run) => run.looks) ?? [];
  const truth = truthOf(sample);
  // The label is that of the unmoved point: the truth where the question lies is not known.
  const moved = sample.source === 'noise';
  const now = latest?.gaussian ?? answers.students;
  const kl = latest?.kl ?? sample.kl;
  const scales = targets.names.map((_, k) => scaleOf([answers.teacher, ...now], truth, k));
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className={ui.hidden}>Answer</span>
          </th>
          {targets.names.map((name) => (
            <th scope="col" key={name}>
              {name}
              {targets.unit && `, ${targets.unit}`}
            </th>
          ))}
          <th scope="col">KL, nats</th>
        </tr>
      </thead>
      <tbody>
        {truth && (
          <tr>
            <th scope="row">{moved ? 'label of the point it was moved from' : 'true'}</th>
            {truth.map((value, k) => (
              <td key={targets.names[k]} data-arm="truth" data-metric="value" data-value={value}>
                {measured(value)}
              </td>
            ))}
            <td />
          </tr>
        )}
        <tr>
          <th scope="row">Teacher</th>
          {targets.names.map((name, k) => (
            <Answer
              key={name}
              arm="teacher"
              answer={answers.teacher}
              before={undefined}
              asked={sample.step}
              at={k}
              truth={moved ? undefined : truth?.[k]}
              scale={scales[k] ?? identity}
              colour="var(--teacher)"
            />
          ))}
          <td>–</td>
        </tr>
        {looks.map((look, index) => {
          const answer = now[index];
          const before = latest ? answers.students[index] : undefined;
          return (
            <tr key={look.name}>
              <th scope="row">
                <Who look={look} narrow />
              </th>
              {targets.names.map((name, k) => (
                <Answer
                  key={name}
                  arm={look.name}
                  answer={answer}
                  before={before}
                  asked={sample.step}
                  at={k}
                  truth={moved ? undefined : truth?.[k]}
                  scale={scales[k] ?? identity}
                  colour={look.colour}
                />
              ))}
              <td data-arm={look.name} data-metric="sample-kl" data-value={kl[index]}>
                {figureText('kl', kl[index])}
                {before && (
                  <WhenAsked step={sample.step} text={figureText('kl', sample.kl[index])} />
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** True values of a question that is an example of the data set, or of the one that noise moved; mixed ones have none. */
function truthOf({ parents }: StageSample): readonly number[] | null {
  return parents.length === 1 ? (parents[0]?.values ?? null) : null;
}

type Scale = (value: number) => number;
const identity: Scale = (value) => value;

/** Places values of one target between 0 and 100, so that every answer's deviation is seen. */
function scaleOf(answers: readonly Gaussian[], truth: readonly number[] | null, k: number): Scale {
  const ends = answers.flatMap(({ mean, sd }) => {
    const [middle, spread] = [mean[k] ?? 0, sd?.[k] ?? 0];
    return [middle - spread, middle + spread];
  });
  if (truth) ends.push(truth[k] ?? 0);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return (value) => (high > low ? 4 + (92 * (value - low)) / (high - low) : 50);
}

/** A mean with its standard deviation as a whisker, and the true value as a tick. */
function Answer({
  arm,
  answer,
  before,
  asked,
  at,
  truth,
  scale,
  colour,
}: {
  arm: string;
  answer: Gaussian | undefined;
  /** The answer when the question was asked, where that is another time. */
  before: Gaussian | undefined;
  /** The step at which it was asked. */
  asked: number;
  at: number;
  truth: number | undefined;
  scale: Scale;
  colour: string;
}) {
  const mean = answer?.mean[at];
  const sd = answer?.sd?.[at];
  if (answer === undefined || mean === undefined) return <td>–</td>;
  return (
    <td data-arm={arm} data-metric="value" data-value={mean} data-sd={sd ?? ''}>
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
        {sd !== undefined && (
          <rect
            x={scale(mean - sd)}
            width={Math.max(0, scale(mean + sd) - scale(mean - sd))}
            y="3"
            height="6"
            fill={colour}
            opacity="0.3"
          />
        )}
        <rect x={scale(mean) - 0.8} width="1.6" y="1" height="10" fill={colour} />
        {truth !== undefined && (
          <rect x={scale(truth) - 0.4} width="0.8" y="0" height="12" className={styles.truth} />
        )}
      </svg>
      {words(answer, at)}
      {before && <WhenAsked step={asked} text={words(before, at)} />}
    </td>
  );
}

/** What it was when the question was asked. */
function WhenAsked({ step, text }: { step: number; text: string }) {
  return (
    <span className={styles.before}>
      when asked, step {whole(step)}: <span className={styles.whole}>{text}</span>
    </span>
  );
}

/** One target's mean with its standard deviation, where one is known. */
function words({ mean, sd }: Gaussian, at: number): string {
  const spread = sd?.[at];
  return valueWords([mean[at] ?? NaN], spread === undefined ? null : [spread], '');
}
