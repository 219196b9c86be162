import { reasonOf } from '../../src/gpu/health';
import { LESS, faultOf } from '../../src/recipe/errors';

/** Exit codes: 0 done, 1 the run failed, 2 the command or recipe was wrong, 3 training came apart, 130 interrupted. */
const WRONG = new Set(['E_USAGE', 'E_RECIPE', 'E_UNKNOWN_ID', 'E_RECIPE_FILE']);

function exitCode(code: string): number {
  if (WRONG.has(code)) return 2;
  return code === 'E_DIVERGED' ? 3 : 1;
}

const ELSEWHERE = 'Run it again; with --backend wasm the processor trains.';
/** What to do where the device failed, as people at a terminal can. */
const ON_DEVICE: Readonly<Record<string, string>> = {
  E_OUT_OF_MEMORY: LESS,
  E_DEVICE_LOST: ELSEWHERE,
  E_DEVICE_REFUSED: ELSEWHERE,
};

/** Runs a command and ends the process with a code that means something; every error becomes a sentence. */
export function main(command: (args: string[]) => Promise<void>): void {
  process.on('SIGINT', () => process.exit(130));
  // A device that is gone also fails what nobody waits for any more.
  process.on('unhandledRejection', (thrown) => void end(thrown));
  command(process.argv.slice(2)).then(
    // Dawn and MessagePorts would keep the process alive.
    () => process.exit(0),
    (thrown: unknown) => void end(thrown),
  );
}

let ending = false;

/** Ends the process with what went wrong first, in words of a terminal. */
async function end(thrown: unknown): Promise<void> {
  if (ending) return;
  ending = true;
  const reason = await reasonOf(thrown);
  const fault = faultOf(reason);
  const hint = ON_DEVICE[fault.code] ?? fault.hint;
  console.error(fault.message);
  if (hint) console.error(hint);
  if (fault.code === 'E_UNEXPECTED') console.error(fault.detail);
  process.exit(exitCode(fault.code));
}
