import { describe, expect, test } from 'vitest';
import { fromTrack, LOG_STEP, movedTo, toTrack } from '../../src/app/ui/track';

/** What a browser makes of a range field's place: the nearest place of the track. */
const shown = (value: number, scale: Parameters<typeof toTrack>[1]) =>
  Math.round(toTrack(value, scale) / LOG_STEP) * LOG_STEP;

describe('arrow keys on a slider', () => {
  const ends = { min: 20, max: 18_000, log: true };

  test.each([500, 50, 100, 130, 405, 1_234, 17_950, 450])(
    'from %i, either key reaches another allowed value, in its direction',
    (value) => {
      const scale = { ...ends, step: value > 400 ? 50 : 5 };
      const place = shown(value, scale);
      const up = movedTo(place + LOG_STEP, value, scale);
      const down = movedTo(place - LOG_STEP, value, scale);
      expect(up).toBeGreaterThan(value);
      expect(down).toBeLessThan(value);
      for (const next of [up, down])
        expect(next % scale.step === 0 || next === scale.max).toBe(true);
    },
  );

  test('a place less than a step away is the next multiple of the step', () => {
    const scale = { ...ends, step: 50 };
    expect(movedTo(shown(500, scale) + LOG_STEP, 500, scale)).toBe(550);
    expect(movedTo(shown(500, scale) - LOG_STEP, 500, scale)).toBe(450);
    expect(movedTo(shown(520, scale) + LOG_STEP, 520, scale)).toBe(550);
  });

  test('the ends stay the ends', () => {
    const scale = { ...ends, max: 18_020, step: 50 };
    expect(movedTo(1, 500, scale)).toBe(18_020);
    expect(movedTo(1, 18_020, scale)).toBe(18_020);
    expect(movedTo(0, 20, { ...ends, step: 5 })).toBe(20);
  });

  test('a slider in equal steps moves by its step', () => {
    const scale = { min: 1, max: 20, step: 0.5, log: false };
    expect(movedTo(4.5, 4, scale)).toBe(4.5);
    expect(fromTrack(3.9999999, scale)).toBe(4);
  });
});
