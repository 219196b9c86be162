import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../src/recipe/errors';
import { backendNamed, startNodeBackend } from './support/backend';
import { main } from './support/main';
import { ProgressLine } from './support/progress';
import { checkPlace, writeWhole } from './support/result-file';

const USAGE =
  'npm run teacher -- FILE|FOLDER... [--data DIR] [--task ID] [--images N] [--layers FILE.json] [--backend webgpu|wasm|cpu] [--out FILE.json] [--table FILE.md]';
const ABOUT = {
  what: 'Says what networks from files are, what they mean on a task, and how well they do.',
  usage: USAGE,
};

function optionsOf(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        task: { type: 'string' },
        images: { type: 'string', default: '1500' },
        layers: { type: 'string' },
        backend: { type: 'string' },
        out: { type: 'string' },
        table: { type: 'string' },
      },
    });
    if (positionals.length === 0)
      throw new UserError('E_USAGE', 'Give a file or a folder.', `Usage: ${USAGE}`);
    const images = Number(values.images);
    if (!Number.isInteger(images) || images < 16)
      throw new UserError('E_USAGE', `--images is "${values.images}", allowed is 16 or more.`);
    return { ...values, images, paths: positionals };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('E_USAGE', (cause as Error).message, `Usage: ${USAGE}`, { cause });
  }
}

/** Says what networks from files are, what they mean on a task, and how well they do. */
main(ABOUT, async (args) => {
  const options = optionsOf(args);
  const wanted = backendNamed(options.backend);
  const read = [...options.paths, options.layers, options.data];
  if (options.out !== undefined) checkPlace(options.out, '--out', read);
  if (options.table !== undefined) checkPlace(options.table, '--table', read);
  const { teachersAt } = await import('./support/teacher-files');
  const given = teachersAt(options.paths);
  if (options.layers !== undefined && given.length !== 1)
    throw new UserError(
      'E_USAGE',
      `--layers says how one network is put together, and ${given.length} were given.`,
      'Give one file.',
    );
  const { layersFile } = await import('./support/layers');
  const layers = options.layers === undefined ? null : layersFile(options.layers);
  const device = await startNodeBackend(wanted);
  const { checkData } = await import('./support/data-option');
  checkData(options.data);
  console.error(`Asking on ${device.backend} (${device.adapter}).`);
  // After the backend: these import tfjs, which looks for WebGPU when it is loaded.
  const { reportOn, jsonOf } = await import('./support/teacher-report');
  const { linesOf, teachersPage } = await import('./support/teacher-words');
  const line = new ProgressLine();
  const reports = [];
  for (const files of given) {
    const report = await reportOn(
      files,
      { data: options.data, task: options.task ?? null, images: options.images, layers },
      (what, share) => line.show(`${files.name}: ${what}`, share, null),
    );
    line.done();
    console.log(linesOf(report).join('\n'));
    reports.push(report);
  }
  if (options.out) writeWhole(options.out, jsonOf(reports));
  if (options.table) {
    // What the shell made of a pattern is put back, and what is this machine's own left out.
    const folders = options.paths.map((at) => path.dirname(at));
    const [folder = ''] = folders;
    const one = options.paths.length > 1 && folders.every((other) => other === folder);
    const rest = args.filter((arg) => !options.paths.includes(arg) && !path.isAbsolute(arg));
    const given = one ? [`${folder}/*`] : options.paths;
    const command = ['npm run teacher --', ...given, ...rest].join(' ');
    writeWhole(options.table, teachersPage(reports, command));
  }
  if (reports.every(({ refused }) => refused !== undefined))
    throw new UserError(
      'E_NOTHING_READ',
      'Nothing of what was given could be read as a network.',
      'What stands above says why, and what to do.',
    );
});
