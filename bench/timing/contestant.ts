import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { weightsOf } from '../../src/models/net/graph';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import type { Place, Setup, Tensors } from '../support/cells';
import { Batches, MOMENTUM, problemOf, wholeSet } from '../support/problem';
import type { Network, Problem } from '../support/problem';
import { Child } from './child';
import type { Peer, Task, Way } from './job';
import type { Started, Timed } from './protocol';
import type { Torch } from './torch';

/** An answer has to come by then: the slowest step that is still of use takes minutes. */
const LIMIT = 15 * 60_000;

/** One implementation, ready to take the steps of a job. */
export interface Contestant {
  readonly peer: Peer | Way;
  readonly started: Started;
  /** Takes so many steps, timed together. */
  steps(count: number): Promise<Timed>;
  /** The trainable weights as they stand, or a kernel's outputs. */
  results(): Promise<Tensors>;
  stop(): void;
}

/** Files that contestants hand over lie here. */
export interface Exchange {
  readonly folder: string;
  /** The program that runs `bench --serve`. */
  readonly program: string;
}

/** Starts an implementation in JavaScript. @throws Error where it does not start */
export async function startNode(
  task: Task,
  peer: Peer | Way,
  place: Place,
  { folder, program }: Exchange,
): Promise<Contestant> {
  const child = new Child(process.execPath, ['--enable-source-maps', program, '--serve']);
  return orStop(child, async () => {
    const started = await child.ask<Started>({ do: 'start', task, peer, place }, LIMIT);
    const file = path.join(folder, 'results.safetensors');
    return {
      peer,
      started,
      steps: (count) => child.ask<Timed>({ do: 'steps', count }, LIMIT),
      async results() {
        await child.ask({ do: 'results', file }, LIMIT);
        return readSafetensors(readFileSync(file), 'results').tensors;
      },
      stop: () => child.stop(),
    };
  });
}

/** Starts PyTorch. @throws Error where it does not start */
export async function startTorch(
  setup: Setup,
  peer: Peer,
  torch: Torch,
  { folder }: Exchange,
): Promise<Contestant> {
  const problem = problemOf(setup);
  const batches = new Batches(problem);
  const file = path.join(folder, 'torch.safetensors');
  const child = new Child(torch.python, ['-u', torch.script]);
  return orStop(child, async () => {
    writeFileSync(file, writeSafetensors({ tensors: everythingOf(problem), metadata: {} }));
    const request = {
      do: 'start',
      file,
      student: problem.student.graph.nodes,
      teacher: problem.teacher.graph.nodes,
      arm: setup.arm,
      temperature: problem.temperature,
      alpha: problem.alpha,
      rate: MOMENTUM.rate,
      momentum: MOMENTUM.momentum,
      device: torch.device,
      threads: torch.threads,
      compile: peer === 'pytorch-compile',
    };
    const started = await child.ask<Started>(request, LIMIT);
    return {
      peer,
      started,
      steps(count) {
        const tensors = batchTensors(problem, batches, count);
        writeFileSync(file, writeSafetensors({ tensors, metadata: {} }));
        return child.ask<Timed>({ do: 'steps', count, file }, LIMIT);
      },
      async results() {
        await child.ask({ do: 'results', file }, LIMIT);
        return readSafetensors(readFileSync(file), 'results').tensors;
      },
      stop: () => child.stop(),
    };
  });
}

async function orStop<T>(child: Child, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (thrown) {
    child.stop();
    throw thrown;
  }
}

/** Weights of student and teacher, and the whole set where the teacher is asked about it beforehand. */
function everythingOf(problem: Problem): Tensors {
  const set: Tensors = new Map([
    [
      'set',
      {
        shape: [problem.data.train.count, ...problem.shape],
        values: problem.setup.arm === 'kd' ? wholeSet(problem) : new Float32Array(),
      },
    ],
  ]);
  return new Map([
    ...named('student', problem.student),
    ...named('teacher', problem.teacher),
    ...(problem.setup.arm === 'kd' ? set : []),
  ]);
}

function named(whose: string, { graph, weights }: Network): Tensors {
  return new Map(
    weightsOf(graph).map(({ name, shape }) => [
      `${whose}/${name}`,
      { shape, values: weights.get(name) ?? new Float32Array() },
    ]),
  );
}

function batchTensors({ setup, shape, classes }: Problem, from: Batches, count: number): Tensors {
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const { x, targets, rows } = from.next();
      return [
        [`x/${i}`, { shape: [setup.batch, ...shape], values: x }],
        [`targets/${i}`, { shape: [setup.batch, classes], values: targets }],
        [`rows/${i}`, { shape: [setup.batch], values: Float32Array.from(rows) }],
      ] as const;
    }).flat(),
  );
}
