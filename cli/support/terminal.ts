import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { ENDED, WORDS } from '../../scripts/lib/words.mjs';
import { cleaned } from '../../src/recipe/shown';

/**
 * What a command says to a person. Two things never reach the terminal: characters of strangers' names that a terminal
 * would obey (src/recipe/shown.ts), and, unless --verbose asks for it, what graphics drivers print by themselves
 * (scripts/lib/words.mjs).
 */

const { stderr, stdout } = process;
let say = stderr.write.bind(stderr) as (text: string) => unknown;
let separate = false;

/** Text with its lines and columns as they are, and nothing else that a terminal obeys. */
export const asShown = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(cleaned).join('\t'))
    .join('\n');

/** Puts the two rules above before everything that is written from now on. Once, before anything else. */
export function openTerminal(): void {
  const descriptor = Number(process.env[WORDS] ?? 0);
  // Programs that this one starts have no such descriptor.
  delete process.env[WORDS];
  if (descriptor > 2) {
    separate = true;
    say = (text) => writeWhole(descriptor, text);
    // On the stream itself: the console may hold it already.
    Object.defineProperty(stderr, 'isTTY', { value: isatty(descriptor), configurable: true });
  }
  stderr.write = written((text) => say(asShown(text)));
  const print = stdout.write.bind(stdout) as (text: string) => unknown;
  stdout.write = written((text) => print(asShown(text)));
}

/** Writes over the line of the terminal that was written last. @param text without its end */
export function rewrite(text: string): void {
  say(`\r${cleaned(text)}`);
}

/** Says that the command ends by itself. */
export function closeTerminal(): void {
  if (separate) writeWhole(2, ENDED);
}

/** A stream's `write` that hands text on at once. */
function written(put: (text: string) => void): typeof process.stderr.write {
  return (chunk: string | Uint8Array, ...rest: unknown[]) => {
    put(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
    const done = rest.find((one): one is () => void => typeof one === 'function');
    done?.();
    return true;
  };
}

/** Writes text to a descriptor, all of it before the call returns: the process may end right after. */
function writeWhole(descriptor: number, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      // Whoever reads may be slow; one who is gone hears nothing.
      if (code !== 'EAGAIN') return;
    }
  }
}
