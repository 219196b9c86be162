import type { AnyValues } from '../../recipe/fields';
import type { Random } from '../../recipe/random';
import type { DrawContext, Sampler } from '../contract';
import type { RowPlan, View } from './provenance';

/** How many of a row's nearest others may be its partners, where pairs are of neighbours. */
export const NEIGHBOURS = 10;

/** The transfer set as samplers see it. */
export interface Transfer {
  readonly labels: Uint8Array;
  readonly count: number;
  readonly shape: readonly number[];
  /** Rows of each class. */
  readonly byClass: readonly (readonly number[])[];
  /** Each row's nearest others in the teacher's features; there where pairs of neighbours are asked for. */
  readonly neighbours?: readonly Int32Array[];
}

/** Indexes a transfer set: the first `count` labels. */
export function transferOf(
  labels: Uint8Array,
  count: number,
  shape: readonly number[],
  classes: number,
): Transfer {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  for (let row = 0; row < count; row++) byClass[labels[row] as number]?.push(row);
  return { labels, count, shape, byClass };
}

/** How many rows of a batch are synthetic. They stand last. */
export function syntheticCount(sampler: Sampler, params: AnyValues, batch: number): number {
  return sampler.id === 'none' ? 0 : Math.round((params.share as number) * batch);
}

/**
 * The rows of one batch: real rows first, then synthetic ones, each starting from its own row of the list that all arms
 * of the step share. Where a half is to be selected, twice as many synthetic rows come back (the second half from rows
 * drawn anew); the caller keeps those that the teacher's certainty decides.
 */
export function composeRows(
  sampler: Sampler,
  params: AnyValues,
  rows: ArrayLike<number>,
  transfer: Transfer,
  random: Random,
): RowPlan[] {
  const synthetic = syntheticCount(sampler, params, rows.length);
  const real = rows.length - synthetic;
  const view = () => drawView(params, transfer.shape, random);
  const context: DrawContext = {
    random,
    params,
    count: transfer.count,
    classes: transfer.byClass.length,
    shape: transfer.shape,
    partner: (row) => ({ row: drawPartner(row, params, transfer, random), view: view() }),
  };
  const plans: RowPlan[] = [];
  for (let i = 0; i < real; i++)
    plans.push({ row: rows[i] as number, view: view(), mix: { kind: 'real' } });
  const pool = params.select === 'all' || params.select === undefined ? synthetic : 2 * synthetic;
  for (let i = 0; i < pool; i++) {
    const row = i < synthetic ? (rows[real + i] as number) : random.integer(transfer.count);
    plans.push({ row, view: view(), mix: sampler.draw(row, context) });
  }
  return plans;
}

function drawView(params: AnyValues, shape: readonly number[], random: Random): View | null {
  if (params.augment !== 'crop-flip' || shape.length !== 3) return null;
  const pad = params.pad as number;
  return {
    top: random.integer(2 * pad + 1) - pad,
    left: random.integer(2 * pad + 1) - pad,
    flip: random.bernoulli(0.5),
  };
}

function drawPartner(row: number, params: AnyValues, transfer: Transfer, random: Random): number {
  const own = transfer.labels[row] as number;
  const mates = transfer.byClass[own] ?? [];
  if (params.pairs === 'same') return mates[random.integer(mates.length)] ?? row;
  if (params.pairs === 'neighbours') {
    if (!transfer.neighbours)
      throw new Error('pairs of neighbours were drawn before they were found');
    const near = transfer.neighbours[row] ?? [];
    return near.length > 0 ? (near[random.integer(near.length)] as number) : row;
  }
  const others = transfer.count - mates.length;
  if (params.pairs === 'different' && others > 0) {
    // A draw misses with the share of one class, so that few are needed.
    for (;;) {
      const other = random.integer(transfer.count);
      if (transfer.labels[other] !== own) return other;
    }
  }
  return random.integer(transfer.count);
}
