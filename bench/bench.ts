import { main } from '../cli/support/main';
import { UserError } from '../src/recipe/errors';
import { USAGE as TIMING } from './timing/arguments';

const USAGE = `  ${TIMING}
      the time of a training step (or of lone kernels), ours beside plain tfjs, jax-js and PyTorch
  npm run bench -- --counts [--batch N] [--model NAME ...] [--trace] [--out FILE.json]
      what a training step costs: dispatches, uploads, submits and memory, counted without a GPU
  npm run bench -- --profile [--model NAME] [--batch N] [--out FILE.json] [--chart FILE.svg]
      where the time of our step on WebGPU goes, launch by launch
  npm run bench -- first-visit
      the first seconds of a visitor without a GPU, in a browser`;

/** `npm run bench`: every mode is a command of its own, which reads its own arguments. */
const args = process.argv.slice(2);
const about = { what: 'Measures a training step.', usage: USAGE };
if (args.some((arg) => arg === '--help' || arg === '-h')) main(about, () => Promise.resolve());
else if (args.includes('--counts')) await import('./counts');
else if (args.includes('--profile')) await import('./profile');
else if (args.length === 1 && args[0] === 'first-visit') await import('./first-visit');
// How this command starts the processes that take the steps.
else if (args.length === 1 && args[0] === '--serve') await (await import('./timing/serve')).serve();
else if (!args.includes('first-visit')) await import('./timing');
else {
  const what = `There is no benchmark "${args.join(' ')}".`;
  main(about, () => Promise.reject(new UserError('E_USAGE', what, `Usage:\n${USAGE}`)));
}
