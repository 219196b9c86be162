/** So many trained networks are kept at most: the oldest goes first. */
const MOST = 12;

/** Networks that were trained before a run, for a next run with the same settings: what is finished is not lost. */
export class Keep {
  private readonly kept = new Map<string, unknown>();

  /** @returns what was put under the key, undefined where that is nothing (any more) */
  get(key: string): unknown {
    return this.kept.get(key);
  }

  put(key: string, taught: unknown): void {
    this.kept.delete(key);
    this.kept.set(key, taught);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST && oldest !== undefined) this.kept.delete(oldest);
  }

  clear(): void {
    this.kept.clear();
  }
}
