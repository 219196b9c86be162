import { useApp, useSession } from '../context';
import ui from '../ui/ui.module.css';
import { short } from '../words/format';
import { Chooser } from './Chooser';
import { Progress, Refusal, Sentences } from './Progress';
import { Sheet } from './Sheet';
import styles from './own.module.css';
import type { KnownNetwork } from './state';
import { Answers } from './teacher/Answers';
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
  const { desk } = useSession();
  const teacher = useApp((state) => state.own.teacher);
  const worker = useApp((state) => state.worker);
  const { reading, known, request, inspecting, corrections, fault } = teacher;
  // What was chosen shows at once; what follows from it comes with the next report.
  const report = teacher.report && {
    ...teacher.report,
    meaning: { ...teacher.report.meaning, ...corrections },
  };
  const usable = report !== null && request === null && fault === null && report.open.length === 0;
  return (
    <Sheet
      title="Bring your own teacher"
      about="Read and run on this computer; nothing is sent, and nothing in a file is executed."
      foot={
        <>
          <button
            type="button"
            className={ui.filled}
            disabled={!usable}
            onClick={() => desk.takeTeacher()}
          >
            Use this teacher
          </button>
          <button
            type="button"
            className={ui.button}
            disabled={!usable}
            title="One student more of this architecture, its weights drawn anew; Advanced settings can keep the file’s"
            onClick={() => desk.takeStudent()}
          >
            Also as a student
          </button>
        </>
      }
    >
      <Chooser
        label="Model"
        accept=".json,.bin,.h5,.hdf5,.keras,.onnx,.data,.pt,.pth,.th,.ckpt,.safetensors,.zip,.gz"
        small={known !== null || reading !== null || fault !== null}
        onChoose={(files) => void desk.readTeacher(files)}
      >
        {known === null && reading === null && fault === null && <Forms />}
      </Chooser>
      {fault && <Refusal fault={fault} />}
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
          <code>.safetensors</code> with the weights of a known architecture
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
