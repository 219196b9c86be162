import { useApp, useRun, useSession } from '../context';
import { shareOf, temperatureOf, withShare, withTemperature, type Shared } from '../edit';
import { Slider } from '../ui/Slider';
import ui from '../ui/ui.module.css';
import { percent, whole } from '../words/format';
import styles from './rail.module.css';

/** Why a control cannot be moved yet. */
export const AFTER_CHECK = 'Available after the device check.';

/** The two settings that matter most: how soft the answers are, and how many questions lie outside the data. */
export function Knobs() {
  const session = useSession();
  const draft = useApp((state) => state.draft);
  const ready = useApp((state) => state.catalogue !== null);
  const help = (text: string) => (ready ? text : AFTER_CHECK);
  const temperature = temperatureOf(draft.students);
  const share = shareOf(draft.students);
  return (
    <section aria-label="Questions" className={styles.knobs}>
      {temperature && (
        <Slider
          label="Temperature"
          value={temperature.value}
          min={0.5}
          max={20}
          step={0.5}
          text={words(temperature, String)}
          help={help(
            'Softens the answers of teacher and students: higher values show more of the wrong classes.',
          )}
          disabled={!ready}
          onChange={(value) => session.edit(withTemperature(draft, value))}
        />
      )}
      {share && (
        <Slider
          label="Outside share"
          value={share.value}
          min={0}
          max={1}
          step={0.05}
          text={words(share, (value) => percent(value, 0))}
          help={help(
            'Part of each batch that lies outside the data set; 0 is plain distillation on the data.',
          )}
          disabled={!ready}
          onChange={(value) => session.edit(withShare(draft, value))}
        />
      )}
      <TeacherCalls />
    </section>
  );
}

function words(shared: Shared, say: (value: number) => string): string {
  return shared.mixed ? `${say(shared.value)} (differs)` : say(shared.value);
}

function TeacherCalls() {
  const rows = useRun((run) => run.progress?.teacherRows ?? null);
  return (
    <p className={`${ui.soft} ${styles.small}`}>
      {rows === null ? ' ' : `The teacher has answered ${whole(rows)} questions.`}
    </p>
  );
}
