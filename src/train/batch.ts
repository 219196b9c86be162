import * as tf from '@tensorflow/tfjs';
import { whole } from '../gpu/belongings';
import type { Belongings } from '../gpu/belongings';
import type { Choice } from '../recipe/recipe';
import { Random } from '../recipe/random';
import { composeRows, syntheticCount } from '../samplers/parts/compose';
import type { Transfer } from '../samplers/parts/compose';
import type { RowPlan } from '../samplers/parts/provenance';
import type { TeacherAnswer } from '../methods/contract';
import { samplers } from '../samplers/registry';
import type { Sampler } from '../samplers/contract';
import { doubtOf } from './gaussian';
import { entropy, probabilities } from './metrics';
import type { Part } from '../gpu/kernels/batch';
import type { Rows } from './rows';
import type { Teacher } from './teacher';

/** One batch with everything that any method of its arms needs. Tensors are the caller's to dispose. */
export interface Batch {
  readonly plans: readonly RowPlan[];
  /** How many of the rows, counted from the end, are synthetic. */
  readonly synthetic: number;
  readonly x: tf.Tensor;
  readonly teacher: tf.Tensor2D | null;
  readonly parents: { first: tf.Tensor2D; second: tf.Tensor2D; share: tf.Tensor2D } | null;
  /** All teachers' answers, the first teacher's first; its logits are `teacher`. Empty where nobody needs a teacher. */
  readonly teachers: readonly TeacherAnswer[];
  /** Targets from labels, [n, classes]; the caller's to dispose of. */
  targets(mixed: boolean): tf.Tensor2D;
  /** The lines of a table [rows of the set, columns] for these rows; the caller's to dispose of. */
  lookUp(table: tf.Tensor2D): tf.Tensor2D;
  /** See `Rows.store`. */
  store(table: tf.Tensor2D, lines: tf.Tensor2D): tf.Tensor2D;
}

export interface Needs {
  readonly logits: boolean;
  readonly parents: boolean;
  /** Inner outputs of the teachers. */
  readonly taps: boolean;
  /** The companions' answers beside the first teacher's. */
  readonly several: boolean;
  /** True where answers are Gaussians and not logits. */
  readonly gaussian?: boolean;
}

/**
 * One distinct sampler setting of a run and its stream of draws. All settings start from the same stream, so that arms
 * whose settings differ only in what follows a draw still draw alike.
 */
export class BatchMaker {
  readonly key: string;
  readonly sampler: Sampler;
  choice: Choice;
  private readonly random: Random;
  private readonly needs: Needs;
  private readonly rows: Rows;
  /** How many rows of the batch, counted from the end, are synthetic. */
  synthetic = 0;

  /** @param rows where its batches are rendered; its own, and freed with it */
  constructor(choice: Choice, seed: number, needs: Needs, rows: Rows) {
    this.key = JSON.stringify(choice);
    this.choice = choice;
    this.sampler = samplers.get(choice.id);
    this.random = Random.from(seed, 'draws');
    this.needs = needs;
    this.rows = rows;
  }

  /** How many rows of a batch come from the data set as they are. */
  realRows(batch: number): number {
    return batch - syntheticCount(this.sampler, this.choice.params, batch);
  }

  /** True where the teacher's certainty decides which rows are kept: its answers are read back in each step. */
  get selects(): boolean {
    const { select, share } = this.choice.params;
    return select !== undefined && select !== 'all' && share !== 0;
  }

  /** Draws the rows of the next batch. @param real the real rows that all arms share */
  draw(real: ArrayLike<number>, transfer: Transfer): void {
    const { params } = this.choice;
    this.rows.set(composeRows(this.sampler, params, real, transfer, this.random));
    this.synthetic = syntheticCount(this.sampler, params, real.length);
  }

  /** The rows that were drawn last, and kept. */
  get plans(): readonly RowPlan[] {
    return this.rows.plans;
  }

  /**
   * What the launches of `make` depend on for the rows that were drawn: batches of one form are made alike.
   *
   * @param asks false where nobody looks at the teacher's answers in this step
   */
  form(teacher: Teacher, asks: boolean): string {
    const { logits, parents, taps } = this.needs;
    const parts: Part[] = [
      ...(logits && !taps ? (['mixed'] as const) : []),
      ...(parents ? (['first', 'second'] as const) : []),
    ];
    const known = asks ? parts.map((part) => teacher.known(this.plans, part)) : 'nobody';
    return `${this.rows.form} rows, asks ${String(known)}`;
  }

