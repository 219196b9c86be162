import type { Fault } from '../../recipe/errors';
import ui from '../ui/ui.module.css';
import { Linked } from '../ui/Linked';
import { percent } from '../words/format';
import styles from './own.module.css';
import type { Doing } from './state';

/** How far some work is, and a button that ends it. */
export function Progress({ doing, onCancel }: { doing: Doing; onCancel: () => void }) {
  return (
    <div className={styles.progress} role="status" aria-label="Progress">
      <p>
        {doing.what} <span className={ui.soft}>{percent(doing.share, 0)}</span>
      </p>
      <div className={ui.meter} aria-hidden="true">
        <div style={{ width: `${doing.share * 100}%` }} />
      </div>
      <button type="button" className={ui.button} onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}

/** Why something cannot be used, and what to do. */
export function Refusal({ fault }: { fault: Fault }) {
  return (
    <div role="alert" className={styles.refused}>
      <p>{fault.message}</p>
      {fault.hint !== '' && (
        <p>
          <Linked text={fault.hint} />
        </p>
      )}
    </div>
  );
}

/** Beside buttons that cannot be pressed yet: why; nothing where there is no reason. */
export function Why({ id, text }: { id: string; text: string | null }) {
  return (
    <span id={id} className={ui.soft}>
      {text}
    </span>
  );
}

/** Sentences in a list, none where there are none. */
export function Sentences({
  of,
  name,
  tone,
}: {
  of: readonly string[];
  name: string;
  tone?: 'warning' | undefined;
}) {
  if (of.length === 0) return null;
  return (
    <ul
      className={`${styles.sentences} ${tone === 'warning' ? styles.warning : ''}`}
      aria-label={name}
    >
      {of.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
