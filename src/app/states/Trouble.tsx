import { useState } from 'react';
import type { Fault } from '../../recipe/errors';
import type { AnomalyView } from '../anomaly/view';
import { useApp, useSession } from '../context';
import type { RunView } from '../run';
import { copyText } from '../ui/copy';
import ui from '../ui/ui.module.css';
import styles from './Trouble.module.css';

/** What went wrong with the worker or the run, and the way on. Curves and settings stay where they are. */
export function Trouble() {
  const session = useSession();
  const lost = useApp((state) => state.lost);
  const rest = useApp(({ anomaly, live }) => whatStays(anomaly ?? live));
  const fault = useApp((state) => {
    const run = state.anomaly ?? state.live;
    return run?.phase === 'failed' ? run.fault : null;
  });
  if (lost !== null)
    return (
      <div role="alert" className={styles.trouble}>
        <p>
          <b>{lost.message}</b> {lost.hint} {rest}
        </p>
        <div className={styles.actions}>
          <button type="button" className={ui.button} onClick={() => session.startAgain()}>
            Start again
          </button>
          {lost.detail !== '' && <CopyButton label="Copy details" text={faultText(lost)} />}
        </div>
      </div>
    );
  if (!fault) return null;
  return (
    <div role="alert" className={styles.trouble}>
      <p>
        <b>{fault.message}</b> {fault.hint}
      </p>
      <div className={styles.actions}>
        <WayOn fault={fault} />
        <CopyButton label="Copy details" text={faultText(fault)} />
      </div>
    </div>
  );
}

/** What is to be pressed after a fault: the same settings again, unless it is known that they fail again. */
function WayOn({ fault }: { fault: Fault }) {
  const session = useSession();
  const [label, act] =
    fault.rate === undefined
      ? ['Retry', () => session.applyAndRestart()]
      : ['Try again at a tenth of the rate', () => session.retrySlower()];
  return (
    <button type="button" className={fault.rate ? ui.filled : ui.button} onClick={act}>
      {label}
    </button>
  );
}

/** What is left where the worker that trained is gone. */
function whatStays(run: RunView | AnomalyView | null): string {
  if (run?.phase === 'done') return 'Settings, curves and results are still here.';
  return (run?.progress?.step ?? 0) > 0
    ? 'Settings and curves are still here; the run has to start again from step 0.'
    : 'Settings are still here.';
}

/** A button that puts a text on the clipboard, or shows it where the browser does not let it. */
export function CopyButton({ label, text }: { label: string; text: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = async () => setState((await copyText(text)) ? 'copied' : 'refused');
  return (
    <>
      <button type="button" className={ui.button} onClick={() => void copy()}>
        {state === 'copied' ? 'Copied' : label}
      </button>
      {state === 'refused' && (
        <textarea readOnly aria-label={label} className={styles.report} value={text} />
      )}
    </>
  );
}

export function faultText({ code, message, hint, detail }: Fault): string {
  return [`${code}: ${message}`, hint, detail].filter((part) => part !== '').join('\n\n');
}
