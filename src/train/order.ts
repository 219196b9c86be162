import { Random } from '../recipe/random';

/** Rows in random order, epoch after epoch: every row once before any comes again. A batch may cross an epoch. */
export class Order {
  private readonly random: Random;
  private readonly count: number;
  private epoch: Uint32Array = new Uint32Array(0);
  private at = 0;

  constructor(count: number, seed: number) {
    this.count = count;
    this.random = Random.from(seed, 'order');
  }

  /** The next `batch` rows. */
  next(batch: number): Uint32Array {
    const rows = new Uint32Array(batch);
    for (let i = 0; i < batch; i++) {
      if (this.at === this.epoch.length) {
        this.epoch = this.random.permutation(this.count);
        this.at = 0;
      }
      rows[i] = this.epoch[this.at++] as number;
    }
    return rows;
  }
}
