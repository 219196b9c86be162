import { main } from '../cli/support/main';
import { UserError } from '../src/recipe/errors';

const USAGE = `Usage:
  npm run bench -- --counts [--batch N] [--model NAME ...] [--trace] [--out FILE.json]
      what a training step costs: dispatches, uploads, submits and memory, counted without a GPU
  npm run bench -- first-visit
      the first seconds of a visitor without a GPU, in a browser`;

/** `npm run bench`: every mode is a command of its own, which reads its own arguments. */
const args = process.argv.slice(2);
if (args.includes('--counts')) await import('./counts');
else if (args.length === 1 && args[0] === 'first-visit') await import('./first-visit');
else {
  const what =
    args.length === 0 ? 'Say what to measure.' : `There is no benchmark "${args.join(' ')}".`;
  main(() => Promise.reject(new UserError('E_USAGE', what, USAGE)));
}
