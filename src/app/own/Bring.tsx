import { useSession } from '../context';
import styles from './Bring.module.css';

/** Opens the dialog for a teacher or for images of one's own. */
export function Bring({ what }: { what: 'teacher' | 'data' }) {
  const { desk } = useSession();
  const title = {
    teacher: 'Use a network that you trained as the teacher',
    data: 'Train on labelled images of your own',
  }[what];
  return (
    <button type="button" className={styles.bring} title={title} onClick={() => desk.open(what)}>
      {what === 'teacher' ? 'Bring your own' : 'Own images'}
    </button>
  );
}
