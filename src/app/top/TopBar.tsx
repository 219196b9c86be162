import { FAULTS, menu, presets } from '../../recipe/presets';
import type { Speed } from '../../worker/protocol';
import { useApp, useSession } from '../context';
import ui from '../ui/ui.module.css';
import { DeviceChip } from './DeviceChip';
import { ProgressLine } from './ProgressLine';
import { RunButtons } from './RunButtons';
import { ShareButton } from './ShareButton';
import styles from './TopBar.module.css';

const SPEEDS: readonly { readonly value: Speed; readonly label: string }[] = [
  { value: 'slow', label: 'slow' },
  { value: 'live', label: 'live' },
  { value: 'max', label: 'max' },
];

export function TopBar() {
  const session = useSession();
  const preset = useApp((state) => (state.anomaly ? FAULTS.id : state.draft.preset));
  const speed = useApp((state) => state.speed);
  const known = menu.some(({ id }) => id === preset);
  return (
    <header className={styles.bar}>
      <h1 className={styles.name}>Extracurricular</h1>
      <select
        className={`${ui.select} ${styles.preset}`}
        aria-label="Preset"
        title={presets.find(({ id }) => id === preset)?.oneLine}
        value={known ? preset : ''}
        onChange={(event) => session.choosePreset(event.target.value)}
      >
        {!known && <option value="">{preset}</option>}
        {menu.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      <div className={styles.run}>
        <RunButtons />
        <select
          className={`${ui.select} ${styles.speed}`}
          aria-label="Speed"
          title="slow: one step a second; live: leaves room for drawing; max: as fast as it can"
          value={speed}
          onChange={(event) => session.setSpeed(event.target.value as Speed)}
        >
          {SPEEDS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <ProgressLine />
      </div>
      <div className={styles.end}>
        <DeviceChip />
        <ShareButton />
      </div>
    </header>
  );
}
