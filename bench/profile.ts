import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { main } from '../cli/support/main';
import { startNodeBackend } from '../cli/support/backend';
import { crossEntropy } from '../src/gpu/ops/losses';
import { observe, Recording } from '../src/gpu/replay/recording';
import { drawWeights } from '../src/models/net/draw';
import { countMacs } from '../src/models/net/graph';
import { models } from '../src/models/registry';
import { defaultsOf } from '../src/recipe/fields';
import { UserError } from '../src/recipe/errors';
import { learn, learnerOf } from '../src/train/learner';
import { MODELS } from './support/cells';
import { median } from './timing/statistics';
import { barChart } from './profile/chart';
import { peaks } from './profile/peaks';
import { checkPlace, writeWhole } from '../cli/support/result-file';

const ROUNDS = 5;
const SIDE = 32;
const CLASSES = 10;
const BUDGET = 8e9;

/** What a launch's label begins with, and what it is counted under. */
const GROUPS: readonly (readonly [string, string])[] = [
  ['conv dx', 'convolution, input gradient'],
  ['conv dw', 'convolution, filter gradient'],
  ['sum splits', 'convolution, filter gradient'],
  ['conv ', 'convolution, forward'],
  ['norm gradient', 'batch norm, backward'],
  ['norm ', 'batch norm, forward'],
];
const groupOf = (label: string): string =>
  GROUPS.find(([start]) => label.startsWith(start))?.[1] ?? 'everything else';

interface Part {
  readonly group: string;
  readonly launches: number;
  readonly milliseconds: number;
}

const USAGE =
  'npm run bench -- --profile [--model NAME] [--batch N] [--out FILE.json] [--chart FILE.svg]';

function optionsOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      profile: { type: 'boolean' },
      model: { type: 'string', default: 'resnet8' },
      batch: { type: 'string', default: '8' },
      out: { type: 'string' },
      chart: { type: 'string' },
    },
  });
  const batch = Number(values.batch);
  const images = MODELS.filter((model) => model !== 'mlp');
  if (!images.some((model) => model === values.model))
    throw new UserError(
      'E_USAGE',
      `--model is "${values.model}", allowed is ${images.join(', ')}.`,
    );
  if (!Number.isInteger(batch) || batch < 1 || batch > 512)
    throw new UserError('E_USAGE', `--batch is "${values.batch}", allowed is 1 to 512.`);
  return { ...values, batch };
}

/** One recorded step (labels, momentum) of a model at its usual size. */
async function recordStep(id: string, batch: number) {
  const model = models.get(id);
  const params = {
    ...defaultsOf(model.params),
    ...('stemStride' in model.params && { stemStride: 1 }),
  };
  const graph = model.graph([SIDE, SIDE, 3], CLASSES, params);
  const learner = learnerOf(graph, drawWeights(graph, 1), {
    kind: 'sgd',
    rate: 0.05,
    momentum: 0.9,
    nesterov: true,
    weightDecay: 1e-4,
    schedule: 'constant',
    warmup: 0,
  });
  const pixels = Float32Array.from({ length: batch * SIDE * SIDE * 3 }, (_, i) => Math.sin(i));
  const x = tf.keep(tf.tensor(pixels, [batch, SIDE, SIDE, 3]));
  const classes = Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
  const targets = tf.keep(tf.cast(tf.oneHot(classes, CLASSES), 'float32')) as tf.Tensor2D;
  const step = () => {
    learn(() => crossEntropy(learner.forward(x).logits, targets), [learner]).dispose();
  };
  learner.begin(0.05, 0);
  step();
  const recording = Recording.make(step, observe(step), BUDGET);
  if (typeof recording === 'string') throw new Error(`the step was not recorded: ${recording}`);
  return { recording, flops: 6 * countMacs(graph) * batch };
}

/** `npm run bench -- --profile`: every launch of a step, timed alone. */
async function profile(args: string[]): Promise<void> {
  const { model, batch, out, chart } = optionsOf(args);
  if (out !== undefined) checkPlace(out, '--out');
  if (chart !== undefined) checkPlace(chart, '--chart');
  const { adapter } = await startNodeBackend('webgpu');
  const { recording, flops } = await recordStep(model, batch);
  const launches = recording.launches();
  const times = launches.map(() => [] as number[]);
  const empty: number[] = [];
  const { queue } = (tf.backend() as unknown as { device: GPUDevice }).device;
  for (let round = 0; round <= ROUNDS; round += 1) {
    let started = performance.now();
    queue.submit([]);
    await queue.onSubmittedWorkDone();
    if (round > 0) empty.push(performance.now() - started);
    for (const [i, { run }] of launches.entries()) {
      started = performance.now();
      await run();
      // The first round finds caches cold.
      if (round > 0) times[i]?.push(performance.now() - started);
    }
  }
  // Whatever a submit costs that does nothing is not the kernel's.
  const overhead = median(empty);
  const parts = new Map<string, Part>();
  for (const [i, { label }] of launches.entries()) {
    const group = groupOf(label);
    const old = parts.get(group) ?? { group, launches: 0, milliseconds: 0 };
    const milliseconds = old.milliseconds + Math.max(0, median(times[i] ?? []) - overhead);
    parts.set(group, { group, launches: old.launches + 1, milliseconds });
  }
  const rows = [...parts.values()].sort((a, b) => b.milliseconds - a.milliseconds);
  const total = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const reached = await peaks();
  const gflops = flops / total / 1e6;
  const result = {
    bench: 'profile',
    adapter,
    model,
    batch,
    stepMilliseconds: total,
    gflops,
    peakGflops: reached.gflops,
    peakGigabytesPerSecond: reached.gigabytes,
    shareOfPeak: gflops / reached.gflops,
    rows,
  };
  for (const { group, launches: count, milliseconds } of rows)
    console.log(
      `${group.padEnd(30)} ${String(count).padStart(4)} launches ${milliseconds.toFixed(2).padStart(10)} ms ${((100 * milliseconds) / total).toFixed(0).padStart(4)} %`,
    );
  console.log(
    `${model}, batch ${batch}, ${adapter}: ${total.toFixed(1)} ms, ${gflops.toFixed(2)} GFLOP/s, ${(100 * result.shareOfPeak).toFixed(0)} % of the ${reached.gflops.toFixed(2)} that multiplications alone reach here; copies reach ${reached.gigabytes.toFixed(2)} GB/s.`,
  );
  if (out !== undefined) writeWhole(out, `${JSON.stringify(result, null, 2)}\n`);
  if (chart !== undefined)
    writeWhole(
      chart,
      barChart(
        `Where a step's time goes: ${model}, batch ${batch}, ${adapter.split(' ').slice(0, 2).join(' ')}`,
        rows.map(({ group, milliseconds }) => ({ name: group, value: milliseconds / total })),
      ),
    );
}

main({ what: 'Says where the time of a training step goes.', usage: USAGE }, profile);
