import { defaultPreset } from '../recipe/presets';
import { unpackRecording, type Recording } from '../recipe/recording';
import type { RunEvent } from '../worker/protocol';

/** A recorded run is shown in at most so many seconds. */
const LONGEST_SHOW = 20;

/**
 * Fetches the recorded run of a preset from beside the page; null where there is none or it cannot be read. Only the
 * presets that a visitor may see first have one.
 */
export async function fetchRecording(preset: string): Promise<Recording | null> {
  if (![defaultPreset('gpu').id, defaultPreset('cpu').id].includes(preset)) return null;
  try {
    const response = await fetch(new URL(`recorded/${preset}.json`, document.baseURI));
    if (!response.ok) return null;
    return unpackRecording((await response.json()) as unknown);
  } catch {
    return null;
  }
}

/** How many times faster than it happened a recording is shown. */
export function replayFactor(recording: Recording): number {
  return Math.max(1, (recording.events.at(-1)?.at ?? 0) / LONGEST_SHOW);
}

/**
 * Plays a recording's events in their time.
 * @param hurry show the end at once, for people who want less motion
 * @returns stops it
 */
export function replay(
  recording: Recording,
  hurry: boolean,
  play: (event: RunEvent) => void,
): () => void {
  const factor = hurry ? Infinity : replayFactor(recording);
  const start = performance.now();
  let next = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const go = () => {
    const elapsed = (performance.now() - start) / 1000;
    for (;;) {
      const timed = recording.events[next];
      if (!timed) return;
      const wait = timed.at / factor - elapsed;
      if (wait > 0) {
        timer = setTimeout(go, wait * 1000);
        return;
      }
      play(timed.event);
      next += 1;
    }
  };
  go();
  return () => clearTimeout(timer);
}
