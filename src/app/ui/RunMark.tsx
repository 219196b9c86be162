import { useApp } from '../context';
import { markOf } from '../marks';
import ui from './ui.module.css';

/** Says of what is shown that it is recorded, or from before the last changes of the settings; nothing otherwise. */
export function RunMark({ className = '' }: { className?: string | undefined }) {
  const mark = useApp(markOf);
  if (mark === null) return null;
  const words = mark.startsWith('recorded') ? 'recorded' : 'earlier settings';
  return <span className={`${ui.tag} ${className}`}>{words}</span>;
}
