import { useApp, useRun, useTaskKind } from '../context';
import { trainsFirst } from '../../recipe/before';
import type { InputKind } from '../../recipe/recipe';
import { markOf } from '../marks';
import { OWN_TASK } from '../own/desk';
import { comingOf, lacksFiles } from '../state';
import { Panel } from '../ui/Panel';
import { RunMark } from '../ui/RunMark';
import { percent } from '../words/format';
import { ImageBoard } from './ImageBoard';
import { Ending } from './Ending';
import { Inspector } from './Inspector';
import { LineBoard } from './LineBoard';
import { PlaneBoard } from './PlaneBoard';
import styles from './Stage.module.css';

/** The questions that are put to the teacher, and what everybody answers to one of them. */
export function Stage() {
  const report = useRun((run) => run.report);
  const kind = useTaskKind();
  return (
    <div className={styles.stage}>
      <Panel name="Stage" title="Questions put to the teacher" aside={<About kind={kind} />}>
        {report === null ? (
          <Waiting />
        ) : kind === 'plane' ? (
          <PlaneBoard report={report} />
        ) : kind === 'line' ? (
          <LineBoard report={report} />
        ) : (
          <ImageBoard report={report} />
        )}
      </Panel>
      {report !== null && <Inspector report={report} />}
    </div>
  );
}

/** How to read the stage; or, of a recorded run, that it is one, and on what it was recorded. */
function About({ kind }: { kind: InputKind | null }) {
  const recorded = useApp((state) => (state.showing === 'recorded' ? state.recorded : null));
  const mark = useApp(markOf);
  if (recorded !== null)
    return (
      <>
        <RunMark /> on {recorded.recordedOn}
        {recorded.faster > 1.05 && `, shown ${recorded.faster.toFixed(1)} times as fast as it ran`}
        {mark === 'recorded otherwise' && ', with the preset’s own settings'}; press Play to train
        your own
      </>
    );
  if (mark !== null)
    return (
      <>
        <RunMark /> from before your last changes;{' '}
        {mark === 'before changes' ? 'Apply & restart' : 'Play'} runs with them
      </>
    );
  switch (kind) {
    case 'plane':
      return '· colour: class, strength: how sure';
    case 'line':
      return '· band: where 90 % of the answers should lie';
    case 'image':
      return '· border: how unsure the teacher is · hover: the two parents';
    case null:
      return null;
  }
}

/** What stands on the stage before there is anything to ask. */
function Waiting() {
  const worker = useApp((state) => state.worker);
  const phase = useRun((run) => run.phase);
  const working = useRun((run) => run.working);
  const title = useApp(
    (state) => state.catalogue?.tasks.find(({ id }) => id === state.draft.task.id)?.title,
  );
  const own = useApp((state) => state.draft.task.id === OWN_TASK);
  const lacks = useApp(lacksFiles);
  const brought = useApp(comingOf);
  const asked = useApp((state) => state.intent !== null);
  const trains = useApp((state) => trainsFirst(state.draft));
  const sentence = ((): string => {
    if (worker === 'lost') return 'There is nothing to show: the training worker stopped.';
    if (phase === 'failed')
      return 'This run could not be prepared; the reason stands at the foot of the page.';
    if (worker === 'starting')
      return 'Finding out which device can train here. The settings are ready; Play may be pressed already.';
    if (lacks && phase === null && !brought)
      return own
        ? 'Your own images are not here yet. Press “Own images” under “Task”, or drop them anywhere on the page, and this place shows what the teacher is asked.'
        : `${title} is not part of this page. Drop its archive or its files under “Task”, and this place shows what the teacher is asked.`;
    const coming = asked
      ? 'What the teacher is asked appears here then.'
      : 'The training examples appear here; after Play, what the teacher is asked.';
    if (brought) return `${brought.what}: ${percent(brought.share, 0)}. ${coming}`;
    if (working) return `${working.what}: ${percent(working.share, 0)}. ${coming}`;
    if (trains && phase !== 'preparing')
      return 'What teaches here is trained first, on this computer. Press Play: it learns, then this place shows what it is asked.';
    return `Loading the data and the teacher. ${coming}`;
  })();
  return (
    <div className={styles.waiting}>
      <p>{sentence}</p>
      <Ending />
    </div>
  );
}
