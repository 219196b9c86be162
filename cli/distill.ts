import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isAnomalyRecipe } from '../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../src/recipe/anomaly-check';
import { UserError } from '../src/recipe/errors';
import { backendNamed, startNodeBackend } from './support/backend';
import type { GivenAs } from './support/given-teachers';
import { refuseLogged } from './support/log';
import { main } from './support/main';
import { readCards } from './support/surroundings';

const USAGE =
  'npm run distill -- RECIPE.json [--backend webgpu|wasm|cpu] [--data DIR] [--seeds N] [--teacher FILE|FOLDER]... [--layers FILE.json] [--student FILE|FOLDER [--student-weights kept|fresh]] [--out FILE.json] [--save FOLDER]';

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
    return { ...values, seeds, file, student };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('E_USAGE', (cause as Error).message, `Usage: ${USAGE}`, { cause });
  }
}

function readRecipe(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new UserError(
      'E_RECIPE_FILE',
      `The recipe ${file} could not be read: ${(cause as Error).message}.`,
      'A recipe is a JSON file; recipes/ holds examples.',
      { cause },
    );
  }
}

main(async (args) => {
  const options = optionsOf(args);
  const wanted = backendNamed(options.backend);
  if (options.out !== undefined) refuseLogged('.', options.out);
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
    const found = await detectAll(recipe, device, seeds, data);
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
    const found = await distill(recipe, device, seeds, data, options.save, networks);
    console.log(table(found, readCards()));
    result = found;
  }
  if (options.out) {
    writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
    console.error(`The whole result is in ${options.out}.`);
  }
});
