import { MarkerShape } from '../../charts/Glyph';
import type { Identity } from '../../charts/identity';
import styles from './Who.module.css';

/** Whose a row, a column or a picture is: a student's mark and name. */
export function Who({ look }: { look: Identity }) {
  return (
    <span className={styles.who} title={look.name}>
      <svg width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">
        <MarkerShape look={look} x={5.5} y={5.5} radius={4} />
      </svg>
      <span className={styles.name}>{look.name}</span>
    </span>
  );
}
