import { useEffect, type CSSProperties, type KeyboardEvent } from 'react';
import type { StageSample, TaskReport } from '../../worker/protocol';
import { useApp, useBoard, useDispatch, usePanelData } from '../context';
import ui from '../ui/ui.module.css';
import { valueWords } from '../words/figures';
import { entropyBits, percent } from '../words/format';
import { parentWords, sourceOf } from './answers';
import styles from './ImageBoard.module.css';
import { PixelCanvas } from './PixelCanvas';

/** The board keeps its size while it fills. */
const PLACES: readonly string[] = Array.from({ length: 32 }, (_, at) => `place ${at + 1}`);

/** The sampled pictures, newest first. It holds still under the pointer and while it has the focus. */
export function ImageBoard({ report }: { report: TaskReport }) {
  const board = useBoard();
  const { feed } = usePanelData();
  const dispatch = useDispatch();
  useEffect(() => () => feed.freeze(false), [feed]);
  if (board.length === 0) return <Examples report={report} />;
  const release = () => {
    feed.freeze(false);
    dispatch({ type: 'hover', sample: null });
  };
  return (
    <div
      role="toolbar"
      tabIndex={-1}
      className={styles.grid}
      aria-label="Sampled questions, newest first"
      onPointerEnter={() => feed.freeze(true)}
      onPointerLeave={release}
      onFocus={() => feed.freeze(true)}
      onBlur={release}
      onKeyDown={moveFocus}
    >
      {board.map((sample, index) => (
        <Tile key={sample.id} sample={sample} report={report} first={index === 0} />
      ))}
      {PLACES.slice(board.length).map((place) => (
        <span key={place} className={styles.empty} aria-hidden="true" />
      ))}
    </div>
  );
}

/** Arrow keys go from tile to tile; only one of them is a tab stop. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const tiles = [...event.currentTarget.querySelectorAll('button')];
  const at = tiles.findIndex((tile) => tile === document.activeElement);
  const top = tiles[0]?.offsetTop;
  const columns = tiles.filter((tile) => tile.offsetTop === top).length;
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const move = moves[event.key];
  if (move === undefined || at < 0) return;
  event.preventDefault();
  tiles[at + move]?.focus();
}

function Tile({
  sample,
  report,
  first,
}: {
  sample: StageSample;
  report: TaskReport;
  first: boolean;
}) {
  const dispatch = useDispatch();
  const pinned = useApp((state) => state.pinned?.id === sample.id);
  const { letter, name } = sourceOf(sample.source);
  const words = parentWords(sample, report.classes, report.targets?.unit);
  const unsure = report.targets
    ? `teacher’s σ ${percent(sample.entropy, 0)} of the targets’ own`
    : `teacher’s entropy ${entropyBits(sample.teacher).toFixed(1)} bits`;
  return (
    <button
      type="button"
      className={`${styles.tile} ${pinned ? styles.pinned : ''}`}
      style={{ '--unsureness': sample.entropy } as CSSProperties}
      tabIndex={first ? 0 : -1}
      aria-pressed={pinned}
      aria-label={`${name}: ${words}, ${unsure}`}
      onPointerEnter={() => dispatch({ type: 'hover', sample: sample.id })}
      onFocus={() => dispatch({ type: 'hover', sample: sample.id })}
      onClick={() => dispatch({ type: 'pin', sample })}
    >
      <PixelCanvas pixels={sample.pixels} shape={report.shape} className={styles.picture} />
      <span className={styles.badge} aria-hidden="true">
        {letter}
      </span>
    </button>
  );
}

/** What is true of a training image. */
function exampleWords(
  { label, values }: TaskReport['examples'][number],
  { classes, targets }: TaskReport,
): string {
  return values ? valueWords(values, null, targets?.unit ?? '') : (classes[label] ?? '');
}

/** Before the first step: what the students will see of the training set. */
function Examples({ report }: { report: TaskReport }) {
  const going = useApp(({ intent, live }) => intent !== null || live?.phase === 'running');
  return (
    <>
      <ul className={styles.grid} aria-label="Training images">
        {report.examples.slice(0, 32).map((example, index) => (
          <li key={`${index}-${example.label}`}>
            <PixelCanvas
              pixels={example.pixels}
              shape={report.shape}
              className={styles.example}
              label={exampleWords(example, report)}
            />
          </li>
        ))}
      </ul>
      <p className={`${ui.soft} ${styles.note}`}>
        These are training images.{' '}
        {going
          ? 'The questions put to the teacher appear here with the first steps.'
          : 'Press Play, and the questions put to the teacher appear here.'}
      </p>
    </>
  );
}
