import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BAD } from '../tests/support/corpus/all';
import sentences from '../tests/support/corpus/sentences.json';
import type { Part } from '../tests/support/files/tiny';
import { UserError } from '../src/recipe/errors';
import { FORMS } from './support/fuzz/forms';
import { filesOf, fuzzOne } from './support/fuzz/fuzz';
import { HEAP_MB, PATIENCE_MS, fuzzAll } from './support/fuzz/pool';
import { main } from './support/main';
import { ProgressLine } from './support/progress';
import { checkPlace, writeWhole } from './support/result-file';

const USAGE = `npm run fuzz -- [--files N] [--seconds S] [--seed N] [--threads N] [--out FILE.json]
npm run fuzz -- --replay INDEX [--seed N] [--write DIR]
npm run fuzz -- --corpus DIR`;

/**
 * Reads files that were good and then changed at random, in threads with a bounded heap, and says what became of them.
 * Every file must load or be refused with a sentence: exit code 1 where one did not. --replay reads one of them again;
 * --corpus writes the bad files of the tests.
 */
main(
  {
    what: 'Reads files that were good and then changed at random: each must load or be refused in words.',
    usage: USAGE,
  },
  async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        files: { type: 'string', default: '20000' },
        seconds: { type: 'string' },
        seed: { type: 'string', default: '1' },
        threads: { type: 'string', default: String(Math.min(4, os.availableParallelism())) },
        out: { type: 'string' },
        replay: { type: 'string' },
        write: { type: 'string' },
        corpus: { type: 'string' },
      },
    });
    const seed = whole('seed', values.seed, 0);
    if (values.corpus !== undefined) return writeCorpus(values.corpus);
    if (values.replay !== undefined)
      return replay(seed, whole('replay', values.replay, 0), values.write);
    await fuzz({
      seed,
      files: whole('files', values.files, 1),
      seconds: values.seconds === undefined ? Infinity : whole('seconds', values.seconds, 1),
      threads: whole('threads', values.threads, 1),
      out: values.out,
    });
  },
);

interface Asked {
  readonly seed: number;
  readonly files: number;
  readonly seconds: number;
  readonly threads: number;
  readonly out: string | undefined;
}

async function fuzz({ seed, files, seconds, threads, out }: Asked): Promise<void> {
  if (out !== undefined) checkPlace(out, '--out');
  const forms = new Map(FORMS.map(({ form }) => [form, new Map<string, number>()]));
  const failures: { index: number; form: string; why: string }[] = [];
  const line = new ProgressLine();
  const started = Date.now();
  const mebibytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);
  const before = mebibytes();
  let peak = before;
  let count = 0;
  let slowest = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, mebibytes());
    line.show(`${failures.length} of ${count} failed`, count / files, null);
  }, 200);
  await fuzzAll(
    { seed, files, threads },
    ({ index, form, what, why, ms }) => {
      count += 1;
      slowest = Math.max(slowest, ms);
      const counts = forms.get(form);
      counts?.set(what, (counts.get(what) ?? 0) + 1);
      if (what === 'failed') failures.push({ index, form, why: why.slice(0, 600) });
    },
    () => Date.now() - started > seconds * 1000,
  );
  clearInterval(timer);
  line.done();
  const result = {
    kind: 'fuzz',
    seed,
    files: count,
    seconds: Math.round((Date.now() - started) / 1000),
    threads,
    failed: failures.length,
    failures: failures.slice(0, 50),
    slowestMs: Math.round(slowest),
    limits: { msOfOneFile: PATIENCE_MS, mebibytesOfHeapOfOneThread: HEAP_MB },
    mebibytesOfProcess: { before, peak },
    node: process.versions.node,
    forms: Object.fromEntries([...forms].map(([form, counts]) => [form, sorted(counts)])),
  };
  if (out !== undefined) writeWhole(out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(
    `${count} files, ${failures.length} failed, slowest ${Math.round(slowest)} ms, at most ${peak} MiB`,
  );
  for (const { index, form, why } of failures.slice(0, 5)) console.log(`${index} ${form}: ${why}`);
  if (failures.length > 0)
    throw new UserError(
      'E_FUZZ',
      `${failures.length} files did what no file may do.`,
      `See one again: npm run fuzz -- --seed ${seed} --replay ${failures[0]?.index}`,
    );
}

const sorted = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));

async function replay(seed: number, index: number, folder: string | undefined): Promise<void> {
  if (folder !== undefined) write(folder, filesOf(seed, index).files);
  const { form, what, why, ms } = await fuzzOne(seed, index);
  console.log(`${index} ${form}: ${what} after ${ms.toFixed(1)} ms ${why}`);
}

function writeCorpus(folder: string): void {
  for (const { name, parts } of BAD) write(path.join(folder, name), parts);
  writeWhole(path.join(folder, 'sentences.json'), `${JSON.stringify(sentences, null, 2)}\n`);
  console.log(`${BAD.length} bad files written to ${folder}`);
}

/** Writes files into a folder, each under its own plain name. */
function write(folder: string, files: readonly Part[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, bytes } of files) writeWhole(path.join(folder, path.basename(name)), bytes);
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UserError(
    'E_USAGE',
    `--${option} is "${text}", allowed are whole numbers from ${least}.`,
    USAGE,
  );
}
