import { useRef } from 'react';
import { presets } from '../../recipe/presets';
import { useApp, useSession } from '../context';
import { sameValue } from '../state';
import ui from '../ui/ui.module.css';
import { RecipeFile } from './RecipeFile';
import { RunForm } from './RunForm';
import { StudentForms } from './StudentForms';
import { TeacherForms } from './TeacherForms';
import styles from './settings.module.css';

/** Every setting of the run, generated from the fields that the recipe and the catalogue declare. */
export function SettingsButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const ready = useApp((state) => state.catalogue !== null);
  return (
    <>
      <button
        type="button"
        className={ui.button}
        disabled={!ready}
        title={ready ? undefined : 'Available after the device check'}
        onClick={() => dialog.current?.showModal()}
      >
        Advanced settings
      </button>
      <dialog ref={dialog} className={styles.dialog} aria-label="Advanced settings">
        <SettingsForms onClose={() => dialog.current?.close()} />
      </dialog>
    </>
  );
}

function SettingsForms({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const draft = useApp((state) => state.draft);
  const catalogue = useApp((state) => state.catalogue);
  if (!catalogue) return null;
  const preset = presets.find(({ id }) => id === draft.preset);
  const changed = preset !== undefined && !sameValue(preset.recipe, draft);
  return (
    <div className={styles.sheet}>
      <header className={styles.head}>
        <h2>Advanced settings</h2>
        <p className={ui.soft}>
          Temperature and outside share act at once on a run that can take them over; all others
          take effect with the next run.
        </p>
        <button
          type="button"
          className={ui.button}
          disabled={!changed}
          title={changed ? undefined : 'These are the preset’s own settings.'}
          onClick={() => preset && session.edit(preset.recipe)}
        >
          Back to the preset
        </button>
        <RecipeFile />
        <button type="button" className={ui.filled} onClick={onClose}>
          Close
        </button>
      </header>
      <div className={styles.body}>
        <StudentForms draft={draft} catalogue={catalogue} edit={(next) => session.edit(next)} />
        <TeacherForms draft={draft} catalogue={catalogue} edit={(next) => session.edit(next)} />
        <RunForm draft={draft} edit={(next) => session.edit(next)} />
      </div>
    </div>
  );
}