  /**
   * Renders the batch that was drawn and has the teacher answer it: the same launches each time for one `form`.
   *
   * @param asks false where nobody looks at the teacher's answers in this step
   */
  make(teacher: Teacher, asks = true): Batch {
    if (this.selects) throw new Error('a batch of chosen rows is made by makeChosen');
    return whole((parts) => {
      const x = parts.add(this.rows.inputs('mixed'));
      const { logits, taps } = this.needs;
      if (!logits || !asks) return this.batchOf(parts, x, null, teacher, asks);
      const first = taps
        ? teacher.explain(x)
        : { logits: teacher.answer(this.rows, 'mixed', x), taps: {} };
      return this.batchOf(parts, x, first, teacher);
    });
  }

  /** @param parts takes what the batch is made of, so that all of it is freed where some of it cannot be made */
  private batchOf(
    parts: Belongings,
    x: tf.Tensor,
    first: TeacherAnswer | null,
    teacher: Teacher,
    asks = true,
  ): Batch {
    const { rows, synthetic } = this;
    if (first) for (const made of answerTensors(first)) parts.add(made);
    const companions = first ? this.companions(teacher, x, parts) : [];
    return {
      plans: rows.plans,
      synthetic,
      x,
      teacher: first?.logits ?? null,
      teachers: first ? [first, ...companions] : [],
      parents: asks ? this.parents(teacher, parts) : null,
      targets: (mixed) => rows.targets(mixed),
      lookUp: (table) => rows.lookUp(table, 'first', rows.plans.length),
      store: (table, lines) => rows.store(table, lines),
    };
  }

  private companions(teacher: Teacher, x: tf.Tensor, parts: Belongings): readonly TeacherAnswer[] {
    const { taps, several } = this.needs;
    if (!several) return [];
    return teacher.companions.map((other) => {
      const answer = taps
        ? other.explain(x)
        : { logits: other.answer(this.rows, 'mixed', x), taps: {} };
      for (const made of answerTensors(answer)) parts.add(made);
      return answer;
    });
  }

  /** The same for a sampler that keeps the half of the synthetic rows of which the teacher is most, or least, sure. */
  async makeChosen(teacher: Teacher): Promise<Batch> {
    const { synthetic } = this;
    const pool = this.rows.plans;
    const x = this.rows.inputs('mixed');
    const logits = teacher.answer(this.rows, 'mixed', x);
    const answers = { logits: (await logits.data()) as Float32Array, classes: logits.shape[1] };
    const real = pool.length - 2 * synthetic;
    const doubt = this.needs.gaussian
      ? (row: number) => doubtOf(answers, row)
      : (row: number) => entropy(probabilities(answers, row));
    const ranked = Array.from({ length: 2 * synthetic }, (_, i) => {
      const row = real + i;
      return { row, doubt: doubt(row) };
    });
    const sign = this.choice.params.select === 'confident' ? 1 : -1;
    ranked.sort((a, b) => sign * (a.doubt - b.doubt) || a.row - b.row);
    const kept = [
      ...Array.from({ length: real }, (_, i) => i),
      ...ranked
        .slice(0, synthetic)
        .map((entry) => entry.row)
        .sort((a, b) => a - b),
    ];
    const plans = kept.map((row) => pool[row] as RowPlan);
    const [chosen, answered] = tf.tidy(() => {
      const rows = tf.tensor1d(kept, 'int32');
      return [tf.gather(x, rows), tf.gather(logits, rows)] as [tf.Tensor, tf.Tensor2D];
    });
    x.dispose();
    logits.dispose();
    this.rows.set(plans);
    return whole((parts) => {
      parts.add(chosen);
      if (!this.needs.taps)
        return this.batchOf(parts, chosen, { logits: answered, taps: {} }, teacher);
      answered.dispose();
      return this.batchOf(parts, chosen, teacher.explain(chosen), teacher);
    });
  }

  /** The teacher's logits on both parents of each row; a row that was not mixed is its own second parent. */
  private parents(teacher: Teacher, parts: Belongings): Batch['parents'] {
    if (!this.needs.parents) return null;
    const answer = (part: 'first' | 'second') => {
      const x = this.rows.inputs(part);
      try {
        return parts.add(teacher.answer(this.rows, part, x));
      } finally {
        x.dispose();
      }
    };
    return {
      first: answer('first'),
      second: answer('second'),
      share: parts.add(this.rows.shares()),
    };
  }

  dispose(): void {
    this.rows.dispose();
  }
}

const answerTensors = ({ logits, taps }: TeacherAnswer): readonly tf.Tensor[] => [
  logits,
  ...Object.values(taps),
];

/** Frees a batch's tensors. */
export function disposeBatch(batch: Batch): void {
  batch.x.dispose();
  for (const answer of batch.teachers) tf.dispose([...answerTensors(answer)]);
  if (batch.parents) tf.dispose([batch.parents.first, batch.parents.second, batch.parents.share]);
}
