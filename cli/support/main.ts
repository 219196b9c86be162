import { reasonOf } from '../../src/gpu/health';
import { LESS, UserError, faultOf } from '../../src/recipe/errors';
import { A_FAULT, endEarly } from './early-end';
import { closeTerminal, openTerminal } from './terminal';

/**
 * Exit codes: 0 done, 1 the run failed, 2 the command or recipe was wrong, 3 training came apart, 128 + n ended by signal n.
 */
const WRONG = new Set(['E_USAGE', 'E_RECIPE', 'E_UNKNOWN_ID', 'E_RECIPE_FILE']);
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** What a command is, as `--help` tells it. */
export interface About {
  /** One sentence. */
  readonly what: string;
  /** How it is called, a line for each way. */
  readonly usage: string;
}

const COMMON = `  --help      this text
  --version   the version of this program
  --verbose   also what graphics drivers print`;

// Before any other module of the command says something.
openTerminal();

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
export function main(about: About, command: (args: string[]) => Promise<void>): void {
  for (const [signal, code] of Object.entries(SIGNALS))
    process.on(signal, () => {
      endEarly(signal);
      end(code);
    });
  // A device that is gone also fails what nobody waits for any more.
  process.on('unhandledRejection', (thrown) => void endBy(thrown, about));
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(`${about.what}\n\nUsage:\n${about.usage}\n\nEvery command knows:\n${COMMON}`);
    return end(0);
  }
  command(args).then(
    // Dawn and MessagePorts would keep the process alive.
    () => end(0),
    (thrown: unknown) => void endBy(thrown, about),
  );
}

let ending = false;

/** Ends the process with what went wrong first. */
async function endBy(thrown: unknown, about: About): Promise<void> {
  if (ending) return;
  ending = true;
  const reason = await reasonOf(thrown);
  endEarly(A_FAULT);
  end(tell(reason, about));
}

/** Says what went wrong, in words for a terminal. @returns the exit code */
function tell(thrown: unknown, { usage }: About): number {
  const cause = thrown instanceof UserError ? thrown.cause : thrown;
  if (isArgumentFault(cause)) {
    console.error(argumentWords(cause.message));
    console.error(`Usage:\n${usage}`);
    return 2;
  }
  const { code, message, hint, detail } = faultOf(thrown);
  const unexpected = code === 'E_UNEXPECTED';
  console.error(message);
  // The hint of what was not expected is the page's.
  const advice = ON_DEVICE[code] ?? (unexpected ? '' : hint);
  if (advice) console.error(advice);
  if (unexpected) console.error(`Where it happened:\n${detail}`);
  return exitCode(code);
}

/** What node:util's parseArgs throws where an option is unknown or lacks its value. */
const isArgumentFault = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS_');

/** What parseArgs says, as one sentence: its advice is about its own options. */
function argumentWords(message: string): string {
  const [, option] = /^Option '(--[^' ]+)/.exec(message) ?? [];
  if (option !== undefined && message.includes('ambiguous'))
    return `What follows ${option} begins with "-": write it as ${option}=VALUE.`;
  const first = (message.split('\n')[0] ?? '').split('. To specify')[0] ?? '';
  return first.replace(/\.? *$/, '.');
}

function end(code: number): void {
  closeTerminal();
  process.exit(code);
}
