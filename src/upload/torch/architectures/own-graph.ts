import * as v from 'valibot';
import { shapesOf } from '../../../models/net/graph';
import type { Graph } from '../../../models/net/graph';
import { LIMITS } from '../../limits';
import { base, count, generalNodes, name } from './own-general';

/**
 * The graph that a student's file holds beside its weights (src/export/student.ts). It matters where a compression has
 * rebuilt the network, so that it is no longer one of our models.
 */

/** What our own architectures are made of, and what networks from files may hold. */
const node = v.variant('op', [
  v.strictObject({
    op: v.literal('conv'),
    ...base,
    filters: count,
    kernel: v.pipe(count, v.maxValue(64)),
    stride: v.pipe(count, v.maxValue(64)),
    pad: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64)),
    bias: v.exactOptional(v.literal(true)),
  }),
  v.strictObject({ op: v.literal('norm'), ...base }),
  v.strictObject({ op: v.literal('relu'), ...base }),
  v.strictObject({ op: v.literal('tanh'), ...base }),
  v.strictObject({ op: v.literal('add'), ...base, other: name }),
  v.strictObject({ op: v.literal('pool'), ...base }),
  v.strictObject({
    op: v.literal('reshape'),
    ...base,
    shape: v.pipe(v.array(count), v.minLength(1), v.maxLength(LIMITS.rank)),
  }),
  v.strictObject({ op: v.literal('upsample'), ...base }),
  v.strictObject({ op: v.literal('dense'), ...base, units: count }),
  ...generalNodes,
]);

export const graphSchema = v.object({
  nodes: v.pipe(v.array(node), v.minLength(1), v.maxLength(LIMITS.layers)),
  output: name,
  taps: v.record(v.pipe(v.string(), v.maxLength(LIMITS.nameLength)), name),
});

/** A graph by its input's shape; null where its nodes do not fit together. */
export function checkedGraph(
  input: readonly number[],
  { nodes, output, taps }: v.InferOutput<typeof graphSchema>,
): Graph | null {
  const graph = { input, nodes, output, taps } satisfies Graph;
  try {
    const shapes = shapesOf(graph);
    const named = [output, ...Object.values(taps)].every((value) => shapes.has(value));
    return named ? graph : null;
  } catch {
    return null;
  }
}
