import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readCards, surroundings } from '../../cli/support/surroundings';
import { loadNormal } from '../../src/anomaly/data';
import { DEFECTS } from '../../src/anomaly/defects';
import type { Detector } from '../../src/anomaly/detector';
import { SegmentationNetwork, StudentNetwork } from '../../src/anomaly/networks';
import { detect } from '../../src/anomaly/run';
import { FeatureTeacher, loadFeatureTeacher } from '../../src/anomaly/teacher';
import { AnomalyTrainer } from '../../src/anomaly/trainer';
import { drawWeights } from '../../src/models/net/draw';
import { models } from '../../src/models/registry';
import { destseg } from '../../src/recipe/anomaly';
import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../../src/recipe/anomaly-check';
import { anomalyCard } from '../../src/recipe/anomaly-card';
import type { AnomalyEvent } from '../../src/recipe/anomaly-events';
import { catalogueOf } from '../../src/train/catalogue';
import { Control } from '../../src/train/control';
import { Teacher } from '../../src/train/teacher';
import { cifarArchive, sourceOf } from '../fixtures/cifar';
import { hashOf } from '../fixtures/load';
import { useCpu } from '../support/cpu';
import { wave } from '../support/numbers';

const around = surroundings(undefined, () => undefined);
const tiny: AnomalyRecipe = {
  ...destseg,
  images: 16,
  batch: 2,
  arms: [
    { name: 'DeSTSeg', denoising: true, score: 'segmentation' },
    { name: 'Student only', denoising: true, score: 'student' },
  ],
  student: { steps: 4, optimizer: { ...destseg.student.optimizer, rate: 0.1, warmup: 0 } },
  segmentation: {
    ...destseg.segmentation,
    steps: 3,
    optimizer: { ...destseg.segmentation.optimizer, warmup: 0 },
  },
  evaluation: { every: 100, images: 4, testImages: 4, topPixels: 20 },
};

/** A teacher of a few channels with drawn weights: what is tested does not hang on what it knows. */
const graph = models
  .get('resnet8half')
  .graph([32, 32, 3], 3, { stemStride: 2, widths: [2, 3, 4, 5] });
const weights = drawWeights(graph, 1);

beforeAll(useCpu);

async function trainerOf(recipe: AnomalyRecipe): Promise<AnomalyTrainer> {
  const data = await loadNormal(recipe, around);
  return new AnomalyTrainer(recipe, data, new FeatureTeacher(new Teacher('tiny', graph, weights)));
}

async function read(of: { read(): Promise<Map<string, Float32Array>> }): Promise<string> {
  return [...(await of.read())].map(([name, values]) => `${name} ${hashOf(values)}`).join();
}

it('each part leaves the other’s network and the teacher as they are, to the bit', async () => {
  const trainer = await trainerOf(tiny);
  const [detector] = trainer.detectors;
  if (!detector || trainer.detectors.length > 1) throw new Error('the arms share a student');
  const teacherWeights = () =>
    trainer.teacher.teacher.network
      .tensors()
      .map((each) => hashOf(each.dataSync() as Float32Array))
      .join();
  const [teacher, segmentation] = [teacherWeights(), await read(detector.segmentation.parameters)];
  let student = await read(detector.student.parameters);
  for (let step = 1; step <= 7; step += 1) {
    expect(trainer.part).toBe(step <= 4 ? 'student' : 'segmentation');
    trainer.takeStep();
    expect((await trainer.losses())[0]).toBeGreaterThan(0);
    const now = await read(detector.student.parameters);
    expect(now === student).toBe(step > 4);
    student = now;
    expect((await read(detector.segmentation.parameters)) === segmentation).toBe(step <= 4);
  }
  expect(teacherWeights()).toBe(teacher);
  trainer.dispose();
  trainer.teacher.dispose();
});

it('on one batch, both losses fall', async () => {
  const trainer = await trainerOf(tiny);
  const detector = trainer.detectors[0] as Detector;
  const clean = tf.tensor4d(wave([2, 32, 32, 3], [0.37, 0.2, 1]), [2, 32, 32, 3]);
  const hole = tf.tensor4d(
    Float32Array.from({ length: 2 * 1024 }, (_, at) => (at % 32 < 12 ? 1 : 0)),
    [2, 32, 32, 1],
  );
  const x = tf.mul(clean, tf.sub(1, hole)) as tf.Tensor4D;
  const features = trainer.teacher.features(clean);
  const seen = trainer.teacher.features(x);
  const losses = { first: [] as number[], second: [] as number[] };
  for (let i = 0; i < 10; i += 1) {
    detector.learnFeatures(x, features, 0);
    losses.first.push(await detector.lastLoss());
  }
  for (let i = 0; i < 10; i += 1) {
    detector.learnMasks(x, seen, hole, 0);
    losses.second.push(await detector.lastLoss());
  }
  expect(losses.first[9]).toBeLessThan((losses.first[0] as number) * 0.9);
  expect(losses.second[9]).toBeLessThan((losses.second[0] as number) * 0.9);
  tf.dispose([clean, hole, x, ...features, ...seen]);
  trainer.dispose();
  trainer.teacher.dispose();
});

