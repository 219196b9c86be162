import type { Identity } from '../../charts/identity';
import ui from '../ui/ui.module.css';
import { Who } from '../ui/Who';
import styles from './NetCaption.module.css';

/** Above a network's picture: whose it is (the teacher's where there is no look), and how good it is. */
export function NetCaption({ look, figure }: { look: Identity | null; figure: string }) {
  return (
    <figcaption className={styles.caption}>
      <b className={styles.name}>{look ? <Who look={look} /> : 'Teacher'}</b>{' '}
      <span className={`${ui.soft} ${styles.figure}`}>{figure}</span>
    </figcaption>
  );
}
