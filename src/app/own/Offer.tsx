import { useApp, useSession } from '../context';
import ui from '../ui/ui.module.css';
import { titleOf } from './desk';
import styles from './own.module.css';

/** Files that belong to another task: what they are, and one press that switches to it and uses them. */
export function Offer() {
  const { desk } = useSession();
  const offer = useApp((state) => state.own.offer);
  if (!offer) return null;
  return (
    <div role="status" aria-label="Offer" className={styles.offer}>
      <p>{offer.sentence}</p>
      <div className={styles.switches}>
        <button type="button" className={ui.filled} onClick={() => desk.takeOffer()}>
          Switch to “{titleOf(offer.preset)}” and use it
        </button>
        <button type="button" className={ui.button} onClick={() => desk.forgetOffer()}>
          Leave it
        </button>
      </div>
    </div>
  );
}
