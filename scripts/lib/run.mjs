/** Starting other programs: plain Node, because it also runs before anything is installed. */
import { spawn } from 'node:child_process';

/**
 * Runs a program to its end, passing interrupts on to it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{env?: NodeJS.ProcessEnv, quiet?: boolean}} [options] quiet keeps the output instead of showing it
 * @returns {Promise<{code: number, output: string}>} exit code, 128 + signal number where a signal ended it, 127 where
 *   the program could not be started; the output is empty unless quiet
 */
export function run(command, args, { env = process.env, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    // A terminal sends Ctrl-C to the child as well; waiting for it keeps its own ending in view.
    const interrupt = () => {};
    const terminate = () => child.kill('SIGTERM');
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', terminate);
    /** @param {number} code @param {string} more */
    const done = (code, more = '') => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
      resolve({ code, output: output + more });
    };
    child.on('error', (error) => done(127, error.message));
    child.on('close', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/**
 * Runs an npm command with the npm that started this script, or else the one on the PATH.
 * @param {readonly string[]} args
 */
export function npm(args) {
  const cli = process.env['npm_execpath'];
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args]);
  return process.platform === 'win32' ? run('cmd', ['/c', 'npm', ...args]) : run('npm', args);
}
