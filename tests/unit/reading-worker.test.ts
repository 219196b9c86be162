import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserError } from '../../src/recipe/errors';
import { readInWorker } from '../../src/worker/client-reading';
import type { FromReader, ReadTeacher } from '../../src/worker/protocol-reading';
import { decodePng } from '../../src/upload/data/png';
import { answerReading } from '../../src/worker/reading';
import { pngFile } from '../support/files/png';
import { givenOf } from '../support/given';

/** A worker that says nothing by itself. */
class SilentWorker extends EventTarget {
  static last: SilentWorker;
  readonly posted: unknown[] = [];
  ended = false;
  constructor() {
    super();
    SilentWorker.last = this;
  }
  postMessage(message: unknown) {
    this.posted.push(message);
  }
  terminate() {
    this.ended = true;
  }
  say(data: FromReader) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

const network = { title: 'x', weights: new Map() } as unknown as ReadTeacher;
const fault = { code: 'E_UPLOAD_LFS', message: 'x is', hint: 'run', detail: 'stack' };

describe('reading in a worker of the page', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('Worker', SilentWorker);
    vi.stubGlobal('location', { href: 'http://here/', origin: 'http://here' });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const start = (ears = {}) => {
    const run = readInWorker([{ path: 'model.json', blob: new Blob(['{}']) }], 'teacher', ears);
    const failed = run.done.then(
      () => null,
      (thrown: UserError) => thrown,
    );
    return { ...run, failed, worker: SilentWorker.last };
  };

  it('gives the files, tells progress and ends the worker with the answer', async () => {
    const heard: unknown[] = [];
    const { done, worker } = start({ progress: (...said: unknown[]) => heard.push(said) });
    expect(worker.posted).toMatchObject([{ kind: 'teacher', files: [{ path: 'model.json' }] }]);
    worker.say({ type: 'progress', what: 'Reading', share: 0.5 });
    worker.say({ type: 'done', read: network });
    expect(await done).toBe(network);
    expect([heard, worker.ended]).toEqual([[['Reading', 0.5]], true]);
  });

  it('passes a refusal on', async () => {
    const { failed, worker } = start();
    worker.say({ type: 'failed', fault });
    expect(await failed).toMatchObject({ name: 'UserError', code: 'E_UPLOAD_LFS', hint: 'run' });
    expect(worker.ended).toBe(true);
  });

  it('is cancelled at once', async () => {
    const { cancel, failed, worker } = start();
    cancel();
    expect(worker.ended).toBe(true);
    expect(await failed).toMatchObject({ code: 'E_UPLOAD_CANCELLED' });
  });

  it('is ended after ten seconds without progress, and not before', async () => {
    const { failed, worker } = start();
    vi.advanceTimersByTime(9000);
    worker.say({ type: 'progress', what: 'Reading', share: 0.5 });
    vi.advanceTimersByTime(9000);
    expect(worker.ended).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(worker.ended).toBe(true);
    expect((await failed)?.message).toContain('nothing had moved for 10 seconds');
  });

  it('says so where the worker is lost', async () => {
    const { failed, worker } = start();
    worker.dispatchEvent(new Event('error'));
    expect(await failed).toMatchObject({ code: 'E_UPLOAD_WORKER' });
  });
});

describe('the worker', () => {
  const answer = async (name: string, content: string) => {
    const said: FromReader[] = [];
    await answerReading('teacher', [givenOf(name, content)], (message) => said.push(message));
    return said.at(-1);
  };

  it('answers a file that is none with its sentence', async () => {
    expect(await answer('a.txt', 'hello')).toMatchObject({
      type: 'failed',
      fault: { code: 'E_UPLOAD_KIND', message: 'a.txt is text, not a network.' },
    });
  });

  it('reads labelled images, decoding what it is given to decode with, and hands their buffers over', async () => {
    const [said, given]: [FromReader[], ArrayBuffer[]] = [[], []];
    const png = pngFile(1, 1, [1, 2, 3]);
    await answerReading(
      'data',
      [givenOf('a/1.png', png), givenOf('b/2.png', png)],
      (message, buffers) => {
        said.push(message);
        given.push(...buffers);
      },
      decodePng,
    );
    expect(said.at(-1)).toMatchObject({
      type: 'done',
      read: { classes: ['a', 'b'], count: 2, channels: 3 },
    });
    expect(given).toHaveLength(3);
  });

  it('lets nothing be added to what all objects share', async () => {
    await answer('a.txt', 'hello');
    const add = () => Object.assign(Object.prototype, { polluted: 1 });
    expect(add).toThrow(TypeError);
  });
});
