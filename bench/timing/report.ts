import type { Environment } from './environment';
import { baselineOf, jobName } from './job';
import type { Task } from './job';
import type { Row } from './row';
import type { Target } from './targets';

/** What stands in the file. */
export interface TimesFile {
  readonly bench: 'times' | 'kernels';
  readonly environment: Environment;
  /** What was left out, as sentences. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Three digits that count: "0.0123", "4.56", "1,230". */
export function figure(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** Billions of floating-point operations of a convolution; null for what is bound by memory. */
export function gigaFlop(task: Task): number | null {
  if (task.kind !== 'kernel' || !task.setup.kernel.startsWith('conv')) return null;
  const { batch, side, channels } = task.setup;
  return (2 * batch * side * side * 9 * channels * channels) / 1e9;
}

type Column = readonly [title: string, cell: (row: Row) => string];

const OFF: Column = ['off by', (row) => row.check?.error.toExponential(1) ?? ''];
const OTHERS: Column = ['other load', (row) => row.others?.toFixed(2) ?? ''];
const times = (what: string): readonly Column[] => [
  [`ms per ${what}`, (row) => figure(row.ms)],
  [
    'fastest to slowest round',
    ({ rounds }) =>
      rounds.length === 0 ? '' : `${figure(Math.min(...rounds))} to ${figure(Math.max(...rounds))}`,
  ],
];

const TRAINING: readonly Column[] = [
  ['implementation', (row) => row.peer],
  ...times('step'),
  ['images/s', (row) => figure(row.imagesPerSecond)],
  ['times the baseline', (row) => figure(row.speedup)],
  ['ms in calls', (row) => (row.place === 'wasm' ? '' : figure(row.callMs))],
  ['JavaScript ms', (row) => figure(row.jsMs)],
  OTHERS,
  OFF,
];

const LONE: readonly Column[] = [
  ['kernel', (row) => jobName(row.task)],
  ['implementation', (row) => row.peer],
  ...times('run'),
  [
    'GFLOP/s',
    (row) => {
      const work = gigaFlop(row.task);
      return work === null || row.ms === null ? '' : figure((work * 1000) / row.ms);
    },
  ],
  ['times the baseline', (row) => figure(row.speedup)],
  OTHERS,
  OFF,
];

/** What the columns say. */
const LEGEND = {
  times: `Times are of one step from the first call until the device is done: the median of rounds that the implementations took in turns; ratios are medians of ratios within a round. "Ms in calls" is what of it passes before anything is waited for (jax-js does most of its work later); "JavaScript ms" is processor time of a step on a WebGPU that computes nothing; "other load" is how many cores were busy with something else; "off by" is the largest error of the first step's change of weights, relative to the largest change of the same tensor, against plain tfjs in plain JavaScript. All train by SGD with momentum on the same batches from the same weights; ours also draws and renders its batches, the others get them ready-made.`,
  kernels: `Times are of one run of a kernel from the call until the device is done: the median of rounds that the implementations took in turns; ratios are medians of ratios within a round. Batch norm is forward and backward. "Off by" is the largest error of the outputs against plain tfjs in plain JavaScript.`,
} as const;

/** The whole as Markdown. */
export function markdown({ bench, environment, notes, rows, targets }: TimesFile): string {
  const { date, processor, cores, system, versions, load } = environment;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    `# ${bench === 'times' ? 'Training steps' : 'Kernels'}, ${date}`,
    `${processor}, ${cores} cores, ${system}; load ${load} at the start. ${named.join(', ')}.`,
    LEGEND[bench],
    ...notes,
    ...(bench === 'times' ? byTask(rows).map(section) : byPlace(rows).map(kernels)),
  ];
  if (targets.length > 0) parts.push(`## Targets\n\n${targetsTable(targets)}`);
  return `${parts.join('\n\n')}\n`;
}

/** Rows by task and device, in order. */
function byTask(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.place, row.task]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

/** Rows by device, in order. */
function byPlace(rows: readonly Row[]): readonly (readonly Row[])[] {
  return [...new Set(rows.map(({ place }) => place))].map((place) =>
    rows.filter((row) => row.place === place),
  );
}

/** A training step: all who take it. */
function section(rows: readonly Row[]): string {
  const [{ task, place }] = rows as readonly [Row, ...Row[]];
  const timed = rows.filter(({ state }) => state === 'timed');
  return [
    `## ${jobName(task)}, ${place}`,
    [
      `Baseline: ${baselineOf(task, place)}.`,
      `On: ${listed(timed, (row) => row.device)}.`,
      `Gradients compared on ${timed[0]?.checkedRows ?? 0} rows.`,
      `Steps in a round: ${timed.map((row) => `${row.peer} ${row.steps}`).join(', ')}.`,
    ].join(' '),
    table(timed, TRAINING),
    untimed(rows),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** All kernels of a device in one table. */
function kernels(rows: readonly Row[]): string {
  const [{ task, place }] = rows as readonly [Row, ...Row[]];
  const timed = rows.filter(({ state }) => state === 'timed');
  return [
    `## ${place}`,
    `Baseline: ${baselineOf(task, place)}. On: ${listed(timed, (row) => row.device)}.`,
    table(timed, LONE),
    untimed(rows),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Columns that say nothing are left out. */
function table(rows: readonly Row[], columns: readonly Column[]): string {
  if (rows.length === 0) return '';
  const filled = columns.filter(([, cell]) => rows.some((row) => cell(row) !== ''));
  return [
    line(filled.map(([title]) => title)),
    line(
      filled.map(([title]) => (title === 'kernel' || title === 'implementation' ? '---' : '---:')),
    ),
    ...rows.map((row) => line(filled.map(([, cell]) => cell(row)))),
  ].join('\n');
}

function untimed(rows: readonly Row[]): string {
  return rows
    .filter(({ state }) => state !== 'timed')
    .map(
      ({ task, peer, state, reason }) => `- ${peer} (${jobName(task)}): ${state}. ${reason ?? ''}`,
    )
    .join('\n');
}

/** What rows say, each with whose it is: "1 thread (pytorch, jax-js)". */
function listed(rows: readonly Row[], say: (row: Row) => string): string {
  const said = new Set(rows.map(say));
  return [...said]
    .map((words) => {
      const own = rows.filter((row) => say(row) === words).map(({ peer }) => peer);
      return said.size === 1 ? words : `${words} (${own.join(', ')})`;
    })
    .join('; ');
}

/** The targets, each with what came of it. */
function targetsTable(targets: readonly Target[]): string {
  const outcome = ({ state, found, wanted }: Target): string => {
    if (state === 'owed' || found === null) return 'owed: not measured here';
    if (state === 'reached') return 'reached';
    return `missed: ${figure((found / wanted) * 100)} % of it`;
  };
  return [
    line(['ours against', 'wanted', 'found', '']),
    line(['---', '---:', '---:', '---']),
    ...targets.map((target) =>
      line([
        target.name,
        `${target.wanted} times`,
        target.found === null ? '' : `${figure(target.found)} times`,
        outcome(target),
      ]),
    ),
  ].join('\n');
}
