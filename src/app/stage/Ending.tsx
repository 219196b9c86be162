import { useApp, useSession } from '../context';
import { EnoughIcon, StopIcon } from '../top/icons';
import ui from '../ui/ui.module.css';
import styles from './Stage.module.css';

/** What ends a long preparation: taking what is trained as it stands, or all of it. */
export function Ending() {
  const session = useSession();
  const stoppable = useApp(
    (state) =>
      state.showing === 'live' && state.worker === 'ready' && state.live?.stoppable === true,
  );
  // A network that is trained before the run can be taken as it stands.
  const teaching = useApp((state) =>
    /^Training (the )?(teacher|generator)/.test(state.live?.working?.what ?? ''),
  );
  if (!stoppable) return null;
  return (
    <div className={styles.ending}>
      {teaching && (
        <button
          type="button"
          className={ui.button}
          title="End this training here; the run goes on with what it has learnt"
          onClick={() => session.enough()}
        >
          <EnoughIcon /> Enough
        </button>
      )}
      <button
        type="button"
        className={ui.button}
        title="Stop what is prepared; what is finished of it is kept for the next run"
        onClick={() => session.stop()}
      >
        <StopIcon /> Stop
      </button>
    </div>
  );
}
