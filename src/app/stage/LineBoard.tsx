import { useMemo } from 'react';
import type { Identity } from '../../charts/identity';
import type { LineAnswer, StageSample, TaskReport } from '../../worker/protocol';
import { useApp, useBoard, useRun } from '../context';
import ui from '../ui/ui.module.css';
import { figureText } from '../words/figures';
import styles from './LineBoard.module.css';
import { NetCaption } from './NetCaption';
import { askedOf } from './asked';
import { useShownFigures } from './useShownFigures';
import { bandPath, frameOf, meanPath, type Frame } from './lines';

const NONE: readonly Identity[] = [];
/** What each network answers along the line: its mean and its 90 % band, over the training points. */
export function LineBoard({ report }: { report: TaskReport }) {
  const looks = useRun((run) => run.looks) ?? NONE;
  const students = useRun((run) => run.recipe.students);
  const line = useRun((run) => run.line);
  const shown = useShownFigures();
  const board = useBoard();
  const frame = useMemo(
    () => frameOf(report.examples, line?.places ?? [], line?.teacher ?? null),
    [report, line?.places, line?.teacher],
  );
  const unit = report.targets?.unit ?? '';
  const places = line?.places ?? [];
  return (
    <div className={styles.board} data-line="" data-step={line?.step} data-places={places.length}>
      <div className={styles.lines}>
        <LinePlot
          look={null}
          figure={`RMSE ${figureText('rmse', shown.teacher?.rmse, unit)}`}
          split={shown.split}
          colour="var(--teacher)"
          frame={frame}
          report={report}
          places={places}
          answer={line?.teacher ?? null}
          teacher={null}
          asked={board}
        />
        {looks.map((look, index) => (
          <LinePlot
            key={look.name}
            look={look}
            figure={`RMSE ${figureText('rmse', shown.students[index]?.rmse, unit)}`}
            split={shown.split}
            colour={look.colour}
            frame={frame}
            report={report}
            places={places}
            answer={line?.students[index] ?? null}
            teacher={line?.teacher ?? null}
            asked={askedOf(board, students?.[index]?.sampler.id)}
          />
        ))}
      </div>
      <p className={ui.soft}>
        RMSE: on the {shown.split} split. Dots: training points. Line: mean; band: 90 % interval;
        dashed: the teacher’s mean. Ticks below: inputs put to the teacher; the tall one is chosen.
      </p>
    </div>
  );
}

function LinePlot({
  look,
  figure,
  split,
  colour,
  frame,
  report,
  places,
  answer,
  teacher,
  asked,
}: {
  look: Identity | null;
  figure: string;
  split: string;
  colour: string;
  frame: Frame;
  report: TaskReport;
  places: readonly number[];
  answer: LineAnswer | null;
  teacher: LineAnswer | null;
  asked: readonly StageSample[];
}) {
  const pinned = useApp((state) => state.pinned?.id ?? null);
  const { width, height, x, y } = frame;
  const name = look?.name ?? 'Teacher';
  return (
    <figure className={styles.line}>
      <NetCaption look={look} figure={figure} />
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}’s mean and band along the line, ${figure} on the ${split} split`}
      >
        {answer?.sd && (
          <path data-band={name} d={bandPath(frame, places, answer)} fill={colour} opacity="0.22" />
        )}
        {report.examples.map((example, index) => (
          <circle
            key={`${index}-${example.values?.[0] ?? 0}`}
            cx={x(example.pixels[0] ?? 0)}
            cy={y(example.values?.[0] ?? 0)}
            r="2"
            className={styles.point}
          />
        ))}
        {teacher && (
          <path d={meanPath(frame, places, teacher)} className={styles.taught} data-taught="" />
        )}
        {answer && (
          <path
            data-mean={name}
            d={meanPath(frame, places, answer)}
            fill="none"
            stroke={colour}
            strokeWidth="2"
            vectorEffect="non-scaling-stroke"
          />
        )}
        {asked.map((sample) => (
          <line
            key={sample.id}
            x1={x(sample.pixels[0] ?? 0)}
            x2={x(sample.pixels[0] ?? 0)}
            y1={height}
            y2={height - (sample.id === pinned ? 16 : 7)}
            className={sample.id === pinned ? styles.chosen : styles.asked}
          />
        ))}
      </svg>
    </figure>
  );
}
