import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Request } from './protocol';

/** How much of what a process said on stderr goes into a sentence about its failure. */
const TOLD = 400;

/** A process of its own that takes steps: nothing of one implementation is left to the next. */
export class Child {
  private readonly process: ChildProcess;
  private waiting: { resolve(line: string): void; reject(error: Error): void } | null = null;
  private said = '';
  private ended: string | null = null;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.process.stderr?.on('data', (text: Buffer) => {
      this.said = (this.said + text.toString()).slice(-4 * TOLD);
    });
    if (this.process.stdout)
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        if (line.startsWith('{')) this.settle((waiting) => waiting.resolve(line));
      });
    this.process.once('error', (error) => this.end(error.message));
    this.process.once('close', (code, signal) =>
      this.end(`it ended with ${signal ?? `code ${code}`}: ${lastWords(this.said)}`),
    );
    this.process.stdin?.on('error', () => undefined);
  }

  /** Asks and waits for the answer. @throws Error with the process's own sentence, or where it ended or took too long */
  async ask<T>(request: Request | Readonly<Record<string, unknown>>, limit: number): Promise<T> {
    if (this.ended !== null) throw new Error(this.ended);
    const answer = new Promise<string>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    const timer = setTimeout(() => {
      this.settle((waiting) =>
        waiting.reject(new Error(`no answer within ${Math.round(limit / 1000)} seconds`)),
      );
      this.stop();
    }, limit);
    try {
      this.process.stdin?.write(`${JSON.stringify(request)}\n`);
      const reply = JSON.parse(await answer) as T & { error?: string };
      if (reply.error !== undefined) throw new Error(reply.error);
      return reply;
    } finally {
      clearTimeout(timer);
    }
  }

  stop(): void {
    this.process.kill('SIGKILL');
  }

  private end(why: string): void {
    this.ended ??= why;
    this.settle((waiting) => waiting.reject(new Error(why)));
  }

  private settle(how: (waiting: NonNullable<Child['waiting']>) => void): void {
    const { waiting } = this;
    this.waiting = null;
    if (waiting) how(waiting);
  }
}

/** The last line of an error's text that says something. */
function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  const told = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
  return told.trim().slice(0, TOLD);
}
