import type { Inspection } from '../../../recipe/inspection';
import ui from '../../ui/ui.module.css';
import { percent, whole } from '../../words/format';
import { Sentences } from '../Progress';
import styles from '../own.module.css';

/** How good it is on labelled examples, beside guessing. */
export function Quality({ report }: { report: Inspection }) {
  const { accuracy, chance, images, chosenOn, warnings } = report;
  return (
    <section aria-label="Quality" className={styles.part}>
      <h3 className={ui.heading}>On {whole(images)} labelled examples</h3>
      {accuracy !== null && chance !== null && (
        <>
          <p className={styles.quality}>
            <b>{percent(accuracy)}</b> right{' '}
            <span className={ui.soft}>guessing: {percent(chance)}</span>
          </p>
          <div className={styles.sanity} aria-hidden="true">
            <div style={{ width: `${accuracy * 100}%` }} />
            <i style={{ left: `${chance * 100}%` }} />
          </div>
        </>
      )}
      <p className={ui.soft}>
        {chosenOn === null
          ? 'The same on which it was tried: there are too few for two parts.'
          : `Others than the ${whole(chosenOn)} on which it was tried.`}
      </p>
      <Sentences of={warnings} name="Warnings" tone="warning" />
    </section>
  );
}
