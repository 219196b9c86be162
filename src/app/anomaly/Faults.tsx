import { sourceOf } from '../words/methods';
import { anomalyCard } from '../../recipe/anomaly-card';
import { useApp } from '../context';
import { Formula } from '../methods/Formula';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { short, whole } from '../words/format';
import { FaultBoard } from './FaultBoard';
import { FaultSettings } from './FaultSettings';
import { FaultCurves, FaultResults } from './FaultResults';
import type { AnomalyView } from './view';
import page from '../App.module.css';
import styles from './Faults.module.css';

/** The page while it finds faults: what is done, the images with their heat maps, the figures. */
export default function Faults() {
  const view = useApp((state) => state.anomaly);
  if (!view) return null;
  return (
    <main className={page.columns}>
      <div className={page.rail}>
        <About view={view} />
      </div>
      <FaultBoard view={view} />
      <div className={page.results}>
        <FaultResults view={view} />
        <FaultCurves view={view} />
      </div>
    </main>
  );
}

/** What the method does, with what, and what is our reading of it. */
function About({ view: { id, recipe, report } }: { view: AnomalyView }) {
  const { title, oneLine, formula, known, reading, costs, cite } = anomalyCard;
  return (
    <Panel name="Method" title={title}>
      <div className={`${ui.card} ${styles.about}`}>
        <p>{oneLine}</p>
        {report && (
          <dl className={styles.facts}>
            <dt>Teacher</dt>
            <dd>
              {report.teacher.title}, {short(report.teacher.parameters)} parameters, frozen
            </dd>
            <dt>Student</dt>
            <dd>{short(report.student)} parameters</dd>
            <dt>Segmentation</dt>
            <dd>{short(report.segmentation)} parameters</dd>
            <dt>Images</dt>
            <dd>
              {whole(report.counts.train)} without a fault to learn from;{' '}
              {whole(report.counts.validation)} and {whole(report.counts.test)} to judge, half of
              them with a fault of a kind that training never makes
            </dd>
            <dt>Steps</dt>
            <dd>
              {recipe.student.steps} for the student, then {recipe.segmentation.steps} for the
              segmentation network
            </dd>
          </dl>
        )}
        <details>
          <summary>Formula, reading and costs</summary>
          <div className={styles.more}>
            <Formula latex={formula} />
            <p>
              <b>Known.</b> {known}
            </p>
            <p>
              <b>Our reading.</b> {reading}
            </p>
            <p>
              <b>Costs.</b> Parameters: {costs.parameters}. Teacher passes: {costs.passes}.
            </p>
            {cite.map((citation) => (
              <p key={citation.url}>
                <a href={citation.url} target="_blank" rel="noreferrer">
                  {citation.title}
                </a>
                . {sourceOf(citation)}
              </p>
            ))}
          </div>
        </details>
        <FaultSettings key={id} recipe={recipe} />
      </div>
    </Panel>
  );
}
