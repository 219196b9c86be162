import type { AppState } from './state';

/** How long a silent worker is believed to be working, in milliseconds. Software GPUs need minutes for an answer. */
const PATIENCE = { running: 10_000, preparing: 60_000, starting: 90_000, software: 240_000 };
/** A run may be silent for as long as so many of its steps take. */
const STEPS_OF_PATIENCE = 10;

/** Milliseconds of silence that are too many at this moment; null where the worker is not expected to speak. */
export function patienceFor(state: AppState): number | null {
  const { worker, live, device, speed, anomaly, own } = state;
  if (worker === 'starting') return PATIENCE.starting;
  const most = (usual: number) => (device?.software ? PATIENCE.software : usual);
  if (anomaly) {
    const busy = anomaly.phase === 'running' || anomaly.phase === 'preparing';
    return busy ? most(PATIENCE.preparing) : null;
  }
  if (own.teacher.request !== null || own.data.request !== null) return most(PATIENCE.preparing);
  if (live?.phase === 'running' && speed !== 'slow') {
    // The first step compiles kernels; after that the steps themselves say how long one takes.
    const rate = live.progress?.stepsPerSecond ?? 0;
    if (rate === 0) return most(PATIENCE.preparing);
    return most(Math.max(PATIENCE.running, (STEPS_OF_PATIENCE * 1000) / rate));
  }
  if (live?.phase === 'preparing') return most(PATIENCE.preparing);
  return null;
}
