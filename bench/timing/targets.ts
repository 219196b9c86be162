import type { Peer } from './job';
import type { Row } from './row';
import { speedup } from './statistics';

/** What the engine is to reach on a device, and whether the rows show it. */
export interface Target {
  readonly name: string;
  /** The ratio that is wanted: at least so much, in favour of our engine. */
  readonly wanted: number;
  /** What was measured; the least where several rows tell; null where none does. */
  readonly found: number | null;
  /** 'owed': nothing here could measure it. */
  readonly state: 'reached' | 'missed' | 'owed';
}

interface Wish {
  readonly name: string;
  readonly wanted: number;
  /** Which rows of ours tell. */
  tells(row: Row, software: boolean): boolean;
  /** The ratio at a row of ours, among the rows of the same task; NaN where it has none. */
  ratio(own: Row, others: readonly Row[]): number;
}

/** The ratio to one peer, round by round. */
const against =
  (...peers: readonly Peer[]): Wish['ratio'] =>
  (own, others) => {
    const other = others.find((row) => peers.some((peer) => peer === row.peer));
    return other?.state === 'timed' ? speedup(own.rounds, other.rounds) : NaN;
  };

/** Where batch and model say how much there is to compute, not how much there is to call. */
const convolutional = ({ task }: Row): boolean =>
  task.kind === 'train' && task.setup.model.startsWith('resnet');
const trains = ({ task }: Row, model: string, batch: number): boolean =>
  task.kind === 'train' && task.setup.model === model && task.setup.batch === batch;

const onGpu: Wish['tells'] = (row, software) =>
  row.place === 'webgpu' && !software && trains(row, 'resnet20', 128);
const onSoftware: Wish['tells'] = (row, software) =>
  row.place === 'webgpu' && software && trains(row, 'resnet8', 8);
const onWasm: Wish['tells'] = (row) => row.place === 'wasm' && convolutional(row);

const WISHES: readonly Wish[] = [
  {
    name: 'real GPU, ResNet-20, batch 128: plain tfjs on WebGPU',
    wanted: 10,
    tells: onGpu,
    ratio: against('plain-tfjs'),
  },
  {
    name: 'real GPU, ResNet-20, batch 128: jax-js',
    wanted: 3,
    tells: onGpu,
    ratio: against('jax-js'),
  },
  {
    name: 'real GPU, ResNet-20, batch 128: PyTorch eager, float32',
    wanted: 1,
    tells: onGpu,
    ratio: against('pytorch'),
  },
  {
    name: 'SwiftShader, ResNet-8, batch 8: plain tfjs on WebGPU',
    wanted: 8,
    tells: onSoftware,
    ratio: against('plain-tfjs'),
  },
  {
    name: 'SwiftShader, ResNet-8, batch 8: jax-js',
    wanted: 1,
    tells: onSoftware,
    ratio: against('jax-js'),
  },
  {
    name: 'WebAssembly, ResNets: naive tfjs',
    wanted: 3,
    tells: onWasm,
    ratio: against('naive-wasm'),
  },
  {
    name: 'WebAssembly, ResNets: PyTorch on the same cores',
    wanted: 0.1,
    tells: onWasm,
    ratio: against('pytorch'),
  },
  {
    name: 'JavaScript of a WebGPU step, ResNets: plain tfjs',
    wanted: 50,
    tells: (row) => row.place === 'webgpu' && convolutional(row),
    ratio(own, others) {
      const plain = others.find(({ peer }) => peer === 'plain-tfjs')?.jsMs ?? NaN;
      return plain / (own.jsMs ?? NaN);
    },
  },
];

/** All targets, told from the rows. @param software whether the rows' WebGPU is a program on the processor */
export function targetsOf(rows: readonly Row[], software: boolean): readonly Target[] {
  return WISHES.map(({ name, wanted, tells, ratio }) => {
    const own = rows.filter(
      (row) => row.peer === 'extracurricular' && row.state === 'timed' && tells(row, software),
    );
    const ratios = own
      .map((row) =>
        ratio(
          row,
          rows.filter((other) => sameTask(row, other)),
        ),
      )
      .filter((value) => !Number.isNaN(value));
    if (ratios.length === 0) return { name, wanted, found: null, state: 'owed' };
    const found = Math.min(...ratios);
    return { name, wanted, found, state: found >= wanted ? 'reached' : 'missed' };
  });
}

const sameTask = (a: Row, b: Row): boolean =>
  a.place === b.place && JSON.stringify(a.task) === JSON.stringify(b.task);
