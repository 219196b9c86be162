import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import type { StageSample, TaskReport } from '../../worker/protocol';
import { useApp, useBoard, useDispatch, usePanelData, useRun } from '../context';
import type { Latest } from '../feed';
import { kindOf } from '../panels';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { entropyBits, percent, whole } from '../words/format';
import { AnswerTable } from './AnswerTable';
import { parentName, parentWords, pastedWords, sourceOf } from './answers';
import styles from './Inspector.module.css';
import { PixelCanvas } from './PixelCanvas';
import { ValueTable } from './ValueTable';

/** One question from near: the picture, its parents, and what teacher and students answer. */
export function Inspector({ report }: { report: TaskReport }) {
  const sample = useChosen();
  const latest = useLatest(sample);
  const flat = kindOf(report) !== 'image';
  return (
    <Panel
      name="Inspector"
      title="What they answer"
      aside={report.targets ? '· mean ± standard deviation' : '· outline: teacher'}
      className={`${styles.inspector} ${flat ? styles.flat : ''}`}
    >
      <div className={`${ui.card} ${styles.card}`}>
        {sample ? (
          <>
            <div className={styles.question}>
              {flat ? null : <Picture sample={sample} report={report} />}
              <Facts sample={sample} latest={latest} report={report} />
            </div>
            {sample.gaussian && report.targets ? (
              <ValueTable
                sample={sample}
                latest={latest}
                answers={sample.gaussian}
                targets={report.targets}
              />
            ) : (
              <AnswerTable sample={sample} latest={latest} classes={report.classes} />
            )}
          </>
        ) : (
          <p className={ui.soft}>
            As soon as the teacher is asked, one of the questions stands here with everybody’s
            answer.
          </p>
        )}
      </div>
    </Panel>
  );
}

/** The sample to show: the one under the pointer, else the one that was clicked, else the board's own choice. */
function useChosen(): StageSample | null {
  const board = useBoard();
  const { feed } = usePanelData();
  const featured = useSyncExternalStore(feed.subscribe, feed.featured);
  const hovered = useApp((state) => state.hovered);
  const pinned = useApp((state) => state.pinned);
  return board.find(({ id }) => id === hovered) ?? pinned ?? featured;
}

/** What the students answer to it by now; null where they have not been asked again. */
function useLatest(sample: StageSample | null): Latest | null {
  const { feed } = usePanelData();
  return useSyncExternalStore(feed.subscribe, () => (sample ? feed.latest(sample.id) : null));
}

function Picture({ sample, report }: { sample: StageSample; report: TaskReport }) {
  const words = parentWords(sample, report.classes, report.targets?.unit);
  return (
    <div className={styles.pictures}>
      <PixelCanvas
        pixels={sample.pixels}
        shape={report.shape}
        className={styles.big}
        label={`The question: ${words}`}
      />
      {sample.parents.length > 1 && (
        <div className={styles.parents}>
          {sample.parents.map((parent, index) => (
            <figure key={`${parent.row}-${index}`}>
              <PixelCanvas pixels={parent.pixels} shape={report.shape} className={styles.parent} />
              <figcaption>
                {Math.round(parent.share * 100)} %{' '}
                {parentName(parent, report.classes, report.targets?.unit)}
              </figcaption>
            </figure>
          ))}
        </div>
      )}
    </div>
  );
}

function Facts({
  sample,
  latest,
  report,
}: {
  sample: StageSample;
  latest: Latest | null;
  report: TaskReport;
}) {
  const { name } = sourceOf(sample.source);
  const task = useRun((run) => run.recipe.task.id);
  const rectangle = useApp(
    (state) => state.catalogue?.tasks.find(({ id }) => id === task)?.rectangle,
  );
  const pasted = pastedWords(sample, rectangle);
  return (
    <div className={styles.facts}>
      <p>
        <b>{name}</b>: {parentWords(sample, report.classes, report.targets?.unit)}
      </p>
      <p className={ui.soft}>
        <Unsureness sample={sample} report={report} />
        <br />
        asked at step {whole(sample.step)}
        {latest && (
          <>
            <br />
            {latest.step < sample.step ? 'then→last good weights' : 'then→now'}, step{' '}
            <span data-metric="answered">{whole(latest.step)}</span>
          </>
        )}
      </p>
      {pasted !== null && <p className={ui.soft}>{pasted}</p>}
      <Walk sample={sample} />
    </div>
  );
}

/** How unsure the teacher is: its entropy, or how wide its answer is against the targets' own spread. */
function Unsureness({ sample, report }: { sample: StageSample; report: TaskReport }) {
  const bits = useMemo(() => entropyBits(sample.teacher), [sample]);
  if (report.targets)
    return (
      <>
        teacher’s σ <span data-metric="spread">{percent(sample.entropy, 0)}</span> of the targets’
        own
      </>
    );
  return (
    <>
      entropy <span data-metric="entropy">{bits.toFixed(2)}</span> of{' '}
      {Math.log2(report.classes.length).toFixed(2)} bits
    </>
  );
}

const NO_NEWER = 'No newer question is on the board';
const LEFT = 'This question has left the board';
const NO_OLDER = 'No older question is on the board';

/** Steps through the board: older and newer, and lets a clicked sample go. */
function Walk({ sample }: { sample: StageSample }): ReactNode {
  const board = useBoard();
  const dispatch = useDispatch();
  const pinned = useApp((state) => state.pinned);
  const at = board.findIndex(({ id }) => id === sample.id);
  const go = (to: number) => {
    const next = board[to];
    if (next) dispatch({ type: 'pin', sample: next });
  };
  return (
    <div className={styles.walk}>
      <button
        type="button"
        className={ui.plain}
        aria-label="Newer question"
        title={at === 0 ? NO_NEWER : at < 0 ? LEFT : undefined}
        disabled={at <= 0}
        onClick={() => go(at - 1)}
      >
        ‹
      </button>
      <button
        type="button"
        className={ui.plain}
        aria-label="Older question"
        title={at + 1 >= board.length ? NO_OLDER : undefined}
        disabled={at + 1 >= board.length}
        onClick={() => go(at + 1)}
      >
        ›
      </button>
      {pinned !== null && (
        <button
          type="button"
          className={ui.plain}
          onClick={() => dispatch({ type: 'pin', sample: pinned })}
        >
          unpin
        </button>
      )}
    </div>
  );
}
