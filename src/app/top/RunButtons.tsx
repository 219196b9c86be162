import { useApp, useSession } from '../context';
import { settingsDiffer } from '../state';
import ui from '../ui/ui.module.css';
import { PauseIcon, PlayIcon, ResetIcon, StepIcon } from './icons';

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
  const style = differ ? ui.button : ui.filled;
  return (
    <>
      {differ && (
        <button type="button" className={ui.filled} onClick={() => session.applyAndRestart()}>
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
      <button
        type="button"
        className={ui.button}
        disabled={running}
        title={running ? 'Pause first, then go step by step' : 'One training step'}
        onClick={() => session.step()}
      >
        <StepIcon /> Step
      </button>
      <button
        type="button"
        className={ui.button}
        title="Back to step 0 with the settings on the page"
        onClick={() => session.reset()}
      >
        <ResetIcon /> Reset
      </button>
    </>
  );
}
