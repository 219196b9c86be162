import { describe, expect, test } from 'vitest';
import { afterAnomaly, newAnomaly } from '../../src/app/anomaly/view';
import { heat, highest, outlined } from '../../src/app/anomaly/heat';
import { Session } from '../../src/app/session';
import { initialState } from '../../src/app/state';
import { createStore } from '../../src/app/store';
import { destseg } from '../../src/recipe/anomaly';
import type { WorkerEars } from '../../src/worker/client';
import type { AnomalyReport, FromWorker, ToWorker } from '../../src/worker/protocol';
import { catalogue, gpu, images } from '../support/page';

const report: AnomalyReport = {
  side: 1,
  teacher: { title: 'T', parameters: 1 },
  student: 1,
  segmentation: 1,
  counts: { train: 1, validation: 2, test: 2 },
};

/** A page with a worker that answers only what a test makes it answer. */
function page(hash = '') {
  const store = createStore(initialState(images));
  const sent: ToWorker[] = [];
  const hashes: string[] = [];
  let ears: WorkerEars | null = null;
  const session = new Session(store, {
    connect(given) {
      ears = given;
      return { post: (message) => sent.push(message), end: () => undefined };
    },
    reader: () => Promise.reject(new Error('no files are read here')),
    backend: null,
    base: 'http://localhost/',
    lessMotion: true,
    setHash: (text) => hashes.push(text),
  });
  session.begin(hash, 'gpu');
  const hear = (message: FromWorker) => ears?.heard(message);
  const last = (type: ToWorker['type']) => sent.findLast((message) => message.type === type);
  const run = () => store.get().anomaly?.id ?? -1;
  return { store, session, sent, hashes, hear, last, run };
}

describe('finding faults is a preset that has the page to itself', () => {
  test('a choice prepares it, Play waits for that and then plays it', () => {
    const { store, session, sent, hashes, hear, last, run } = page();
    hear({ type: 'ready', catalogue, device: gpu });
    session.choosePreset('destseg');
    expect(hashes.at(-1)).toBe('preset=destseg');
    expect(session.hash()).toBe('preset=destseg');
    expect(last('prepareAnomaly')).toEqual({ type: 'prepareAnomaly', run: run(), recipe: destseg });
    session.play();
    expect(last('play')).toBeUndefined();
    hear({ type: 'anomalyPrepared', run: run(), report });
    expect(last('play')).toEqual({ type: 'play', run: run() });
    hear({ type: 'anomalyState', run: run(), state: 'running' });
    expect(store.get()).toMatchObject({ live: null, intent: null, anomaly: { phase: 'running' } });
    session.pause();
    expect(last('pause')).toEqual({ type: 'pause', run: run() });
    session.setSpeed('max');
    expect(last('speed')).toEqual({ type: 'speed', run: run(), speed: 'max' });
    const before = run();
    session.reset();
    expect(run()).toBeGreaterThan(before);
    expect(sent.filter(({ type }) => type === 'prepareAnomaly').length).toBe(2);
  });

  test('an answer about other settings that comes late starts nothing', () => {
    const { session, sent, hear, last } = page();
    hear({ type: 'ready', catalogue, device: gpu });
    const check = last('check');
    if (check?.type !== 'check') throw new Error('the settings were not sent to be checked');
    session.choosePreset('destseg');
    hear({ type: 'checked', request: check.request, recipe: images, problems: [] });
    expect(sent.filter(({ type }) => type === 'prepare')).toEqual([]);
  });

  test('a link opens it before the worker is there; another preset ends it', () => {
    const { store, session, sent, hear, last, run } = page('#preset=destseg');
    expect(last('prepareAnomaly')).toBeUndefined();
    hear({ type: 'ready', catalogue, device: gpu });
    expect(last('prepareAnomaly')).toMatchObject({ run: run() });
    expect(sent.some(({ type }) => type === 'check')).toBe(false);
    session.choosePreset('spiral');
    expect(store.get().anomaly).toBeNull();
    expect(last('check')).toMatchObject({ recipe: { preset: 'spiral' } });
  });
});

test('a failure of its run is told, and Retry starts another', () => {
  const { store, session, hear, last, run } = page('#preset=destseg');
  hear({ type: 'ready', catalogue, device: gpu });
  const fault = { code: 'E_X', message: 'No.', hint: '', detail: '' };
  hear({ type: 'failed', run: run(), fault });
  expect(store.get().anomaly).toMatchObject({ phase: 'failed', fault });
  const failed = run();
  session.applyAndRestart();
  expect(run()).not.toBe(failed);
  expect(last('prepareAnomaly')).toMatchObject({ run: run() });
});

test('training that came apart shows the last good figures, and starts again at a tenth of that part’s rate', () => {
  const { store, session, hear, last, run } = page('#preset=destseg');
  hear({ type: 'ready', catalogue, device: gpu });
  const figures = { imageAuc: 0.9, pixelAp: 0.4, pixelAuc: 0.8, kinds: {} };
  const bad = { ...figures, imageAuc: 0.5 };
  const good = { step: 1, arms: [figures] };
  hear({ type: 'anomalyEvaluated', run: run(), step: 5, arms: [bad] });
  hear({ type: 'anomalyExploded', run: run(), step: 4, good });
  const fault = { code: 'E_DIVERGED', message: 'It left.', hint: '', detail: '' };
  hear({ type: 'failed', run: run(), fault: { ...fault, rate: 'segmentation' } });
  expect(store.get().anomaly).toMatchObject({
    phase: 'failed',
    points: [good],
    exploded: { step: 4, good: 1 },
  });
  session.retrySlower();
  const { student, segmentation } = destseg;
  const rate = segmentation.optimizer.rate / 10;
  expect(last('prepareAnomaly')).toMatchObject({
    run: run(),
    recipe: { student, segmentation: { optimizer: { ...segmentation.optimizer, rate } } },
  });
  expect(store.get().anomaly?.exploded).toBeNull();
});

test('figures gather, and messages of other runs change nothing', () => {
  const view = newAnomaly(3, destseg);
  const figures = { imageAuc: 0.9, pixelAp: 0.4, pixelAuc: 0.8, kinds: {} };
  const evaluated = { type: 'anomalyEvaluated', step: 1, arms: [null, figures] } as const;
  expect(afterAnomaly(view, { ...evaluated, run: 2 })).toBe(view);
  const one = afterAnomaly(view, { ...evaluated, run: 3 });
  const two = afterAnomaly(one, { ...evaluated, step: 2, run: 3 });
  expect(two.points.map(({ step }) => step)).toEqual([1, 2]);
  const tested = afterAnomaly(two, { type: 'anomalyTested', run: 3, arms: [figures], seconds: 1 });
  expect(tested.tested).toEqual([figures]);
});

test('pictures: grey where nothing is seen, red where most is; the truth is tinted', () => {
  const sample = {
    kind: 'blob',
    pixels: Uint8ClampedArray.of(30, 60, 90, 255, 30, 60, 90, 255),
    mask: Uint8Array.of(0, 1),
    maps: [Float32Array.of(0, 0.5), null],
  };
  expect(highest([sample], 0)).toBe(0.5);
  expect(highest([sample], 1)).toBe(0);
  expect([...heat(sample, Float32Array.of(0, 0.5), 0.5)]).toEqual([
    60, 60, 60, 255, 230, 20, 20, 255,
  ]);
  const truth = outlined(sample);
  expect(Array.from(truth.subarray(0, 4))).toEqual([30, 60, 90, 255]);
  expect(Array.from(truth.subarray(4))).not.toEqual([30, 60, 90, 255]);
});
