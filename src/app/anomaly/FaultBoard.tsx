import { useMemo } from 'react';
import type { AnomalySample } from '../../worker/protocol';
import { useApp } from '../context';
import { PixelCanvas } from '../stage/PixelCanvas';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { percent } from '../words/format';
import { heat, highest, outlined } from './heat';
import type { AnomalyView } from './view';
import styles from './Faults.module.css';

/** Validation images, their truth, and where each arm sees a fault. */
export function FaultBoard({ view }: { view: AnomalyView }) {
  const { samples, recipe, report } = view;
  const names = recipe.arms.map(({ name }) => name);
  return (
    <div className={styles.board}>
      <Panel
        name="Stage"
        title="Where is the fault?"
        aside="· red: where an arm sees one, each arm on its own scale"
      >
        {samples.length === 0 || !report ? (
          <Waiting view={view} />
        ) : (
          <table className={styles.samples}>
            <thead>
              <tr>
                {['Fault', 'Image', 'Truth', ...names].map((name) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {samples.map((sample, row) => (
                <Row
                  // Always the same images, in the same order.
                  key={row}
                  sample={sample}
                  side={report.side}
                  names={names}
                  scales={names.map((_, arm) => highest(samples, arm))}
                />
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </div>
  );
}

function Row({
  sample,
  side,
  names,
  scales,
}: {
  sample: AnomalySample;
  side: number;
  names: readonly string[];
  scales: readonly number[];
}) {
  const shape = [side, side, 4];
  const kind = sample.kind ?? 'none';
  const truth = useMemo(() => outlined(sample), [sample]);
  return (
    <tr>
      <th scope="row">{kind}</th>
      <td>
        <PixelCanvas pixels={sample.pixels} shape={shape} className={styles.picture} />
      </td>
      <td>
        <PixelCanvas
          pixels={truth}
          shape={shape}
          className={styles.picture}
          label={`Truth: ${kind}`}
        />
      </td>
      {names.map((name, arm) => (
        <td key={name}>
          <Heat sample={sample} arm={arm} name={name} scale={scales[arm] ?? 1} shape={shape} />
        </td>
      ))}
    </tr>
  );
}

function Heat({
  sample,
  arm,
  name,
  scale,
  shape,
}: {
  sample: AnomalySample;
  arm: number;
  name: string;
  scale: number;
  shape: readonly number[];
}) {
  const map = sample.maps[arm] ?? null;
  const pixels = useMemo(() => (map ? heat(sample, map, scale) : null), [sample, map, scale]);
  if (!pixels)
    return (
      <div className={styles.none} title="Its network has not learned yet">
        <span className={ui.hidden}>not yet</span>
      </div>
    );
  return (
    <PixelCanvas
      pixels={pixels}
      shape={shape}
      className={styles.picture}
      label={`${name} on ${sample.kind ?? 'no fault'}`}
    />
  );
}

function Waiting({ view }: { view: AnomalyView }) {
  const worker = useApp((state) => state.worker);
  const sentence = ((): string => {
    if (worker === 'lost') return 'There is nothing to show: the training worker stopped.';
    if (view.phase === 'failed')
      return 'This run could not be prepared; the reason stands at the foot of the page.';
    if (worker === 'starting') return 'Finding out which device can train here.';
    if (view.working) return `${view.working.what}: ${percent(view.working.share, 0)}`;
    return 'Drawing the images and loading the teacher.';
  })();
  return <p className={styles.waiting}>{sentence}</p>;
}
