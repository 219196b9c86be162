import { UserError, faultOf } from '../../src/recipe/errors';

/** Exit codes: 0 done, 1 the run failed, 2 the command or recipe was wrong, 3 training came apart, 130 interrupted. */
const WRONG = new Set(['E_USAGE', 'E_RECIPE', 'E_UNKNOWN_ID', 'E_RECIPE_FILE']);

function exitCode(code: string): number {
  if (WRONG.has(code)) return 2;
  return code === 'E_DIVERGED' ? 3 : 1;
}

/** Runs a command and ends the process with a code that means something; every error becomes a sentence. */
export function main(command: (args: string[]) => Promise<void>): void {
  process.on('SIGINT', () => process.exit(130));
  command(process.argv.slice(2)).then(
    // Dawn and MessagePorts would keep the process alive.
    () => process.exit(0),
    (thrown: unknown) => {
      const fault = faultOf(thrown);
      console.error(fault.message);
      if (fault.hint) console.error(fault.hint);
      if (!(thrown instanceof UserError)) console.error(fault.detail);
      process.exit(exitCode(fault.code));
    },
  );
}
