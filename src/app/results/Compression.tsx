import { lazy, Suspense, useState, useSyncExternalStore } from 'react';
import type { Identity } from '../../charts/identity';
import { WeightMap } from '../../charts/WeightMap';
import type { Footprint } from '../../worker/protocol';
import { usePanelData, useRun } from '../context';
import type { RunView } from '../run';
import { Panel } from '../ui/Panel';
import { RunMark } from '../ui/RunMark';
import ui from '../ui/ui.module.css';
import { Who } from '../ui/Who';
import { percent, whole } from '../words/format';
import styles from './Compression.module.css';

const SizeChart = lazy(async () => import('../../charts/SizeChart'));

/** How large the students are, and how their weights gather; only where some student is compressed. */
export function Compression() {
  const run = useRun((shown) => shown);
  if (!run?.recipe.students.some(({ compression }) => compression)) return null;
  return <Shown run={run} />;
}

function Shown({ run }: { run: RunView }) {
  const { log } = usePanelData();
  const [unit, setUnit] = useState<'bytes' | 'MACs'>('bytes');
  const [chosen, setChosen] = useState<string | null>(null);
  useSyncExternalStore(log.subscribe, () => log.version('kl'));
  const point = run.evaluation;
  const sized = run.looks.flatMap((look, student) => {
    const footprint = point?.footprints?.[student];
    const accuracy = point?.students[student]?.accuracy ?? NaN;
    return footprint ? [{ look, footprint, accuracy }] : [];
  });
  const spread = run.looks.filter((_, student) => log.spreads(student).length > 0);
  const look = spread.find(({ name }) => name === chosen) ?? spread[0];
  return (
    <Panel
      name="Compression"
      title="Size of the students"
      aside={
        <>
          · validation <RunMark />
        </>
      }
    >
      <div className={ui.card}>
        {sized.length === 0 ? (
          <p className={ui.soft}>Sizes appear with the first evaluation.</p>
        ) : (
          <>
            <Sizes sized={sized} />
            <div className={styles.head}>
              <p className={ui.soft}>accuracy against size</p>
              <Choice
                label="Size in"
                options={['bytes', 'MACs']}
                value={unit}
                choose={(next) => setUnit(next === 'MACs' ? 'MACs' : 'bytes')}
              />
            </div>
            <div className={styles.chart}>
              <Suspense fallback={<p className={ui.soft}>Drawing the sizes.</p>}>
                <SizeChart
                  unit={unit}
                  students={sized
                    .filter(({ accuracy }) => Number.isFinite(accuracy))
                    .map((one) => ({
                      look: one.look,
                      size: one.footprint[unit === 'MACs' ? 'macs' : 'bytes'],
                      accuracy: one.accuracy,
                    }))}
                />
              </Suspense>
            </div>
          </>
        )}
        {look && (
          <>
            <div className={styles.head}>
              <p className={ui.soft}>weights of one layer, as it computes with them</p>
              <Choice
                label="Student"
                options={spread.map(({ name }) => name)}
                value={look.name}
                choose={setChosen}
              />
            </div>
            <WeightMap
              columns={log.spreads(run.looks.indexOf(look))}
              steps={run.recipe.steps}
              colour={look.colour}
            />
          </>
        )}
      </div>
    </Panel>
  );
}

/** The sizes in figures. */
function Sizes({
  sized,
}: {
  sized: readonly {
    readonly look: Identity;
    readonly footprint: Footprint;
    readonly accuracy: number;
  }[];
}) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className={ui.hidden}>Student</span>
          </th>
          <th scope="col">bytes</th>
          <th scope="col" title="Multiply-adds for one input">
            MACs
          </th>
          <th scope="col">accuracy</th>
        </tr>
      </thead>
      <tbody>
        {sized.map(({ look, footprint, accuracy }) => (
          <tr key={look.name}>
            <th scope="row">
              <Who look={look} />
            </th>
            <td data-arm={look.name} data-metric="bytes" data-value={footprint.bytes}>
              {whole(footprint.bytes)}
            </td>
            <td data-arm={look.name} data-metric="macs" data-value={footprint.macs}>
              {whole(footprint.macs)}
            </td>
            <td>{percent(accuracy)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Choice({
  label,
  options,
  value,
  choose,
}: {
  label: string;
  options: readonly string[];
  value: string;
  choose: (value: string) => void;
}) {
  return (
    <label>
      <span className={ui.hidden}>{label}</span>
      <select className={ui.select} value={value} onChange={(event) => choose(event.target.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
