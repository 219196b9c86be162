import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StageFeed } from '../../src/app/feed';
import { MetricLog } from '../../src/app/metrics';
import { sample } from '../support/page';

const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => sample(from + at, at / count));
const ids = (feed: StageFeed) => feed.snapshot().map(({ id }) => id);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the board', () => {
  test('fills at once and then takes in four a second, newest first', () => {
    const feed = new StageFeed({ capacity: 4, interval: 250 });
    feed.offer(many(1, 4));
    expect(ids(feed)).toEqual([4, 3, 2, 1]);
    feed.offer(many(5, 8));
    expect(ids(feed)).toEqual([4, 3, 2, 1]);
    vi.advanceTimersByTime(1000);
    expect(ids(feed)).toEqual([8, 7, 6, 5]);
  });

  test('holds still while it is frozen', () => {
    const feed = new StageFeed({ capacity: 2, interval: 250 });
    feed.offer(many(1, 3));
    feed.freeze(true);
    vi.advanceTimersByTime(2000);
    expect(ids(feed)).toEqual([2, 1]);
    feed.freeze(false);
    vi.advanceTimersByTime(250);
    expect(ids(feed)).toEqual([3, 2]);
  });

  test('drops the oldest of what comes too fast', () => {
    const feed = new StageFeed({ capacity: 1, interval: 250 });
    feed.offer(many(1, 1));
    for (let burst = 0; burst < 50; burst += 1) feed.offer(many(100 + burst * 10, 10));
    vi.advanceTimersByTime(60_000);
    expect(ids(feed)).toEqual([599]);
  });

  test('without an interval shows everything as it comes', () => {
    const feed = new StageFeed({ capacity: 3, interval: 0 });
    feed.offer(many(1, 3));
    feed.offer(many(4, 2));
    expect(ids(feed)).toEqual([5, 4, 3]);
  });

  test('features the sample of which the teacher is least sure, for a while', () => {
    const feed = new StageFeed({ capacity: 3, interval: 0 });
    feed.offer([sample(1, 0.2), sample(2, 0.9), sample(3, 0.1)]);
    expect(feed.featured()?.id).toBe(2);
    feed.offer([sample(4, 1)]);
    expect(feed.featured()?.id).toBe(2);
    feed.offer([sample(5, 0)]);
    expect(feed.featured()?.id).toBe(4);
    feed.clear({ capacity: 3, interval: 0 });
    expect(feed.featured()).toBeNull();
  });
});

describe('answers to questions of before', () => {
  const answer = (id: number, share: number) => ({
    id,
    students: [[share, 1 - share]],
    kl: [share],
  });

  test('are taken in while the board is frozen, and its readers are told', () => {
    const feed = new StageFeed({ capacity: 4, interval: 250 });
    feed.offer(many(1, 2));
    expect(feed.latest(1)).toBeNull();
    feed.freeze(true);
    const told = vi.fn<() => void>();
    feed.subscribe(told);
    feed.refresh(50, [answer(1, 0.1), answer(2, 0.2)]);
    feed.refresh(100, [answer(2, 0.3)]);
    expect(told).toHaveBeenCalledTimes(2);
    expect(feed.latest(1)).toMatchObject({ step: 50, kl: [0.1] });
    expect(feed.latest(2)).toMatchObject({ step: 100, kl: [0.3] });
  });

  test('go with the run, and do not grow without end', () => {
    const feed = new StageFeed({ capacity: 4, interval: 0 });
    for (let id = 0; id < 2000; id += 1) feed.refresh(id, [answer(7, 0.5), answer(id + 10, 0.5)]);
    expect(feed.latest(7)?.step).toBe(1999);
    expect(feed.latest(10)).toBeNull();
    feed.clear({ capacity: 4, interval: 0 });
    expect(feed.latest(7)).toBeNull();
  });
});

describe('the log of figures', () => {
  test('gives columns by student and tells its readers four times a second at most', () => {
    const log = new MetricLog();
    const told = vi.fn<() => void>();
    log.subscribe(told);
    for (let step = 1; step <= 100; step += 1) {
      log.train(step, [
        { loss: step, terms: {} },
        { loss: -step, terms: {} },
      ]);
      vi.advanceTimersByTime(20);
    }
    expect(told.mock.calls.length).toBeLessThanOrEqual(8);
    const { steps, values } = log.columns('loss');
    expect(steps).toHaveLength(100);
    expect(values[1]?.at(-1)).toBe(-100);
  });

  test('ignores a step that came before, and gives averages only where there are any', () => {
    const log = new MetricLog();
    const student = { accuracy: 0.5, agreement: 0.6, kl: 1, nll: 1, ece: 0 };
    log.evaluated({ step: 50, seconds: 1, students: [student], averaged: null });
    log.evaluated({ step: 50, seconds: 1, students: [student], averaged: null });
    expect(log.columns('agreement')).toEqual({ steps: [50], values: [[0.6]], averaged: null });
    log.evaluated({ step: 100, seconds: 2, students: [student], averaged: [student] });
    expect(log.columns('kl').averaged).toEqual([[NaN, 1]]);
  });

  test('does not grow without end', () => {
    const log = new MetricLog();
    for (let step = 1; step <= 50_000; step += 1) log.train(step, [{ loss: 1, terms: {} }]);
    expect(log.columns('loss').steps.length).toBeLessThanOrEqual(8192);
    expect(log.columns('loss').steps[0]).toBe(1);
  });
});
