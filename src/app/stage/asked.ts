import type { StageSample } from '../../worker/protocol';

const NOTHING: readonly StageSample[] = [];

/** The sampled points that a student learns from: those of its own sampler. */
export function askedOf(
  board: readonly StageSample[],
  sampler: string | undefined,
): readonly StageSample[] {
  return sampler === 'none' ? NOTHING : board.filter(({ source }) => source === sampler);
}
