import { describe, expect, it } from 'vitest';
import { optionsOf } from '../../bench/timing/arguments';
import { check } from '../../bench/timing/check';
import type { Environment } from '../../bench/timing/environment';
import { environment } from '../../bench/timing/environment';
import { defaultJobs, jobsOf, kernelJobs, peersOf } from '../../bench/timing/job';
import type { Peer, Task } from '../../bench/timing/job';
import { besideOthers } from '../../bench/timing/others';
import { figure, gigaFlop, markdown } from '../../bench/timing/report';
import { rowOf, rowWithout } from '../../bench/timing/row';
import type { Row } from '../../bench/timing/row';
import { median, speedup } from '../../bench/timing/statistics';
import { targetsOf } from '../../bench/timing/targets';
import type { Place, Setup, Tensors } from '../../bench/support/cells';
import { plainRun } from '../../bench/support/plain-tfjs';
import { problemOf } from '../../bench/support/problem';

describe('arguments', () => {
  it.each([
    [['--device', 'cuda'], '--device is "cuda", allowed is webgpu, webgl, wasm.'],
    [['--model', 'vgg'], '--model is "vgg", allowed is resnet8, '],
    [['--arm', 'feed'], '--arm is "feed", allowed is erm, kd, xcl.'],
    [['--batch', '0'], '--batch is "0", allowed is 1 to 512.'],
    [['--rounds', 'many'], '--rounds is "many", allowed is 1 to 100.'],
    [['--peers', 'jax-js,onnx'], '--peers is "onnx", allowed is plain-tfjs, '],
    [['--out', 'times.md'], '--out is "times.md", allowed is a name that ends with .json.'],
    [['--kernels', '--arm', 'erm'], 'Lone kernels (--kernels) have no --model and no --arm.'],
    [['--kernels', '--page'], 'Lone kernels (--kernels) are timed under Node, not in a page.'],
    [['--device', 'webgl'], 'WebGL is there in a browser alone: add --page.'],
    [['--speed'], "Unknown option '--speed'"],
  ])('%j are refused with a sentence', (args, words) => {
    expect(() => optionsOf(args)).toThrow(words);
  });

  it('are a default for everything', () => {
    const nothing = { models: null, arms: null, batch: null, peers: null };
    expect(optionsOf([])).toEqual({
      places: ['webgpu', 'wasm'],
      wanted: nothing,
      rounds: null,
      threads: 1,
      kernels: false,
      page: false,
      out: null,
    });
  });

  it('are read, in the order of the lists and not of the command line', () => {
    const args = ['--arm', 'xcl', '--arm', 'erm', '--batch', '16', '--peers', 'pytorch,jax-js'];
    expect(optionsOf([...args, '--device', 'wasm', '--threads', '2']).wanted).toEqual({
      models: null,
      arms: ['erm', 'xcl'],
      batch: 16,
      peers: ['jax-js', 'pytorch'],
    });
  });
});

describe('what is timed', () => {
  const nothing = { models: null, arms: null, batch: null, peers: null };

  it('unasked, depends on the device', () => {
    expect(jobsOf('webgpu', true, nothing)).toEqual(defaultJobs('webgpu', true));
    const batches = (software: boolean) =>
      defaultJobs('webgpu', software).map(({ setup }) => setup.batch);
    expect([batches(true), batches(false)]).toEqual([
      [8, 90],
      [128, 128, 128, 90],
    ]);
    for (const job of defaultJobs('wasm', false)) expect(job.peers).toContain('extracurricular');
  });

  it('is what was asked for, with the peers that it can have', () => {
    const asked = { ...nothing, models: ['mlp' as const, 'resnet8' as const], batch: 4 };
    const [resnet, mlp] = jobsOf('wasm', false, { ...asked, peers: ['plain-tfjs', 'naive-wasm'] });
    expect(resnet).toEqual({
      kind: 'train',
      setup: { model: 'resnet8', arm: 'erm', batch: 4 },
      peers: ['naive-wasm'],
    });
    expect(mlp?.peers).toEqual(['plain-tfjs']);
    expect(peersOf('webgpu', 'resnet8')).not.toContain('naive-wasm');
  });

  it('as kernels, is each choice on WebAssembly against what it was chosen over', () => {
    const jobs = kernelJobs('wasm', false, nothing);
    expect(jobs).toHaveLength(12);
    for (const { peers } of jobs) expect(peers.length).toBeGreaterThan(1);
    expect(kernelJobs('webgpu', true, { ...nothing, batch: 2 })[0]?.setup.batch).toBe(2);
  });
});

