import type { Inspection } from '../../../recipe/inspection';
import ui from '../../ui/ui.module.css';
import { measured, short, whole } from '../../words/format';
import styles from '../own.module.css';

/** What asking it costs on this device. */
export function Costs({ report: { speed, memory, macs } }: { report: Inspection }) {
  const minutes = speed.minutes < 0.1 ? 'less than 0.1' : measured(speed.minutes);
  return (
    <section aria-label="Costs" className={styles.part}>
      <h3 className={ui.heading}>Costs here</h3>
      <p>
        {whole(speed.imagesPerSecond)} answers a second in batches of {speed.batch}; in the whole
        run, asking it takes {minutes} min. {short(macs)} multiply-adds for one input;{' '}
        {megabytes(memory.weights)} for its weights, {megabytes(memory.activations)} for a batch
        inside it.
      </p>
    </section>
  );
}

function megabytes(bytes: number): string {
  return `${bytes < 1e5 ? '0.1' : measured(bytes / 1e6)} MB`;
}
