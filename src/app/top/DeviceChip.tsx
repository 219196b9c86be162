import type { DeviceReport } from '../../worker/protocol';
import { useApp } from '../context';
import { Popover } from '../ui/Popover';
import ui from '../ui/ui.module.css';
import { measured } from '../words/format';
import { deviceName } from '../words/notices';
import styles from './DeviceChip.module.css';

/** What trains here, with the details one click away. */
export function DeviceChip() {
  const device = useApp((state) => state.device);
  const worker = useApp((state) => state.worker);
  const checked = device !== null && device.selfTest.passed;
  const label = device ? deviceName(device) : worker === 'lost' ? 'stopped' : 'checking device';
  return (
    <Popover
      name="Device"
      className={`${styles.chip} ${checked ? styles.good : ''}`}
      label={
        <>
          <span className={styles.dot} aria-hidden="true" />
          {label}
          {device && (checked ? <Tick /> : ' · not trusted')}
        </>
      }
    >
      {device ? (
        <Details device={device} />
      ) : worker === 'lost' ? (
        <p>Nothing trains at the moment. “Start again” looks for a device anew.</p>
      ) : (
        <p>
          The page is finding out which device can train here: it asks the GPU, lets it compute a
          few gradients and compares them with the right ones.
        </p>
      )}
      <p className={styles.promise}>Nothing leaves this computer.</p>
    </Popover>
  );
}

/** The device passed its self-test. */
function Tick() {
  return (
    <>
      <span aria-hidden="true">✓</span>
      <span className={ui.hidden}>checked</span>
    </>
  );
}

function Details({ device }: { device: DeviceReport }) {
  const { selfTest } = device;
  return (
    <>
      <dl className={styles.list}>
        <dt>Backend</dt>
        <dd>
          {deviceName(device)}
          {device.software ? ' (in software)' : ''}
        </dd>
        <dt>Device</dt>
        <dd>{device.adapter}</dd>
        <dt>Self-test</dt>
        <dd>
          {selfTest.passed ? 'gradients are right' : 'gradients are wrong'}: largest error{' '}
          {selfTest.worst.toExponential(1)}, {measured(selfTest.milliseconds / 1000)} s
        </dd>
      </dl>
      {device.refused.length > 0 && (
        <>
          <h3 className={styles.title}>Tried before</h3>
          <ul className={styles.refused}>
            {device.refused.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
