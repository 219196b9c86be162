import * as tf from '@tensorflow/tfjs';
import type { Choice } from '../recipe/recipe';
import { Random } from '../recipe/random';
import { composeRows, syntheticCount } from '../samplers/parts/compose';
import type { Transfer } from '../samplers/parts/compose';
import type { RowPlan } from '../samplers/parts/provenance';
import { samplers } from '../samplers/registry';
import type { Sampler } from '../samplers/contract';
import type { Pixels } from '../samplers/parts/render';
import { renderTensor } from './data';
import { entropy, probabilities } from './metrics';
import type { Teacher } from './teacher';

/** One batch with everything that any method of its arms needs. Tensors are the caller's to dispose. */
export interface Batch {
  readonly plans: readonly RowPlan[];
  /** How many of the rows, counted from the end, are synthetic. */
  readonly synthetic: number;
  readonly x: tf.Tensor;
  readonly teacher: tf.Tensor2D | null;
  readonly parents: { first: tf.Tensor2D; second: tf.Tensor2D; share: tf.Tensor2D } | null;
}

export interface Needs {
  readonly logits: boolean;
  readonly parents: boolean;
}

/**
 * One distinct sampler setting of a run and its stream of draws. All settings start from the same stream, so that arms
 * whose settings differ only in what follows a draw still draw alike.
 */
export class BatchMaker {
  readonly key: string;
  readonly sampler: Sampler;
  readonly choice: Choice;
  private readonly random: Random;
  private readonly needs: Needs;

  constructor(choice: Choice, seed: number, needs: Needs) {
    this.key = JSON.stringify(choice);
    this.choice = choice;
    this.sampler = samplers.get(choice.id);
    this.random = Random.from(seed, 'draws');
    this.needs = needs;
  }

  /** How many rows of a batch come from the data set as they are. */
  realRows(batch: number): number {
    return batch - syntheticCount(this.sampler, this.choice.params, batch);
  }

  /** Draws, renders and has the teacher answer one batch. @param rows the real rows that all arms share */
  async make(
    rows: ArrayLike<number>,
    transfer: Transfer,
    pixels: Pixels,
    teacher: Teacher,
  ): Promise<Batch> {
    const { params } = this.choice;
    const plans = composeRows(this.sampler, params, rows, transfer, this.random);
    const synthetic = syntheticCount(this.sampler, params, rows.length);
    const x = renderTensor(pixels, plans);
    if (plans.length > rows.length) return this.select(plans, synthetic, x, pixels, teacher);
    return {
      plans,
      synthetic,
      x,
      teacher: this.needs.logits ? teacher.answer(plans, x) : null,
      parents: this.parents(plans, pixels, teacher),
    };
  }

  /** Keeps the half of the synthetic rows of which the teacher is most, or least, sure. */
  private async select(
    pool: readonly RowPlan[],
    synthetic: number,
    x: tf.Tensor,
    pixels: Pixels,
    teacher: Teacher,
  ): Promise<Batch> {
    const logits = teacher.answer(pool, x);
    const answers = { logits: (await logits.data()) as Float32Array, classes: logits.shape[1] };
    const real = pool.length - 2 * synthetic;
    const ranked = Array.from({ length: 2 * synthetic }, (_, i) => {
      const row = real + i;
      return { row, entropy: entropy(probabilities(answers, row)) };
    });
    const sign = this.choice.params.select === 'confident' ? 1 : -1;
    ranked.sort((a, b) => sign * (a.entropy - b.entropy) || a.row - b.row);
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
    return {
      plans,
      synthetic,
      x: chosen,
      teacher: answered,
      parents: this.parents(plans, pixels, teacher),
    };
  }

  /** The teacher's logits on both parents of each row; a row that was not mixed is its own second parent. */
  private parents(plans: readonly RowPlan[], pixels: Pixels, teacher: Teacher): Batch['parents'] {
    if (!this.needs.parents) return null;
    const first = plans.map((plan): RowPlan => ({
      row: plan.row,
      view: plan.view,
      mix: { kind: 'real' },
    }));
    const second = plans.map((plan, i) =>
      'partner' in plan.mix
        ? ({
            row: plan.mix.partner,
            view: plan.mix.partnerView,
            mix: { kind: 'real' },
          } satisfies RowPlan)
        : (first[i] as RowPlan),
    );
    const share = plans.map((plan) => ('share' in plan.mix ? plan.mix.share : 1));
    return {
      first: answerPlans(first, pixels, teacher),
      second: answerPlans(second, pixels, teacher),
      share: tf.tensor2d(share, [plans.length, 1]),
    };
  }
}

function answerPlans(plans: readonly RowPlan[], pixels: Pixels, teacher: Teacher): tf.Tensor2D {
  const x = renderTensor(pixels, plans);
  const logits = teacher.answer(plans, x);
  x.dispose();
  return logits;
}

/** Frees a batch's tensors. */
export function disposeBatch(batch: Batch): void {
  batch.x.dispose();
  batch.teacher?.dispose();
  if (batch.parents) tf.dispose([batch.parents.first, batch.parents.second, batch.parents.share]);
}

/**
 * Targets from labels, [n, classes]: one-hot where a row's label is true; for mixed rows a mixture by share where
 * `mixed`, else zeros (a synthetic row has no label).
 */
export function targetsOf(
  plans: readonly RowPlan[],
  labels: Uint8Array,
  classes: number,
  mixed: boolean,
): Float32Array {
  const out = new Float32Array(plans.length * classes);
  plans.forEach((plan, i) => {
    const own = i * classes + (labels[plan.row] as number);
    if (!('partner' in plan.mix)) {
      out[own] = 1;
    } else if (mixed) {
      const other = i * classes + (labels[plan.mix.partner] as number);
      out[own] = (out[own] as number) + plan.mix.share;
      out[other] = (out[other] as number) + 1 - plan.mix.share;
    }
  });
  return out;
}
