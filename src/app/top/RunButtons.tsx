import { useApp, useSession } from '../context';
import { settingsDiffer } from '../state';
import ui from '../ui/ui.module.css';
import { PauseIcon, PlayIcon, ResetIcon, StepIcon, StopIcon } from './icons';

/** Play or Pause, Step, Reset; "Apply & restart" takes the filled place while the settings are not those of the run. */
export function RunButtons() {
  const session = useSession();
  const differ = useApp(settingsDiffer);
  const running = useApp(
    (state) =>
      state.intent === 'play' ||
      state.anomaly?.phase === 'running' ||
      (state.showing === 'live' && state.live?.phase === 'running'),
  );
  const stoppable = useApp(
    (state) =>
      state.showing === 'live' && state.worker === 'ready' && state.live?.stoppable === true,
  );
  // A network that is trained before the run can be taken as it stands.
  const teaching = useApp(
    (state) =>
      state.worker === 'ready' &&
      state.live?.stoppable === true &&
      /^Training (the )?(teacher|generator)/.test(state.live.working?.what ?? ''),
  );
  const style = differ ? ui.button : ui.filled;
  return (
    <>
      {differ && (
        <button
          type="button"
          className={ui.filled}

          onClick={() => session.applyAndRestart()}
        >
          Apply &amp; restart
        </button>
      )}
      {running ? (
        <button type="button" className={style} onClick={() => session.pause()}>
          <PauseIcon /> Pause
        </button>
      ) : (
        <button type="button" className={style} onClick={() => session.play()}>
          <PlayIcon /> Play
        </button>
      )}
      {teaching ? (
        <button
          type="button"
          className={ui.button}
          title="End this training here; the run goes on with what it has learnt"
          onClick={() => session.enough()}
        >
          <StepIcon /> Enough
        </button>
      ) : (
        <button
          type="button"
          className={ui.button}
          disabled={running}
          title={running ? 'Pause first, then go step by step' : 'One training step'}
          onClick={() => session.step()}
        >
          <StepIcon /> Step
        </button>
      )}
      {stoppable ? (
        <button
          type="button"
          className={ui.button}
          title="Stop what is prepared; what is finished of it is kept for the next run"
          onClick={() => session.stop()}
        >
          <StopIcon /> Stop
        </button>
      ) : (
        <button
          type="button"
          className={ui.button}

          title="Back to step 0 with the settings on the page"
          onClick={() => session.reset()}
        >
          <ResetIcon /> Reset
        </button>
      )}
    </>
  );
}
