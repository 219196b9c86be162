import { useId } from 'react';
import { useApp, useSession } from '../context';
import { DropZone, FileLine } from '../rail/DropZone';
import ui from '../ui/ui.module.css';
import { short } from '../words/format';
import { Chooser } from './Chooser';
import { OWN_TASK, titleOf } from './desk';
import { Progress, Refusal, Sentences, Why } from './Progress';
import { Sheet } from './Sheet';
import styles from './own.module.css';
import type { KnownNetwork, TeacherDraft } from './state';
import { Answers } from './teacher/Answers';
import { Assembly } from './teacher/Assembly';
import { Costs } from './teacher/Costs';
import { Inputs } from './teacher/Inputs';
import { Quality } from './teacher/Quality';
import { Taps } from './teacher/Taps';

const FORMS: Readonly<Record<string, string>> = {
  'tfjs-layers': 'TensorFlow.js layers model',
  'tfjs-graph': 'TensorFlow.js graph model',
  'keras-h5': 'Keras .h5',
  'keras-3': 'Keras .keras',
  onnx: 'ONNX',
  safetensors: 'safetensors',
  pytorch: 'PyTorch',
};

/** A network from files, from its first byte to its place in the recipe: what is known is shown at once. */
export default function TeacherDialog() {
  const session = useSession();
  const { desk } = session;
  const teacher = useApp((state) => state.own.teacher);
  const worker = useApp((state) => state.worker);
  const { reading, known, request, inspecting, corrections, fault } = teacher;
  // What was chosen shows at once; what follows from it comes with the next report.
  const report = teacher.report && {
    ...teacher.report,
    meaning: { ...teacher.report.meaning, ...corrections },
  };
  const why = useId();
  const missing = whatIsMissing(teacher, report?.open.length ?? 0);
  return (
    <Sheet
      title="Bring your own teacher"
      about="Read and run on this computer; nothing is sent, and nothing in a file is executed."
      foot={
        <>
          <button
            type="button"
            className={ui.filled}
            disabled={missing !== null}
            title={missing ?? undefined}
            aria-describedby={why}
            onClick={() => desk.takeTeacher()}
          >
            Use this teacher
          </button>
          <button
            type="button"
            className={ui.button}
            disabled={missing !== null}
            title={
              missing ??
              'One student more of this architecture, its weights drawn anew; Advanced settings can keep the file’s'
            }
            onClick={() => desk.takeStudent()}
          >
            Also as a student
          </button>
          <Why id={why} text={missing ?? notUsed(teacher)} />
        </>
      }
    >
      <Chooser
        label="Model"
        small={known !== null || reading !== null || fault !== null}
        onChoose={(files) => void session.dropFiles(files)}
      >
        {known === null && reading === null && fault === null && <Forms />}
      </Chooser>
      {fault && <Refusal fault={fault} />}
      {fault?.code === 'E_DATA_NEEDED' && <TaskFiles />}
      {known === null && reading === null && fault === null && <TaskData />}
      <Switches of={teacher.fits} />
      {reading && <Progress doing={reading} onCancel={() => desk.cancel()} />}
      {known && <Facts known={known} />}
      {known && worker === 'lost' && <p>The training worker stopped: start it again first.</p>}
      {inspecting && <Progress doing={inspecting} onCancel={() => desk.cancel()} />}
      {report && (
        <div className={styles.report} aria-busy={request !== null}>
          <div>
            <Sentences of={report.repairs} name="Put right in the file" />
            <Sentences of={[...report.remarks, ...report.fits]} name="What else is known" />
            <Answers report={report} correct={(part) => desk.correct(part)} />
            <Taps report={report} correct={(part) => desk.correct(part)} />
          </div>
          <div>
            <Quality report={report} />
            {report.assembly && (
              <Assembly
                report={report}
                found={report.assembly}
                ways={teacher.ways}
                correct={(part) => desk.correct(part)}
              />
            )}
            <Inputs report={report} tried={teacher.tried} correct={(part) => desk.correct(part)} />
            <Costs report={report} />
            {Object.keys(corrections).length > 0 && (
              <button type="button" className={ui.button} onClick={() => desk.guessAgain()}>
                Forget my corrections
              </button>
            )}
          </div>
        </div>
      )}
    </Sheet>
  );
}