describe('figures', () => {
  it('medians are of sorted values, even of two', () => {
    expect(median([30, 1, 2])).toBe(2);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  it('ratios are taken round by round', () => {
    // The second round was disturbed for both: the ratio of medians would be 5.
    expect(speedup([10, 40, 20], [100, 200, 100])).toBe(5);
    expect(speedup([10, 40, 10], [80, 320, 80])).toBe(8);
    expect(speedup([], [1])).toBeNaN();
  });

  it('what else ran is what the work itself did not use, and never less than nothing', async () => {
    // 200 milliseconds pass, in which the machine's cores are busy for 500.
    let [now, busy] = [1000, 70_000];
    const clocks = { now: () => now, busy: () => busy };
    const work = () => {
      now += 200;
      busy += 500;
      return Promise.resolve(7);
    };
    const others = async (own: number | null) =>
      (await besideOthers(work, () => own, clocks)).others;
    expect(await others(200)).toBe(1.5);
    expect(await others(0)).toBe(2.5);
    expect(await others(1e9)).toBe(0);
    expect(await others(null)).toBeNull();
    expect((await besideOthers(work, (result) => result)).result).toBe(7);
  });

  it('are written with three digits', () => {
    const written = [null, NaN, 0.012345, 4.5678, 1234.5].map((value) => figure(value));
    expect(written).toEqual(['', '', '0.0123', '4.57', '1,235']);
  });

  it('a convolution is two operations for each weight and pixel', () => {
    const setup = { kernel: 'conv dw', batch: 2, side: 4, channels: 8 } as const;
    expect(gigaFlop({ kind: 'kernel', setup })).toBeCloseTo((2 * 2 * 16 * 9 * 64) / 1e9, 12);
    expect(gigaFlop({ kind: 'kernel', setup: { ...setup, kernel: 'batch norm' } })).toBeNull();
  });
});

describe('the gradient check', () => {
  const tensors = (values: Record<string, readonly number[]>): Tensors =>
    new Map(
      Object.entries(values).map(([name, list]) => [
        name,
        { shape: [list.length], values: Float32Array.from(list) },
      ]),
    );
  const start = new Map([
    ['a', Float32Array.of(1, 1, 1)],
    ['b', Float32Array.of(0, 0)],
  ]);
  const right = tensors({ a: [1.1, 0.9, 1], b: [0.5, -0.5] });

  it('passes the same change, and one that differs by rounding', () => {
    expect(check(start, right, right)).toMatchObject({ passed: true, error: 0 });
    const rounded = tensors({ a: [1.1 + 2e-7, 0.9, 1], b: [0.5, -0.5] });
    expect(check(start, rounded, right)).toMatchObject({ passed: true, error: 0 });
  });

  it.each([
    ['is 1 % off', { a: [1.101, 0.9, 1], b: [0.5, -0.5] }, 'a'],
    ['has another sign', { a: [1.1, 0.9, 1], b: [-0.5, 0.5] }, 'b'],
    ['did not happen', { a: [1.1, 0.9, 1], b: [0, 0] }, 'b'],
    ['is not a number', { a: [1.1, NaN, 1], b: [0.5, -0.5] }, 'a'],
    ['has another size', { a: [1.1, 0.9], b: [0.5, -0.5] }, 'a'],
    ['is missing', { a: [1.1, 0.9, 1] }, 'b'],
  ])('refuses a change that %s', (_, values, tensor) => {
    const result = check(start, tensors(values), right);
    expect(result).toMatchObject({ passed: false, tensor });
    expect(result.error).toBeGreaterThan(1e-3);
  });

  it('compares a kernel’s outputs as they are', () => {
    expect(check(null, tensors({ y: [1, 2.001] }), tensors({ y: [1, 2] })).passed).toBe(true);
    expect(check(null, tensors({ y: [1, 2.01] }), tensors({ y: [1, 2] })).passed).toBe(false);
  });

  it('refuses an implementation that takes another step', async () => {
    const step = async (setup: Setup) => {
      const run = await plainRun(setup, 'cpu', 'momentum');
      await run.step();
      return run.results();
    };
    const setup = { model: 'tinyconv', arm: 'erm', batch: 4 } as const;
    const { weights } = problemOf(setup).student;
    const expected = await step(setup);
    expect(check(weights, await step(setup), expected).passed).toBe(true);
    const other = check(weights, await step({ ...setup, arm: 'xcl' }), expected);
    expect(other.passed).toBe(false);
    expect(other.error).toBeGreaterThan(0.1);
  });
});

const task = (model: Setup['model'], batch: number): Task => ({
  kind: 'train',
  setup: { model, arm: 'erm', batch },
});
const about = {
  device: 'a device',
  check: { passed: true, error: 1e-6, tensor: 'stem.conv.weight' },
  checkedRows: 8,
};
const timed = (peer: Peer, rounds: readonly number[], place: Place, own: Task): Row =>
  rowOf(
    own,
    place,
    peer,
    about,
    { rounds, calls: rounds, others: [0.25, 0.75], steps: 2 },
    [100, 100],
  );

describe('targets', () => {
  const rows = (place: Place, own: Task, plain: Peer, ms: number): Row[] => [
    timed(plain, [100, 100], place, own),
    timed('extracurricular', [ms, ms], place, own),
  ];
  const stateOf = (all: readonly Row[], software: boolean, words: string) =>
    targetsOf(all, software).find(({ name }) => name.includes(words));

  it('are owed where nothing was measured', () => {
    expect(new Set(targetsOf([], true).map(({ state }) => state))).toEqual(new Set(['owed']));
  });

  it('are reached or missed by what was measured on the device that they are for', () => {
    const fast = rows('webgpu', task('resnet8', 8), 'plain-tfjs', 10);
    expect(stateOf(fast, true, 'SwiftShader, ResNet-8, batch 8: plain')).toMatchObject({
      state: 'reached',
      found: 10,
    });
    expect(stateOf(fast, false, 'SwiftShader, ResNet-8, batch 8: plain')?.state).toBe('owed');
    const slow = rows('webgpu', task('resnet20', 128), 'plain-tfjs', 20);
    expect(stateOf(slow, false, 'real GPU, ResNet-20, batch 128: plain')).toMatchObject({
      state: 'missed',
      found: 5,
    });
  });

  it('count the worst of several rows, and compare JavaScript with JavaScript', () => {
    const both = [
      ...rows('wasm', task('resnet8', 64), 'naive-wasm', 20),
      ...rows('wasm', task('resnet8half', 64), 'naive-wasm', 50),
    ];
    expect(stateOf(both, false, 'naive')).toMatchObject({ state: 'missed', found: 2 });
    const [plain, own] = rows('webgpu', task('resnet8', 8), 'plain-tfjs', 1) as [Row, Row];
    const scripts = [
      { ...plain, jsMs: 30 },
      { ...own, jsMs: 0.5 },
    ];
    expect(stateOf(scripts, true, 'JavaScript')).toMatchObject({ state: 'reached', found: 60 });
  });
});

describe('the report', () => {
  const own = task('resnet8', 8);
  const rows = [
    timed('plain-tfjs', [100, 104], 'webgpu', own),
    timed('extracurricular', [10, 12], 'webgpu', own),
    rowWithout(own, 'webgpu', 'jax-js', 'wrong', 'its gradient is off.'),
  ];
  const text = markdown({
    bench: 'times',
    environment: { ...environment(), load: 0.25 } satisfies Environment,
    notes: ['A note.'],
    rows,
    targets: targetsOf(rows, true),
  });

  it('names device, runtime and versions, and what a row without a time lacks', () => {
    expect(text).toContain(`node ${process.versions.node}`);
    expect(text).toContain('@tensorflow/tfjs 4.22.0');
    expect(text).toContain('load 0.25');
    expect(text).toContain('On: a device.');
    expect(text).toContain('- jax-js (resnet8, erm, batch 8): wrong. its gradient is off.');
    expect(text).not.toContain('| jax-js |');
  });

  it('has a line for each time, with images a second and the ratio to the baseline', () => {
    expect(text).toContain('| extracurricular | 11.0 | 10.0 to 12.0 | 727 | 9.17 |');
    expect(text).toContain('| SwiftShader, ResNet-8, batch 8: plain tfjs on WebGPU | 8 times |');
  });

  it('puts the kernels of a device into one table', () => {
    const setup = { kernel: 'conv', batch: 1, side: 10, channels: 10 } as const;
    const kernel: Task = { kind: 'kernel', setup };
    const [first] = rows as [Row];
    const more = { bench: 'kernels', environment: environment(), notes: [], targets: [] } as const;
    const lone = markdown({ ...more, rows: [timed('plain-tfjs', [2], 'webgpu', kernel), first] });
    expect(lone).toContain(
      '| conv, 10 channels at 10 x 10, batch 1 | plain-tfjs | 2.00 | 2.00 to 2.00 | 0.0900 |',
    );
    expect(lone.match(/^## /gm)).toHaveLength(1);
  });

  it('knows the versions of all packages', () => {
    expect(Object.values(environment().versions)).not.toContain('absent');
  });
});
