import {
  ACTIVATIONS,
  ALPHAS,
  activationName,
  follow,
  layerName,
  stepWords,
} from '../../../recipe/layers';
import type { LayerPart, Layers, LayerStep } from '../../../recipe/layers';
import ui from '../../ui/ui.module.css';
import styles from './steps.module.css';

/** Steps without weights that can be put between layers. */
const ADDED: Readonly<Record<string, LayerStep>> = {
  activation: { op: 'activation', kind: 'relu', alpha: 0.01 },
  pool: { op: 'pool', kind: 'max', size: [2, 2], stride: [2, 2], padding: [0, 0], ceil: false },
  flatten: { op: 'flatten' },
  'mean over the image': { op: 'global', kind: 'mean' },
};

/** A form in which a person puts layers in order: what stands between them, their steps and margins, the input's side. */
export function Steps({
  layers,
  parts,
  changed,
  change,
  use,
}: {
  layers: Layers;
  parts: readonly LayerPart[];
  changed: boolean;
  change: (layers: Layers) => void;
  use: () => void;
}) {
  const { input, steps } = layers;
  const { shapes, problem } = follow(layers, parts);
  const put = (next: readonly LayerStep[]) => change({ ...layers, steps: next });
  const side = (axis: number, n: number) =>
    change({ ...layers, input: input.map((old, i) => (i === axis ? n : old)) });
  return (
    <div>
      <div className={styles.step}>
        <span className={styles.name}>Input</span>
        {input.length === 3 ? (
          <>
            <Whole
              label="height"
              of="the input"
              value={input[0]}
              from={1}
              change={(n) => side(0, n)}
            />
            <Whole
              label="width"
              of="the input"
              value={input[1]}
              from={1}
              change={(n) => side(1, n)}
            />
            <span className={ui.soft}>× {input[2]}</span>
          </>
        ) : (
          <span className={ui.soft}>{input[0]} numbers</span>
        )}
      </div>
      <ol className={styles.steps}>
        {steps.map((step, i) => (
          <Step
            // Steps have no names of their own; what they are and where they stand is all there is.
            key={`${i} ${step.op} ${'name' in step ? step.name : ''}`}
            step={step}
            part={parts.find((part) => 'name' in step && part.name === step.name)}
            shape={shapes[i]}
            broken={problem !== null && i === shapes.length}
            change={(next) => put(steps.map((old, at) => (at === i ? next : old)))}
            up={i === 0 ? null : () => put(swapped(steps, i - 1))}
            down={i === steps.length - 1 ? null : () => put(swapped(steps, i))}
            remove={'name' in step ? null : () => put(steps.filter((_, at) => at !== i))}
            insert={(added) => put([...steps.slice(0, i + 1), added, ...steps.slice(i + 1)])}
          />
        ))}
      </ol>
      <p role="status" className={problem === null ? ui.soft : styles.problem}>
        {problem ?? `It puts out ${shapes.at(-1)?.[0]} numbers.`}
      </p>
      <button
        type="button"
        className={ui.button}
        disabled={problem !== null || !changed}
        title={
          problem ??
          (changed ? 'Look at the network again, put together so' : 'Nothing has been changed')
        }
        onClick={use}
      >
        Use these layers
      </button>
    </div>
  );
}

/** Two neighbours in the other order. */
function swapped(steps: readonly LayerStep[], first: number): LayerStep[] {
  const next = [...steps];
  const [a, b] = [steps[first], steps[first + 1]];
  if (a && b) next.splice(first, 2, b, a);
  return next;
}

/** What a layer with weights is: "3 × 3, 8 → 16". */
function partWords(part: LayerPart): string {
  switch (part.op) {
    case 'conv':
      return `${part.kernel.join(' × ')}, ${part.within} → ${part.filters}`;
    case 'dense':
      return `dense, ${part.features} → ${part.units}`;
    case 'norm':
      return `batch norm of ${part.size}`;
    case 'slope':
      return `learnt slopes, ${part.size}`;
  }
}

