import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { main } from '../cli/support/main';
import { UserError } from '../src/recipe/errors';
import { ARMS, IMPLEMENTATIONS, MODELS, nameOf } from './support/cells';
import type { Cell } from './support/cells';
import { countsTable, traceTable } from './support/counts-report';
import type { Measured, Row } from './support/measure';
import { checkPlace, writeWhole } from '../cli/support/result-file';

const USAGE =
  'npm run bench -- --counts [--batch N] [--model NAME ...] [--trace] [--out FILE.json]';

/** What stands in the file. */
export interface CountsFile {
  readonly bench: 'counts';
  readonly versions: { readonly tfjs: string; readonly node: string };
  readonly rows: readonly Row[];
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        // How bench.ts calls it; this file alone does not need it.
        counts: { type: 'boolean' },
        batch: { type: 'string', default: '128' },
        model: { type: 'string', multiple: true, default: [...MODELS] },
        trace: { type: 'boolean', default: false },
        out: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    throw new UserError('E_USAGE', (cause as Error).message, `Usage: ${USAGE}`, { cause });
  }
}

function optionsOf(args: string[]) {
  const { batch: wanted, model: names, trace, out } = parse(args);
  const batch = Number(wanted);
  if (!Number.isInteger(batch) || batch < 1 || batch > 512)
    throw new UserError('E_USAGE', `--batch is "${wanted}", allowed is 1 to 512.`);
  const unknown = names.find((name) => !MODELS.some((model) => model === name));
  if (unknown !== undefined)
    throw new UserError('E_USAGE', `--model is "${unknown}", allowed is ${MODELS.join(', ')}.`);
  const cells = MODELS.filter((model) => names.includes(model)).flatMap((model) =>
    ARMS.flatMap((arm) =>
      IMPLEMENTATIONS.map((implementation): Cell => ({ model, arm, batch, implementation })),
    ),
  );
  return { cells, trace, out };
}

/** Measures in a thread of its own, with a tfjs of its own: nothing of one cell is left to the next. */
function measureApart(cell: Cell): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: cell });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error(`nothing came back for ${nameOf(cell)}`)));
  });
}

/** `npm run bench -- --counts`: what a training step costs, counted on a device that does nothing else. */
async function counts(args: string[]): Promise<void> {
  const { cells, trace, out } = optionsOf(args);
  if (out !== undefined) checkPlace(out, '--out');
  const all: Measured[] = [];
  for (const cell of cells) {
    console.error(nameOf(cell));
    all.push(await measureApart(cell));
  }
  const rows = all.map(({ row }) => row);
  if (trace) for (const measured of all) console.log(`${traceTable(measured)}\n`);
  console.log(countsTable(rows));
  if (out === undefined) return;
  const { version } = await import('@tensorflow/tfjs');
  const file: CountsFile = {
    bench: 'counts',
    versions: { tfjs: version.tfjs, node: process.versions.node },
    rows,
  };
  writeWhole(out, `${JSON.stringify(file, null, 2)}\n`);
  console.error(`The rows are in ${out}.`);
}

if (isMainThread) {
  main({ what: 'Counts what a training step costs.', usage: USAGE }, counts);
} else {
  const { measure } = await import('./support/measure');
  parentPort?.postMessage(await measure(workerData as Cell));
}
