import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../support/backends';
import { everyMethodOn, kindsAndSamplers } from '../support/kinds';
import { liveCourse } from '../support/live';

/**
 * Every number that a run takes over while it goes on, raised and lowered over every sampler and by every method, with
 * steps replayed against the same steps run one by one. The students of one sampler run side by side, as in a real run.
 */
describe.each(['webgpu', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it.each(kindsAndSamplers)('$title', async ({ kind, sampler }) => {
    const students = everyMethodOn(kind, sampler);
    expect(students.length).toBeGreaterThan(0);
    const plain = await liveCourse(kind, students, false);
    const replayed = await liveCourse(kind, students, true);
    expect(plain.live.toSorted()).toEqual([
      ...(kind === 'line' ? [] : ['method temperature']),
      ...(sampler.id === 'none' ? [] : ['sampler share']),
    ]);
    expect(plain.replayed).not.toContain(true);
    expect(replayed.replayed.includes(true)).toBe(backend === 'webgpu');
    // Noise is made by the processor: with none in the batch the step is recorded, with some it is refused in words.
    const refused = backend === 'webgpu' && sampler.id === 'noise';
    expect(replayed.notices.length).toBe(refused ? 1 : 0);
    expect(replayed.losses).toEqual(plain.losses);
    for (const [i, { name }] of students.entries())
      expect(replayed.weights[i], name).toEqual(plain.weights[i]);
  });
});