it('a run tells what it does from its first step to its test, and leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const { student, segmentation } = tiny;
  const trainer = await trainerOf({
    ...tiny,
    student: { ...student, steps: 1 },
    segmentation: { ...segmentation, steps: 1 },
  });
  const events: AnomalyEvent[] = [];
  const control = new Control('paused');
  control.stepOnce();
  const options = { look: true, pause: () => Promise.resolve() };
  for await (const event of detect(trainer, control, options)) {
    events.push(event);
    if (event.type === 'anomalyMetrics' && event.progress.step === 1) control.play();
  }
  expect(events.map(({ type }) => type)).toEqual([
    'anomalyPrepared',
    'anomalySamples',
    'anomalyState',
    'anomalyMetrics',
    'anomalyEvaluated',
    'anomalySamples',
    'anomalyState',
    'anomalyMetrics',
    'anomalyEvaluated',
    'anomalySamples',
    'anomalyTested',
    'anomalyState',
  ]);
  const states = events.flatMap((event) => (event.type === 'anomalyState' ? [event.state] : []));
  expect(states).toEqual(['paused', 'running', 'done']);
  const tested = events.find((event) => event.type === 'anomalyTested');
  for (const arm of tested?.arms ?? []) {
    for (const value of [arm.imageAuc, arm.pixelAp, arm.pixelAuc, ...Object.values(arm.kinds)]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  }
  expect(tested?.arms).toHaveLength(2);
  // The segmentation network has no say before it has learned.
  const looks = events.flatMap((event) => (event.type === 'anomalySamples' ? [event.samples] : []));
  const sizes = looks.map((samples) => samples[0]?.maps.map((map) => map?.length ?? null));
  expect(sizes).toEqual([
    [null, null],
    [null, 1024],
    [1024, 1024],
  ]);
  expect(looks[2]?.map(({ kind }) => kind)).toEqual([null, null, ...DEFECTS]);
  trainer.dispose();
  trainer.teacher.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it.each(['student', 'segmentation'] as const)(
  'training of the %s that comes apart ends with the last good weights, and leaves no tensor behind',
  async (part) => {
    const before = tf.memory().numTensors;
    const reckless = { ...tiny[part].optimizer, rate: 1e30 };
    const trainer = await trainerOf({
      ...tiny,
      [part]: { ...tiny[part], optimizer: reckless },
    });
    const start = await read((trainer.detectors[0] as Detector)[part].parameters);
    const events: AnomalyEvent[] = [];
    const options = { look: true, pause: () => Promise.resolve() };
    const run = async () => {
      for await (const event of detect(trainer, new Control('running'), options))
        events.push(event);
    };
    await expect(run()).rejects.toMatchObject({ code: 'E_DIVERGED', rate: part });
    const exploded = events.find((event) => event.type === 'anomalyExploded');
    expect(exploded?.good.step).toBe(part === 'student' ? 0 : tiny.student.steps);
    expect(await read((trainer.detectors[0] as Detector)[part].parameters)).toBe(start);
    expect(events.at(-1)?.type).toBe('anomalySamples');
    expect(events.some(({ type }) => type === 'anomalyTested')).toBe(false);
    trainer.dispose();
    trainer.teacher.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

it('the same seed gives the same first losses, another seed others; without denoising it differs', async () => {
  const first = async (change: Partial<AnomalyRecipe>) => {
    const trainer = await trainerOf({ ...tiny, ...change });
    trainer.takeStep();
    const losses = await trainer.losses();
    trainer.dispose();
    trainer.teacher.dispose();
    return losses[0];
  };
  const one = await first({});
  expect(await first({})).toBe(one);
  expect(await first({ seed: 2 })).not.toBe(one);
  const clean = tiny.arms.map((arm) => ({ ...arm, denoising: false }));
  expect(await first({ arms: clean })).not.toBe(one);
});

it('a bundled teacher gives three levels, and its features on real images', async () => {
  const teacher = await loadFeatureTeacher('shapes-b', 32, around);
  expect(teacher.levels).toEqual([
    { side: 16, channels: 16 },
    { side: 8, channels: 32 },
    { side: 4, channels: 64 },
  ]);
  const before = tf.memory().numTensors;
  const features = teacher.features(tf.zeros([1, 32, 32, 3]));
  expect(features.map(({ shape }) => shape)).toEqual([
    [1, 16, 16, 16],
    [1, 8, 8, 32],
    [1, 4, 4, 64],
  ]);
  // The zeros and the features, nothing else.
  expect(tf.memory().numTensors).toBe(before + 4);
  // The card says how large the networks are.
  const levels = teacher.levels;
  const counts = [new StudentNetwork(32, levels, 1), new SegmentationNetwork(levels, 1)].map(
    ({ parameters }) => Math.round(parameters.count / 1e4) * 10,
  );
  for (const thousands of counts)
    expect(anomalyCard.reading).toContain(`${thousands},000 parameters`);
  await expect(loadFeatureTeacher('spiral', 32, around)).rejects.toThrow('no three stages');
  teacher.dispose();
});

describe('the recipe', () => {
  const catalogue = catalogueOf(readCards());
  const refused = (change: object): string => {
    try {
      requireAnomalyRecipe({ ...destseg, ...change }, catalogue);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return '';
  };

  it('comes back as it is, defaults filled in', () => {
    expect(requireAnomalyRecipe(destseg, catalogue)).toEqual(destseg);
    const { synthesis: _, batch: __, ...less } = destseg;
    expect(requireAnomalyRecipe(less, catalogue)).toEqual(destseg);
  });

  it('is refused in words', () => {
    expect(refused({ batch: 0 })).toContain('batch is 0, allowed is a whole number from 1 to 128.');
    expect(refused({ speed: 3 })).toContain('speed is not a key that a recipe knows');
    expect(refused({ teacher: 'cifar10' })).toContain('need a teacher that learned from shapes');
    expect(refused({ arms: [destseg.arms[0], destseg.arms[0]] })).toContain('the same name');
    expect(refused({ arms: [] })).toContain('a list of 1 to 6 arms');
  });

  it('takes one class of the images in files, and says where there is no such class', async () => {
    const archive = cifarArchive('cifar10', { train: 200, test: 150 });
    const files = { ...around, sources: () => [sourceOf('cifar-10-binary.tar.gz', archive)] };
    const normal = { source: 'class', task: { id: 'cifar10', params: {} }, class: 3 };
    const recipe = { ...tiny, normal, images: 30, teacher: 'cifar10' } as AnomalyRecipe;
    const data = await loadNormal(requireAnomalyRecipe(recipe, catalogue), files);
    expect(data.train).toHaveLength(30);
    expect(data.test.kinds).toEqual([null, null, null, null, ...DEFECTS]);
    const none = { ...recipe, normal: { ...normal, class: 10 } } as AnomalyRecipe;
    await expect(loadNormal(none, files)).rejects.toThrow('normal.class is 10');
    await expect(loadNormal(recipe, { ...around, sources: () => [] })).rejects.toThrow(
      'CIFAR-10 needs its files',
    );
  });
});

it('its maps are as new as the figures beside them, and as the step at which it rests', async () => {
  const { student, segmentation, evaluation } = tiny;
  const trainer = await trainerOf({
    ...tiny,
    student: { ...student, steps: 5 },
    segmentation: { ...segmentation, steps: 2 },
    evaluation: { ...evaluation, every: 1 },
  });
  const control = new Control('running');
  const told: string[] = [];
  // A clock that stands still: nothing is due by time.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  for await (const event of detect(trainer, control, {
    look: true,
    pause: () => Promise.resolve(),
  })) {
    if (event.type === 'anomalyState') told.push(event.state);
    if (event.type === 'anomalyEvaluated') told.push('figures');
    if (event.type === 'anomalySamples') told.push('maps');
    if (event.type === 'anomalyEvaluated' && event.step === 3) control.pause();
    if (event.type === 'anomalyState' && event.state === 'paused') control.play();
  }
  clock.mockRestore();
  const both = (count: number) => Array.from({ length: count }, () => ['figures', 'maps']).flat();
  expect(told).toEqual([
    'maps',
    'running',
    ...both(3),
    'maps',
    'paused',
    'running',
    ...both(4),
    'done',
  ]);
  trainer.dispose();
  trainer.teacher.dispose();
});
