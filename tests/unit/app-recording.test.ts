import { describe, expect, test } from 'vitest';
import { presets } from '../../src/recipe/presets';
import { packRecording, unpackRecording } from '../../src/recipe/recording';
import type { Recording } from '../../src/recipe/recording';
import { replayFactor } from '../../src/app/replay';

const pixels = Uint8ClampedArray.from({ length: 4 * 9 }, (_, at) =>
  at % 4 === 3 ? 255 : (at * 37) % 256,
);

/** Three classes: certain in the upper corners, undecided between two in the lower ones. */
const corners = Float32Array.from([1, 0, 0, 0, 0, 1, 0.5, 0.5, 0, 0, 0.5, 0.5]);

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
        teacher: { side: 2, extent: 2.5, probabilities: corners },
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
    const { side, extent, probabilities } = plane.teacher;
    expect([side, extent, probabilities.length]).toEqual([32, 2.5, 32 * 32 * 3]);
    const at = (place: number) => Array.from(probabilities.slice(place * 3, place * 3 + 3));
    const near = (place: number, expected: number[]) =>
      at(place).forEach((value, k) => expect(value).toBeCloseTo(expected[k] ?? NaN, 2));
    near(0, [1, 0, 0]);
    near(31, [0, 0, 1]);
    near(31 * 32, [0.5, 0.5, 0]);
    near(32 * 32 - 1, [0, 0.5, 0.5]);
  });

  test('holds equal pictures once', () => {
    expect((JSON.parse(text) as { blobs: string[] }).blobs).toHaveLength(2);
  });

  test('is refused when it is something else', () => {
    expect(unpackRecording(null)).toBeNull();
    expect(unpackRecording('<!doctype html>')).toBeNull();
    expect(unpackRecording({ ...(JSON.parse(text) as object), version: 1 })).toBeNull();
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
