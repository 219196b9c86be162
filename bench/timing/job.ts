import { MODELS, ARMS, setupName } from '../support/cells';
import type { Place, Setup } from '../support/cells';

/** Who takes the step, in the order in which they take turns. */
export const PEERS = [
  'plain-tfjs',
  'naive-wasm',
  'tfjs-mean-sum',
  'jax-js',
  'extracurricular',
  'pytorch',
  'pytorch-compile',
] as const;
export type Peer = (typeof PEERS)[number];

/** Where rows are timed; WebGL in a browser alone. */
export const PLACES = ['webgpu', 'webgl', 'wasm'] as const satisfies readonly Place[];
export type TimedPlace = (typeof PLACES)[number];

export const KERNELS = [
  'conv',
  'conv dx',
  'conv dw',
  'batch norm',
  'spread',
  'column sums',
] as const;

/** One kernel on [batch, side, side, channels]; convolutions are 3 x 3 with as many channels out as in. */
export interface KernelSetup {
  readonly kernel: (typeof KERNELS)[number];
  readonly batch: number;
  readonly side: number;
  readonly channels: number;
}

/** How a kernel is computed on WebAssembly, beside our choice. */
export const WAYS = [
  'extracurricular',
  'nine products',
  'im2col product',
  'stock kernel',
  'Tile',
  'tf.sum',
] as const;
export type Way = (typeof WAYS)[number];

/** What is timed: a training step, or one kernel. */
export type Task =
  | { readonly kind: 'train'; readonly setup: Setup }
  | { readonly kind: 'kernel'; readonly setup: KernelSetup };

/** A task, and who takes turns at it. */
export type Job = Task & { readonly peers: readonly (Peer | Way)[] };

/** The job without those who take part. */
export const taskOf = (job: Job): Task =>
  job.kind === 'train'
    ? { kind: job.kind, setup: job.setup }
    : { kind: job.kind, setup: job.setup };

export function jobName(job: Task): string {
  if (job.kind === 'train') return setupName(job.setup);
  const { kernel, batch, side, channels } = job.setup;
  return `${kernel}, ${channels} channels at ${side} x ${side}, batch ${batch}`;
}

/** What all others are compared with on a device: stock tfjs, with what it needs to train at all. */
export function baselineOf(job: Task, place: Place): Peer | Way {
  if (job.kind === 'kernel') return place === 'wasm' ? 'extracurricular' : 'plain-tfjs';
  return place === 'wasm' && job.setup.model !== 'mlp' ? 'naive-wasm' : 'plain-tfjs';
}

const train = (
  model: Setup['model'],
  arm: Setup['arm'],
  batch: number,
  peers: readonly Peer[],
): Job => ({ kind: 'train', setup: { model, arm, batch }, peers });

/** The spiral has 90 points. */
const POINTS = 90;

/** Every peer that a setup can have on a device. */
export function peersOf(place: TimedPlace, model: Setup['model']): readonly Peer[] {
  if (place === 'webgl') return ['plain-tfjs', 'tfjs-mean-sum', 'jax-js', 'extracurricular'];
  if (place === 'webgpu') return PEERS.filter((peer) => peer !== 'naive-wasm');
  const other = model === 'mlp' ? 'naive-wasm' : 'plain-tfjs';
  return PEERS.filter((peer) => peer !== other && peer !== 'pytorch-compile');
}

/**
 * What is timed when nothing is asked for: on a real GPU the nets at the batch that they are usually trained with, on
 * software WebGPU (hundreds of times slower) a few small steps, on WebAssembly what a visitor without a GPU trains.
 */
export function defaultJobs(place: TimedPlace, software: boolean): readonly Job[] {
  if (place === 'wasm')
    return [
      ...(['resnet8half', 'resnet8'] as const).flatMap((model) =>
        (['erm', 'xcl'] as const).map((arm) =>
          train(model, arm, 64, ['naive-wasm', 'extracurricular', 'pytorch']),
        ),
      ),
      train('mlp', 'erm', POINTS, ['plain-tfjs', 'jax-js', 'extracurricular', 'pytorch']),
    ];
  if (software)
    return [
      train('resnet8', 'erm', 8, ['plain-tfjs', 'jax-js', 'extracurricular']),
      train('mlp', 'erm', POINTS, ['plain-tfjs', 'jax-js', 'extracurricular']),
    ];
  return [
    train('resnet20', 'erm', 128, peersOf(place, 'resnet20')),
    train('resnet8', 'erm', 128, peersOf(place, 'resnet8')),
    train('resnet8', 'xcl', 128, peersOf(place, 'resnet8')),
    train('mlp', 'erm', POINTS, peersOf(place, 'mlp')),
  ];
}

/** What a person asked for by name; null leaves the choice to the device. */
export interface Wanted {
  readonly models: readonly Setup['model'][] | null;
  readonly arms: readonly Setup['arm'][] | null;
  readonly batch: number | null;
  readonly peers: readonly Peer[] | null;
}

/** Default batch of a device. */
const batchOf = (place: TimedPlace, software: boolean): number =>
  place === 'wasm' ? 64 : software ? 8 : 128;

/** The jobs of a device: the default set, or what was asked for. */
export function jobsOf(place: TimedPlace, software: boolean, wanted: Wanted): readonly Job[] {
  const { models, arms, batch, peers } = wanted;
  const only = (job: Job): Job =>
    peers === null || job.kind !== 'train'
      ? job
      : {
          ...job,
          peers: peersOf(place, job.setup.model).filter((peer) => peers.includes(peer)),
        };
  if (models === null && arms === null && batch === null)
    return defaultJobs(place, software).map(only);
  return MODELS.filter((model) => (models ?? ['resnet8']).includes(model)).flatMap((model) =>
    ARMS.filter((arm) => (arms ?? ['erm']).includes(arm)).map((arm) => {
      const rows = batch ?? (model === 'mlp' ? POINTS : batchOf(place, software));
      return only(train(model, arm, rows, peersOf(place, model)));
    }),
  );
}

/** Side and channels of the three stages of a CIFAR ResNet. */
const STAGES = [
  [32, 16],
  [16, 32],
  [8, 64],
] as const;

/** The lone kernels of a device: against the peers on WebGPU; on WebAssembly each choice of ours against what it replaced. */
export function kernelJobs(place: TimedPlace, software: boolean, wanted: Wanted): readonly Job[] {
  const batch = wanted.batch ?? batchOf(place, software);
  const peers = PEERS.filter(
    (peer) =>
      ['plain-tfjs', 'jax-js', 'extracurricular'].includes(peer) &&
      (wanted.peers ?? PEERS).includes(peer),
  );
  const ways: readonly (readonly [KernelSetup['kernel'], readonly (Peer | Way)[]])[] =
    place === 'webgpu'
      ? (['conv', 'conv dx', 'conv dw', 'batch norm'] as const).map((kernel) => [kernel, peers])
      : [
          ['conv dw', ['extracurricular', 'nine products', 'im2col product']],
          ['conv dx', ['extracurricular', 'stock kernel']],
          ['spread', ['extracurricular', 'Tile']],
          ['column sums', ['extracurricular', 'tf.sum']],
        ];
  return ways.flatMap(([kernel, others]) =>
    STAGES.map(([side, channels]): Job => ({
      kind: 'kernel',
      setup: { kernel, batch, side, channels },
      peers: others,
    })),
  );
}
