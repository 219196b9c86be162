import { rewrite } from './terminal';

/** A line that shows how far something is: rewritten in place on a terminal, a line for every tenth elsewhere. */
export class ProgressLine {
  private lastTenth = -1;
  private lastTime = 0;
  private width = 0;

  show(what: string, share: number, secondsLeft: number | null, detail = ''): void {
    const tenth = Math.floor(share * 10);
    const left = secondsLeft === null ? '' : `  ${duration(secondsLeft)} left`;
    if (!process.stderr.isTTY) {
      if (tenth === this.lastTenth) return;
      this.lastTenth = tenth;
      process.stderr.write(`${what} ${Math.round(share * 100)} %${left}${detail}\n`);
      return;
    }
    const now = Date.now();
    if (now - this.lastTime < 100 && share < 1) return;
    this.lastTime = now;
    const filled = Math.round(share * 24);
    const bar = '█'.repeat(filled) + '░'.repeat(24 - filled);
    const text = `${bar} ${what}${left}${detail}`;
    rewrite(text.padEnd(this.width));
    this.width = text.length;
  }

  done(): void {
    this.lastTenth = -1;
    if (process.stderr.isTTY && this.width > 0) {
      rewrite(' '.repeat(this.width));
      rewrite('');
    }
    this.width = 0;
  }
}

/** Seconds in words: 42 s, 3 min 5 s, 2 h 10 min. */
function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
