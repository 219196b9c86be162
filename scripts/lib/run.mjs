/** Starting other programs: plain Node, because it also runs before anything is installed. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ENDED, KEPT, WORDS } from './words.mjs';

/**
 * Runs a program to its end, passing interrupts on to it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env] added to this program's environment
 * @param {boolean} [quiet] true where it has a descriptor of its own for its words (words.mjs), and what comes out of
 * descriptor 2 beside them is shown only if it does not end by itself
 * @returns {Promise<number>} exit code, 128 + signal number where a signal ended it, 127 where it could not be started
 */
export function run(command, args, env = {}, quiet = false) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env, ...(quiet && { [WORDS]: '3' }) },
      // The fourth is this program's own descriptor 2, a terminal where that is one.
      stdio: quiet ? ['inherit', 'inherit', 'pipe', 2] : 'inherit',
    });
    let aside = '';
    child.stderr?.on('data', (text) => {
      aside = (aside + text).slice(-KEPT);
    });
    // A terminal sends Ctrl-C to the child as well, and its own ending is waited for; others may send it here alone.
    let interrupted = false;
    const interrupt = () => {
      interrupted = true;
      setTimeout(() => child.kill('SIGINT'), 1000).unref();
    };
    const terminate = () => child.kill('SIGTERM');
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', terminate);
    /** @param {number} code */
    const done = (code) => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      done(127);
    });
    child.on('close', (code, signal) => {
      if (!aside.endsWith(ENDED)) process.stderr.write(aside);
      // A native library may crash when it is interrupted at work: that is still an interrupt.
      if (signal && interrupted) done(128 + constants.signals.SIGINT);
      else done(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
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