function Step({
  step,
  part,
  shape,
  broken,
  change,
  up,
  down,
  remove,
  insert,
}: {
  step: LayerStep;
  part: LayerPart | undefined;
  /** After it; absent where it is not reached. */
  shape: readonly number[] | undefined;
  broken: boolean;
  change: (step: LayerStep) => void;
  up: (() => void) | null;
  down: (() => void) | null;
  remove: (() => void) | null;
  insert: (step: LayerStep) => void;
}) {
  const words = stepWords(step);
  return (
    <li className={`${styles.step} ${broken ? styles.broken : ''}`}>
      <span className={styles.name}>
        {'name' in step ? layerName(step.name) : step.op === 'flatten' ? 'flatten' : ''}
        {part && <span className={ui.soft}> {partWords(part)}</span>}
      </span>
      <Settings step={step} words={words} change={change} />
      <span className={`${ui.soft} ${styles.shape}`}>{shape ? `= ${shape.join(' × ')}` : ''}</span>
      <span className={styles.moves}>
        <button
          type="button"
          className={ui.button}
          disabled={!up}
          aria-label={`Move ${words} up`}
          title={up ? 'Earlier' : 'It stands first'}
          onClick={() => up?.()}
        >
          ↑
        </button>
        <button
          type="button"
          className={ui.button}
          disabled={!down}
          aria-label={`Move ${words} down`}
          title={down ? 'Later' : 'It stands last'}
          onClick={() => down?.()}
        >
          ↓
        </button>
        {remove && (
          <button
            type="button"
            className={ui.button}
            aria-label={`Remove ${words}`}
            title="Leave it out"
            onClick={remove}
          >
            ×
          </button>
        )}
        <select
          className={ui.select}
          aria-label={`Put something behind ${words}`}
          value=""
          onChange={({ target }) => {
            const added = ADDED[target.value];
            if (added) insert(added);
          }}
        >
          <option value="">+</option>
          {Object.keys(ADDED).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </span>
    </li>
  );
}

/** How a window goes over the image: the same along both sides. */
function Slide({
  step,
  words,
  change,
}: {
  step: Extract<LayerStep, { op: 'conv' | 'pool' }>;
  words: string;
  change: (step: LayerStep) => void;
}) {
  return (
    <>
      <Whole
        label="stride"
        of={words}
        value={step.stride[0]}
        from={1}
        change={(n) => change({ ...step, stride: [n, n] })}
      />
      <Whole
        label="padding"
        of={words}
        value={step.padding[0]}
        from={0}
        change={(n) => change({ ...step, padding: [n, n] })}
      />
    </>
  );
}

function Settings({
  step,
  words,
  change,
}: {
  step: LayerStep;
  words: string;
  change: (step: LayerStep) => void;
}) {
  switch (step.op) {
    case 'conv':
      return <Slide step={step} words={words} change={change} />;
    case 'activation':
      return <ActivationOf step={step} words={words} change={change} />;
    case 'pool':
      return (
        <>
          <select
            className={ui.select}
            aria-label={`Kind of pool, ${words}`}
            value={step.kind}
            onChange={({ target }) =>
              change({ ...step, kind: target.value === 'mean' ? 'mean' : 'max' })
            }
          >
            <option value="max">max pool</option>
            <option value="mean">mean pool</option>
          </select>
          <Whole
            label="size"
            of={words}
            value={step.size[0]}
            from={1}
            change={(n) => change({ ...step, size: [n, n] })}
          />
          <Slide step={step} words={words} change={change} />
        </>
      );
    case 'global':
      return (
        <select
          className={ui.select}
          aria-label={`Of the whole image, ${words}`}
          value={step.kind}
          onChange={({ target }) =>
            change({ ...step, kind: target.value === 'max' ? 'max' : 'mean' })
          }
        >
          <option value="mean">mean over the image</option>
          <option value="max">largest of the image</option>
        </select>
      );
    default:
      return null;
  }
}

function ActivationOf({
  step,
  words,
  change,
}: {
  step: Extract<LayerStep, { op: 'activation' }>;
  words: string;
  change: (step: LayerStep) => void;
}) {
  return (
    <>
      <select
        className={ui.select}
        aria-label={`Activation, ${words}`}
        value={step.kind}
        onChange={({ target }) => {
          const kind = ACTIVATIONS.find((one) => one === target.value);
          if (kind) change({ ...step, kind, alpha: ALPHAS[kind] ?? 0.01 });
        }}
      >
        {ACTIVATIONS.map((kind) => (
          <option key={kind} value={kind}>
            {activationName(kind)}
          </option>
        ))}
      </select>
      {ALPHAS[step.kind] !== undefined && (
        <label className={styles.whole}>
          {step.kind === 'elu' ? 'scale' : 'slope'}
          <input
            type="number"
            step={0.01}
            aria-label={`${step.kind === 'elu' ? 'scale' : 'slope'} of ${words}`}
            value={step.alpha}
            onChange={({ target }) => {
              const alpha = Number(target.value);
              if (target.value !== '' && Number.isFinite(alpha)) change({ ...step, alpha });
            }}
          />
        </label>
      )}
    </>
  );
}

/** A small field for a whole number; what is no such number changes nothing. */
function Whole({
  label,
  of,
  value = 0,
  from,
  change,
}: {
  label: string;
  of: string;
  value: number | undefined;
  from: number;
  change: (n: number) => void;
}) {
  return (
    <label className={styles.whole}>
      {label}
      <input
        type="number"
        min={from}
        max={4096}
        aria-label={`${label} of ${of}`}
        value={value}
        onChange={({ target }) => {
          const n = Number(target.value);
          if (target.value !== '' && Number.isInteger(n) && n >= from && n <= 4096) change(n);
        }}
      />
    </label>
  );
}
