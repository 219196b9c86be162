import { parseArgs } from 'node:util';
import { auditSteps } from '../src/gpu/replay/audit';
import { isAnomalyRecipe } from '../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../src/recipe/anomaly-check';
import { UserError } from '../src/recipe/errors';
import { backendNamed, startNodeBackend } from './support/backend';
import type { DetectResult } from './support/detect';
import type { DistillResult } from './support/distill';
import { A_FAULT, atEarlyEnd } from './support/early-end';
import type { GivenAs } from './support/given-teachers';
import { refuseLogged } from './support/log';
import { main } from './support/main';
import { readCards } from './support/surroundings';
import { readRecipe } from './support/read-recipe';
import { checkPlace, prepareFolder, writeWhole } from './support/result-file';

const USAGE =
  'npm run distill -- RECIPE.json [--backend webgpu|wasm|cpu] [--data DIR] [--seeds N] [--teacher FILE|FOLDER]... [--layers FILE.json] [--student FILE|FOLDER [--student-weights kept|fresh]] [--out FILE.json] [--save FOLDER] [--audit N]';
const ABOUT = {
  what: 'Runs a recipe without a browser and prints a table of its students’ figures.',
  usage: USAGE,
};

function optionsOf(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        backend: { type: 'string' },
        data: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        teacher: { type: 'string', multiple: true, default: [] },
        layers: { type: 'string' },
        student: { type: 'string' },
        'student-weights': { type: 'string' },
        out: { type: 'string' },
        save: { type: 'string' },
        audit: { type: 'string', default: '0' },
      },
    });
    const [file, ...surplus] = positionals;
    if (!file || surplus.length > 0)
      throw new UserError('E_USAGE', 'Give one recipe.', `Usage: ${USAGE}`);
    const seeds = Number(values.seeds);
    if (!Number.isInteger(seeds) || seeds < 1 || seeds > 100)
      throw new UserError('E_USAGE', `--seeds is "${values.seeds}", allowed is 1 to 100.`);
    const kind = values['student-weights'] ?? 'fresh';
    if (kind !== 'kept' && kind !== 'fresh')
      throw new UserError(
        'E_USAGE',
        `--student-weights is "${kind}", allowed is kept (the file's) or fresh (drawn anew).`,
      );
    if (values.student === undefined && values['student-weights'] !== undefined)
      throw new UserError(
        'E_USAGE',
        '--student-weights is about a network from a file, and none is given.',
        'Give one with --student FILE.',
      );
    if (values.layers !== undefined && values.teacher.length === 0)
      throw new UserError(
        'E_USAGE',
        '--layers says how the weights of a teacher from a file are put together, and none is given.',
        'Give one with --teacher FILE.',
      );
    const student: GivenAs | null =
      values.student === undefined ? null : { path: values.student, weights: kind };
    const audit = Number(values.audit);
    if (!Number.isSafeInteger(audit) || audit < 0)
      throw new UserError('E_USAGE', `--audit is "${values.audit}", allowed is 0 or more steps.`);
    return { ...values, seeds, audit, file, student };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('E_USAGE', (cause as Error).message, `Usage: ${USAGE}`, { cause });
  }
}

/**
 * Writes what is finished where a run of several seeds ends early.
 *
 * @returns what became of it, as a sentence
 */
function keepUnfinished(
  out: string | undefined,
  found: DistillResult | DetectResult | null,
  seedsAsked: number,
  endedBy: string,
): string {
  const count = found?.seeds.length ?? 0;
  const ended = `Ended by ${endedBy} after ${count} of ${seedsAsked} seeds`;
  if (!found) return `${ended}: there is nothing to keep.`;
  if (out === undefined) return `${ended}: nothing is kept without --out.`;
  const unfinished = { seedsAsked, endedBy };
  try {
    writeWhole(out, `${JSON.stringify({ ...found, unfinished }, null, 2)}\n`);
    return `${ended}: these are in ${out}, marked as unfinished.`;
  } catch (thrown) {
    return `${ended}. ${(thrown as Error).message}`;
  }
}

main(ABOUT, async (args) => {
  const options = optionsOf(args);
  const { out } = options;
  const wanted = backendNamed(options.backend);
  if (out !== undefined) {
    refuseLogged('.', out);
    const { file, teacher, student, layers, data } = options;
    checkPlace(out, '--out', [file, ...teacher, student?.path, layers, data]);
  }
  if (options.save !== undefined) prepareFolder(options.save, '--save');
  auditSteps(options.audit);
  const input = readRecipe(options.file);
  const device = await startNodeBackend(wanted);
  // After the backend: these import tfjs, which looks for WebGPU when it is loaded.
  const { catalogueOf } = await import('../src/train/catalogue');
  const catalogue = catalogueOf(readCards());
  const { seeds, data } = options;
  const { checkData, dataRemark } = await import('./support/data-option');
  checkData(data);
  const say = () => {
    for (const sentence of device.refused) console.error(sentence);
    console.error(`Training on ${device.backend} (${device.adapter}).`);
  };
  let soFar: (DistillResult | DetectResult) | null = null;
  const keep = (found: DistillResult | DetectResult) => (soFar = found);
  const done = atEarlyEnd((how) => {
    // A fault says itself what is wrong; that nothing was finished before it is plain.
    if (soFar ?? how !== A_FAULT) console.error(keepUnfinished(out, soFar, seeds, how));
  });
  let result: object;
  if (isAnomalyRecipe(input)) {
    const { detectAll, detectTable } = await import('./support/detect');
    const recipe = requireAnomalyRecipe(input, catalogue);
    if (options.teacher.length > 0 || options.student)
      throw new UserError(
        'E_USAGE',
        'A recipe that looks for faults cannot take networks from files.',
        'Leave --teacher and --student out.',
      );
    if (options.save !== undefined)
      throw new UserError(
        'E_USAGE',
        'A recipe that looks for faults has no students to save.',
        'Leave --save out.',
      );
    say();
    const found = await detectAll(recipe, device, seeds, data, keep);
    console.log(detectTable(found));
    result = found;
  } else {
    const { distill } = await import('./support/distill');
    const { table } = await import('./support/table');
    const { withTeachers } = await import('./support/given-teachers');
    const { layersFile } = await import('./support/layers');
    const { recipe, networks } = await withTeachers(
      input,
      options.teacher,
      catalogue,
      data,
      options.student,
      options.layers === undefined ? null : layersFile(options.layers),
    );
    say();
    const remark = dataRemark(recipe.task.id, data);
    if (remark) console.error(remark);
    const found = await distill(recipe, device, seeds, data, options.save, networks, keep);
    console.log(table(found, readCards()));
    result = found;
  }
  done();
  if (out === undefined) return;
  writeWhole(out, `${JSON.stringify(result, null, 2)}\n`);
  console.error(`The whole result is in ${out}.`);
});
