import { useApp, useSession } from '../context';
import { settingsDiffer } from '../state';
import ui from '../ui/ui.module.css';
import { PauseIcon, PlayIcon, ResetIcon, StepIcon, StopIcon } from './icons';

/** Play or Pause, Step, Reset; "Apply & restart" takes the filled place while the settings are not those of the run. */
export function RunButtons() {
  const session = useSession();
  const differ = useApp(settingsDiffer);
  const lost = useApp((state) => state.worker === 'lost');
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
  const style = differ ? ui.button : ui.filled;
  return (
    <>
      {differ && (
        <button
          type="button"
          className={ui.filled}
          disabled={lost}
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
        <button type="button" className={style} disabled={lost} onClick={() => session.play()}>
          <PlayIcon /> Play
        </button>
      )}
      <button
        type="button"
        className={ui.button}
        disabled={lost || running}
        title={running ? 'Pause first, then go step by step' : 'One training step'}
        onClick={() => session.step()}
      >
        <StepIcon /> Step
      </button>
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
          disabled={lost}
          title="Back to step 0 with the settings on the page"
          onClick={() => session.reset()}
        >
          <ResetIcon /> Reset
        </button>
      )}
    </>
  );
}
