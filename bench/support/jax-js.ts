import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import type { Place, Run, Setup } from './cells';
import { arraysOf, channelsFirst, forward, moved, readArrays } from './jax-net';
import type { Arrays } from './jax-net';
import { Batches, MOMENTUM, problemOf, wholeSet } from './problem';
import type { Batch, Problem } from './problem';

/** What a step carries on: weights, momentum, moving statistics. */
// A type, not an interface: jax-js maps over trees of this form.
type State = { trained: Arrays; speed: Arrays; moving: Arrays };

/** Starts jax-js on a device. @throws Error where it does not */
export async function startJax(place: Place): Promise<void> {
  const device = place === 'mock' ? 'webgpu' : place;
  const found = await init(device);
  if (!found.includes(device)) throw new Error(`jax-js has no ${device} here`);
  defaultDevice(device);
}

/**
 * The same training step in jax-js: forward, loss, gradient and SGD with momentum as one compiled function. Every step is
 * waited for, since jax-js sends nothing to the device before somebody waits.
 */
export async function jaxRun(setup: Setup, place: Place): Promise<Run> {
  await startJax(place);
  const problem = problemOf(setup);
  const { batch, arm } = setup;
  const { graph } = problem.student;
  const start = arraysOf(problem.student);
  const speed = tree.map((w: np.Array) => np.zerosLike(w), tree.ref(start.trained)) as Arrays;
  let state: State = { ...start, speed };
  const teacher = arm === 'xcl' ? arraysOf(problem.teacher) : null;
  const answers = arm === 'kd' ? await remembered(problem) : null;
  const batches = new Batches(problem);
  const ready: Batch[] = [];
  const advance = stepOf(problem);
  let loss: np.Array | null = null;

  return {
    prepare(steps) {
      while (ready.length < steps) ready.push(batches.next());
    },
    step() {
      const { x, targets, rows } = ready.shift() ?? batches.next();
      const given = {
        x: np.array(new Float32Array(x), { shape: [batch, ...problem.shape] }),
        targets: np.array(new Float32Array(targets), { shape: [batch, problem.classes] }),
        ...(answers && { answers: gathered(answers, rows, problem.classes) }),
      };
      loss?.dispose();
      const next = advance(state, given, teacher ? tree.ref(teacher) : {});
      ({ state, loss } = next);
      return Promise.resolve();
    },
    async submit() {
      await blockUntilReady([state, loss]);
    },
    async finish() {
      await blockUntilReady([state, loss]);
    },
    results: () => readArrays(graph, state.trained),
  };
}

/** The step as a compiled function of state, batch and teacher. */
function stepOf(problem: Problem) {
  const { setup, student, teacher: asked, temperature, alpha } = problem;
  const { rate, momentum } = MOMENTUM;

  const lossOf = (trained: Arrays, x: np.Array, targets: np.Array, taught: np.Array | null) => {
    const { logits, statistics } = forward(student.graph, trained, null, x);
    const terms: np.Array[] = [];
    if (setup.arm !== 'xcl') {
      const ce = np.sum(targets.mul(nn.logSoftmax(taught ? logits.ref : logits))).mul(-1);
      terms.push(ce.mul(setup.arm === 'kd' ? 1 - alpha : 1));
    } else targets.dispose();
    if (taught) {
      const share = setup.arm === 'kd' ? alpha : 1;
      terms.push(divergence(taught, logits, temperature).mul(temperature ** 2 * share));
    }
    const sum = terms.reduce((a, b) => a.add(b));
    return [sum.mul(1 / setup.batch), statistics] as [np.Array, Arrays];
  };

  return jit(
    (
      { trained, speed, moving }: State,
      given: { x: np.Array; targets: np.Array; answers?: np.Array },
      teacher: { trained?: Arrays; moving?: Arrays },
    ) => {
      const x = channelsFirst(given.x);
      const taught =
        teacher.trained && teacher.moving
          ? forward(asked.graph, teacher.trained, teacher.moving, x.ref).logits
          : (given.answers ?? null);
      const differentiate = valueAndGrad(
        (weights: Arrays) => lossOf(weights, x, given.targets, taught),
        { hasAux: true },
      );
      const [[loss, statistics], gradient] = differentiate(tree.ref(trained));
      const faster = tree.map(
        (v: np.Array, g: np.Array) => v.mul(momentum).add(g),
        speed,
        gradient as Arrays,
      ) as Arrays;
      const next = tree.map(
        (w: np.Array, v: np.Array) => w.sub(v.mul(rate)),
        trained,
        tree.ref(faster),
      ) as Arrays;
      return {
        state: { trained: next, speed: faster, moving: moved(moving, statistics) },
        loss,
      };
    },
  );
}

/** KL(softmax(teacher / T) || softmax(student / T)), summed over rows. */
function divergence(teacher: np.Array, student: np.Array, temperature: number): np.Array {
  const logP = nn.logSoftmax(teacher.div(temperature));
  const logQ = nn.logSoftmax(student.div(temperature));
  return np.sum(np.exp(logP.ref).mul(logP.sub(logQ)));
}

/** The teacher's answers on the whole set, [count, classes]. */
async function remembered(problem: Problem): Promise<Float32Array> {
  const { trained, moving } = arraysOf(problem.teacher);
  const shape = [problem.data.train.count, ...problem.shape];
  const ask = jit(
    (weights: Arrays, fixed: Arrays, x: np.Array) =>
      forward(problem.teacher.graph, weights, fixed, channelsFirst(x)).logits,
  );
  const x = np.array(new Float32Array(wholeSet(problem)), { shape });
  return (await ask(trained, moving, x).data()) as Float32Array;
}

function gathered(answers: Float32Array, rows: Int32Array, classes: number): np.Array {
  const out = new Float32Array(rows.length * classes);
  rows.forEach((row, i) =>
    out.set(answers.subarray(row * classes, (row + 1) * classes), i * classes),
  );
  return np.array(out, { shape: [rows.length, classes] });
}