/** Why the network cannot be used yet; null where it can. */
function whatIsMissing(
  { known, reading, request, inspecting, report, fault, held }: TeacherDraft,
  open: number,
): string | null {
  if (reading) return 'Wait until it is read.';
  if (fault)
    return known
      ? fault.code === 'E_DATA_NEEDED'
        ? 'It cannot be looked at yet: the files of this task are missing.'
        : 'It cannot be used on this task; the reason stands above.'
      : 'Choose another file; the reason stands above.';
  if (!known) return 'Give a network first.';
  if (request !== null || inspecting || !report) return 'Wait until it was looked at.';
  if (open === 0) return null;
  return held
    ? 'Not used yet: answer what is open above first.'
    : 'Answer what is open above first.';
}

/** Why a network that was to be used at once is not; null where there is no such thing to say. */
export function notUsed({ held, report }: TeacherDraft): string | null {
  return held && report !== null && report.warnings.length > 0
    ? 'Not used yet: what looks wrong stands above; “Use this teacher” takes it all the same.'
    : null;
}

/** The page's task waits for its files: they can be given here. */
function TaskFiles() {
  const { desk } = useSession();
  const id = useApp((state) => state.draft.task.id);
  const task = useApp((state) => state.catalogue?.tasks.find((entry) => entry.id === id));
  if (!task) return null;
  if (id !== OWN_TASK) return <DropZone task={task} />;
  return (
    <button type="button" className={ui.button} onClick={() => desk.open('data')}>
      Give your own images
    </button>
  );
}

/** The data of the page's task, which can be given here as well: how far they are read, and what is held of them. */
function TaskData() {
  const files = useApp((state) => state.files[state.draft.task.id]);
  const loaded = useApp((state) => state.loaded[state.draft.task.id]);
  return (
    <>
      {files && <FileLine files={files} />}
      {loaded !== undefined && (
        <p>
          <b>Data of the task:</b> {loaded}
        </p>
      )}
    </>
  );
}

/** Tasks whose inputs and answers are such as the network has: one press switches to one and uses it. */
function Switches({ of }: { of: readonly string[] }) {
  const { desk } = useSession();
  if (of.length === 0) return null;
  return (
    <div className={styles.switches} role="group" aria-label="Tasks that it would suit">
      {of.map((preset) => (
        <button
          key={preset}
          type="button"
          className={ui.button}
          onClick={() => desk.switchTeacher(preset)}
        >
          Switch to “{titleOf(preset)}” and use it
        </button>
      ))}
    </div>
  );
}

function Forms() {
  return (
    <>
      <p className={styles.lead}>Drop a trained network here: its files, their folder, or a zip.</p>
      <ul className={styles.forms}>
        <li>
          TensorFlow.js: <code>model.json</code> with its <code>.bin</code> files, layers or graph
        </li>
        <li>
          Keras: <code>.h5</code>, <code>.keras</code>
        </li>
        <li>
          ONNX: <code>.onnx</code>
        </li>
        <li>
          PyTorch: <code>.pt</code>, <code>.pth</code>, <code>.th</code> or{' '}
          <code>.safetensors</code> with weights of a known network, or of layers one behind the
          other; a pickled model of standard layers
        </li>
      </ul>
    </>
  );
}

function Facts({ known }: { known: KnownNetwork }) {
  const { title, format, layers, parameters, seconds } = known;
  return (
    <p className={styles.facts}>
      <b>{title}</b> <span className={ui.tag}>{FORMS[format] ?? format}</span> {layers} layers,{' '}
      {short(parameters)} weights, read in {Math.max(0.1, seconds).toFixed(1)} s on this computer;
      nothing was sent.
    </p>
  );
}
