import { lazy, Suspense, useState } from 'react';
import { CurveTable } from '../../charts/CurveTable';
import { lineKey, type CurveRow } from '../../charts/curves';
import { LineKey } from '../../charts/Glyph';
import { identities, type Identity } from '../../charts/identity';
import type { AnomalyFigures } from '../../worker/protocol';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { measured, percent, whole } from '../words/format';
import curves from '../results/Curves.module.css';
import results from '../results/Results.module.css';
import type { AnomalyView } from './view';

const CurveChart = lazy(async () => import('../../charts/CurveChart'));

const FIGURES = [
  { name: 'imageAuc', title: 'image AUC', note: 'how likely an image with a fault scores higher' },
  { name: 'pixelAp', title: 'pixel AP', note: 'average precision over all pixels' },
  { name: 'pixelAuc', title: 'pixel AUC', note: 'the same as image AUC, pixel by pixel' },
] as const;

type Figure = (typeof FIGURES)[number]['name'];

function looksOf({ recipe }: AnomalyView): readonly Identity[] {
  return identities(recipe.arms.map(({ name }) => ({ name, method: { id: 'destseg' } })));
}

/** Each arm's figures: of the test where there is one, else the last ones of the validation images. */
export function FaultResults({ view }: { view: AnomalyView }) {
  const { tested, points, recipe, report, progress } = view;
  const split = tested ? 'test' : 'validation';
  const found = tested ?? points.at(-1)?.arms ?? [];
  return (
    <Panel name="Results" title="Faults found" aside={`· ${split}${goodWords(view)}`}>
      <div className={ui.card}>
        <table className={results.table} data-split={split}>
          <thead>
            <tr>
              <th scope="col">
                <span className={ui.hidden}>Arm</span>
              </th>
              {FIGURES.map(({ name, title, note }) => (
                <th scope="col" key={name} title={note}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {recipe.arms.map(({ name }, arm) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {FIGURES.map((figure) => (
                  <Cell key={figure.name} arm={name} metric={figure.name} of={found[arm]} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <div className={results.sentence}>
          {view.exploded && (
            <p>
              Training came apart at step {view.exploded.step}: figures and pictures are those of
              step {view.exploded.good}, the last good weights.
            </p>
          )}
          {progress && !tested && !view.exploded && (
            <p className={ui.soft}>
              {progress.part === 'student'
                ? 'Part 1: the student learns the teacher’s features.'
                : 'Part 2: the segmentation network learns the masks; the student stands still.'}{' '}
              Loss {measured(progress.losses[0] ?? NaN)}.
            </p>
          )}
          {tested && report && (
            <p className={ui.soft}>
              Measured once, with the last weights, on {whole(report.counts.test)} test images.
            </p>
          )}
          <p className={ui.soft}>50 % image AUC is guessing. Arms without a figure learn later.</p>
        </div>
      </div>
    </Panel>
  );
}

function goodWords({ exploded }: AnomalyView): string {
  return exploded ? `, step ${exploded.good}` : '';
}

function Cell({
  arm,
  metric,
  of,
}: {
  arm: string;
  metric: Figure;
  of: AnomalyFigures | null | undefined;
}) {
  const value = of?.[metric] ?? NaN;
  return (
    <td
      className={results.number}
      data-arm={arm}
      data-metric={metric}
      data-value={Number.isFinite(value) ? value : ''}
    >
      {percent(value)}
    </td>
  );
}

/** One figure over the steps; as lines or as a table. */
export function FaultCurves({ view }: { view: AnomalyView }) {
  const [figure, setFigure] = useState<Figure>('pixelAp');
  const [table, setTable] = useState(false);
  const { points, recipe } = view;
  const looks = looksOf(view);
  const rows = points.map(({ step, arms }): CurveRow => ({
    step,
    ...Object.fromEntries(arms.map((arm, i) => [lineKey(i), arm?.[figure] ?? null])),
  }));
  return (
    <Panel name="Curves" className={curves.curves}>
      <div className={`${ui.card} ${curves.card}`}>
        <div className={curves.head}>
          <select
            className={ui.select}
            aria-label="Figure"
            value={figure}
            onChange={(event) => setFigure(event.target.value as Figure)}
          >
            {FIGURES.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          <label className={curves.switch}>
            <input
              type="checkbox"
              checked={table}
              onChange={(event) => setTable(event.target.checked)}
            />
            table
          </label>
        </div>
        {rows.length === 0 ? (
          <p className={curves.empty}>
            The first points appear after {recipe.evaluation.every} steps.
          </p>
        ) : table ? (
          <CurveTable rows={rows} looks={looks} fraction />
        ) : (
          <>
            <ul className={curves.legend}>
              {looks.map((look) => (
                <li key={look.name}>
                  <LineKey look={look} /> {look.name}
                </li>
              ))}
            </ul>
            <div className={curves.chart}>
              <Suspense fallback={<p className={curves.empty}>Drawing the curves.</p>}>
                <CurveChart
                  rows={rows}
                  looks={looks}
                  curve="accuracy"
                  log={false}
                  raw={false}
                  averaged={false}
                  steps={recipe.student.steps + recipe.segmentation.steps}
                  teacher={null}
                  crossing={null}
                />
              </Suspense>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}
