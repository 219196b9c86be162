/** Numbers as people read them. A no-break space keeps a number with its unit. */

const NBSP = '\u00a0';

/** 0.9253 -> "92.5 %". */
export function percent(fraction: number, digits = 1): string {
  return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(digits)}${NBSP}%` : '–';
}

/** 1234567 -> "1,234,567". */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

/** 174970 -> "175 k", 41298 -> "41.3 k", 812345 -> "812 k", 20.5e6 -> "20.5 M". */
export function short(value: number): string {
  if (value < 1000) return `${Math.round(value)}`;
  const [scaled, unit] = value < 999_500 ? [value / 1e3, 'k'] : [value / 1e6, 'M'];
  return `${scaled < 100 ? Number(scaled.toFixed(1)) : Math.round(scaled)}${NBSP}${unit}`;
}

/** A measured number with about three digits: 1.374 -> "1.37", 0.0103 -> "0.0103", 12.6 -> "12.6", 4.1e8 -> "4.1e8". */
export function measured(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1e5) return value.toExponential(1).replace('e+', 'e');
  if (value !== 0 && Math.abs(value) < 0.1) return String(Number(value.toPrecision(2)));
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

/** 38.2 -> "38 s left", 95 -> "1 min 35 s left". */
export function timeLeft(seconds: number | null): string {
  return seconds === null || !Number.isFinite(seconds) ? '' : `${duration(seconds)} left`;
}

/** Seconds that a run still takes: slow mode waits for one second from step to step, however fast a step is. */
export function secondsLeft(
  progress: { readonly step: number; readonly steps: number; readonly secondsLeft: number | null },
  speed: 'slow' | 'live' | 'max',
): number | null {
  if (speed !== 'slow') return progress.secondsLeft;
  return Math.max(progress.secondsLeft ?? 0, progress.steps - progress.step);
}

function duration(seconds: number): string {
  const total = Math.max(0, Math.ceil(seconds));
  const minutes = Math.floor(total / 60);
  if (minutes === 0) return `${total}${NBSP}s`;
  if (minutes >= 60) return `${Math.floor(minutes / 60)}${NBSP}h ${minutes % 60}${NBSP}min`;
  return `${minutes}${NBSP}min ${total % 60}${NBSP}s`;
}

/** Entropy in bits of a distribution. */
export function entropyBits(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}
