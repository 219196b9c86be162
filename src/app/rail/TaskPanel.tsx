import type { TaskReport } from '../../worker/protocol';
import { useApp, useRun, useSession } from '../context';
import { transferRange } from '../edit';
import { Bring } from '../own/Bring';
import { OWN_TASK } from '../own/desk';
import { kindOf } from '../panels';
import { sameValue } from '../state';
import { Panel } from '../ui/Panel';
import { Linked } from '../ui/Linked';
import { Slider } from '../ui/Slider';
import ui from '../ui/ui.module.css';
import { whole } from '../words/format';
import { DropZone, FileLine } from './DropZone';
import { AFTER_CHECK } from './Knobs';
import styles from './rail.module.css';

/** What is learned, from how much, and whose data it is. */
export function TaskPanel() {
  const session = useSession();
  const draft = useApp((state) => state.draft);
  const catalogue = useApp((state) => state.catalogue);
  const shown = useRun((run) => (sameValue(run.recipe.task, draft.task) ? run.report : null));
  const task = catalogue?.tasks.find(({ id }) => id === draft.task.id);
  const pictures = (task?.kind ?? (shown ? kindOf(shown) : 'image')) === 'image';
  const own = useApp((state) => draft.task.id === OWN_TASK && OWN_TASK in state.loaded);
  const range = task ? transferRange(task, draft.task) : null;
  return (
    <Panel name="Task" action={<Bring what="data" />}>
      <div className={ui.card}>
        <p>
          <b>{task?.title ?? titleOf(draft.task.id)}</b>{' '}
          <span className={`${ui.soft} ${styles.small}`}>{shown ? shapeWords(shown) : ''}</span>
        </p>
        <Slider
          label={pictures ? 'Training images' : 'Training points'}
          value={draft.transfer}
          min={range?.min ?? 1}
          max={range?.max ?? draft.transfer}
          step={draft.transfer > 400 ? 50 : 5}
          log={range !== null && range.max > 20 * range.min}
          text={whole(draft.transfer)}
          help={
            range === null
              ? AFTER_CHECK
              : 'How many training examples the students get (the transfer set).'
          }
          disabled={range === null}
          onChange={(transfer) => session.edit({ ...draft, transfer })}
        />
        {task && !own && (
          <p className={`${ui.soft} ${styles.small}`}>
            <Linked text={task.source} /> {task.licence}
          </p>
        )}
        {task?.needsFiles && (task.id === OWN_TASK ? <Loaded /> : <DropZone task={task} />)}
      </div>
    </Panel>
  );
}

/** What is held of a person's own images. */
function Loaded() {
  const loaded = useApp((state) => state.loaded[OWN_TASK]);
  const files = useApp((state) => state.files[OWN_TASK]);
  if (loaded === undefined && files) return <FileLine files={files} />;
  return (
    <p className={styles.small}>
      {loaded ?? 'No images were given yet: press “Own images”, or drop them anywhere.'}
    </p>
  );
}

/** A name for a task before the catalogue has come. */
function titleOf(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1);
}

function shapeWords({ shape, classes, targets }: TaskReport): string {
  const size = shape.length === 1 ? `${shape[0]}-D` : `${shape[1]}×${shape[0]}`;
  return `${size}, ${targets ? targets.names.join(' and ') : `${classes.length} classes`}`;
}
