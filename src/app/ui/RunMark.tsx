import { useApp, useRun } from '../context';
import { markOf } from '../marks';
import { whole } from '../words/format';
import ui from './ui.module.css';

/**
 * Says of what is shown that it is recorded, from before the last changes of the settings, or of a run whose settings were
 * changed while it went on; nothing otherwise.
 */
export function RunMark({ className = '' }: { className?: string | undefined }) {
  const mark = useApp(markOf);
  const changed = useRun((run) => run.changed);
  if (mark === null)
    return changed === null ? null : (
      <span
        className={`${ui.tag} ${className}`}
        title="The temperature or the share was changed while this run went on: what comes after is of the new value."
      >
        changed from step {whole(changed)}
      </span>
    );
  const words = mark.startsWith('recorded') ? 'recorded' : 'earlier settings';
  return <span className={`${ui.tag} ${className}`}>{words}</span>;
}
