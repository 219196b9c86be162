import type { Tensors } from '../support/cells';

/** Largest relative error of a gradient whose time is believed. */
const TOLERANCE = 1e-3;
/** Distance of neighbouring float32 values around 1. */
const ULP = 2 ** -23;

export interface Check {
  readonly passed: boolean;
  /** Largest error, relative to the largest change of the same tensor. */
  readonly error: number;
  /** The tensor that it was found in. */
  readonly tensor: string;
}

/**
 * Compares what one step did to the weights with what the reference's step did, tensor by tensor. Weights are float32, so
 * that two units in their last place are forgiven; nothing else is.
 *
 * @param start the weights before the step; null compares the values themselves (a kernel's outputs)
 * @param expected the reference's, which says which tensors there have to be
 */
export function check(
  start: ReadonlyMap<string, Float32Array> | null,
  found: Tensors,
  expected: Tensors,
): Check {
  let worst = { error: 0, tensor: '' };
  for (const [tensor, { values }] of expected) {
    const before = start === null ? new Float32Array(values.length) : start.get(tensor);
    const error = errorOf(before, found.get(tensor)?.values, values, start !== null);
    if (error > worst.error) worst = { error, tensor };
  }
  return { ...worst, passed: worst.error <= TOLERANCE };
}

function errorOf(
  before: Float32Array | undefined,
  found: Float32Array | undefined,
  expected: Float32Array,
  rounded: boolean,
): number {
  if (found?.length !== expected.length || before?.length !== expected.length) return Infinity;
  let change = 0;
  let size = 0;
  let distance = 0;
  for (let i = 0; i < expected.length; i++) {
    const [start, wanted, got] = [before[i], expected[i], found[i]] as [number, number, number];
    change = Math.max(change, Math.abs(wanted - start));
    size = Math.max(size, Math.abs(wanted));
    const off = Math.abs(got - wanted);
    // NaN would hide behind a maximum.
    distance = Number.isNaN(off) ? Infinity : Math.max(distance, off);
  }
  const forgiven = rounded ? 2 * ULP * size : 0;
  if (distance <= forgiven) return 0;
  return change === 0 ? Infinity : (distance - forgiven) / change;
}
