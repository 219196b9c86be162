import { describe, expect, test } from 'vitest';
import { presets } from '../../src/recipe/presets';
import { packRecording, unpackRecording } from '../../src/recipe/recording';
import type { Recording } from '../../src/recipe/recording';
import { replayFactor } from '../../src/app/replay';

const pixels = Uint8ClampedArray.from({ length: 4 * 9 }, (_, at) =>
  at % 4 === 3 ? 255 : (at * 37) % 256,
);

const recording: Recording = {
  preset: 'spiral',
  recordedOn: 'a test',
  recipe: presets[0].recipe,
  events: [
    {
      at: 1.23456,
      event: {
        type: 'stage',
        samples: [
          {
            id: 1,
            step: 12345,
            source: 'cutmix',
            pixels,
            parents: [{ row: 3, label: 1, share: 0.123456, pixels }],
            teacher: [0.25, 0.75],
            students: [[0.5, 0.5]],
            entropy: 0.8113,
            kl: [0.1308],
          },
        ],
      },
    },
    {
      at: 2,
      event: {
        type: 'plane',
        step: 5,
        teacher: { side: 1, extent: 2.5, probabilities: Float32Array.from([0.2, 0.8]) },
        students: [],
      },
    },
  ],
};

describe('a recording', () => {
  const text = JSON.stringify(packRecording(recording));
  const back = unpackRecording(JSON.parse(text) as unknown);

  test('comes back from JSON, pictures within 4 bits and probabilities within 8', () => {
    expect(back?.preset).toBe('spiral');
    expect(back?.events.map(({ at }) => at)).toEqual([1.23, 2]);
    const [stage, plane] = back?.events.map(({ event }) => event) ?? [];
    if (stage?.type !== 'stage' || plane?.type !== 'plane') throw new Error('types were lost');
    const sample = stage.samples[0];
    expect(sample?.step).toBe(12345);
    expect(sample?.parents[0]?.share).toBe(0.1235);
    expect(sample?.pixels).toBeInstanceOf(Uint8ClampedArray);
    pixels.forEach((value, at) =>
      expect(Math.abs((sample?.pixels[at] ?? NaN) - value)).toBeLessThanOrEqual(8.5),
    );
    expect(plane.teacher.probabilities[1]).toBeCloseTo(0.8, 2);
  });

  test('holds equal pictures once', () => {
    expect((JSON.parse(text) as { blobs: string[] }).blobs).toHaveLength(2);
  });

  test('is refused when it is something else', () => {
    expect(unpackRecording(null)).toBeNull();
    expect(unpackRecording('<!doctype html>')).toBeNull();
    expect(unpackRecording({ ...(JSON.parse(text) as object), version: 2 })).toBeNull();
  });

  test('leaves out events of a kind that is not known', () => {
    const packed = JSON.parse(text) as { events: { event: { type: string } }[] };
    packed.events[0]!.event.type = 'surprise';
    expect(unpackRecording(packed)?.events).toHaveLength(1);
  });

  test('is shown in 20 seconds at most', () => {
    const at = (seconds: number) => ({
      ...recording,
      events: [{ at: seconds, event: { type: 'state', state: 'done' } as const }],
    });
    expect(replayFactor(at(5))).toBe(1);
    expect(replayFactor(at(60))).toBe(3);
  });
});
