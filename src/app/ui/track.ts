/** Where a slider stands on its track, and the value that each place of the track means. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Equal ways on the track are equal ratios of the value. */
  readonly log: boolean;
}

/** Places of a log slider's track, whose ends are 0 and 1. */
export const LOG_STEP = 0.005;

/** The place on the track of a value. */
export function toTrack(value: number, { min, max, log }: Scale): number {
  return log ? Math.log(value / min) / Math.log(max / min) : value;
}

/** The allowed value nearest to a place on the track: a multiple of the step, or an end. */
export function fromTrack(place: number, scale: Scale): number {
  const { min, max, step, log } = scale;
  // The last multiple may lie before the end.
  if (log && place >= 1) return max;
  return allowed(log ? min * (max / min) ** place : place, { min, max, step });
}

/**
 * The value after a move on the track that ended at a place. One place of a log track can be less than a step of the value:
 * a move always reaches another allowed value, as far as there is one, so that arrow keys are never stuck.
 */
export function movedTo(place: number, value: number, scale: Scale): number {
  const next = fromTrack(place, scale);
  const way = Math.sign(place - toTrack(value, scale));
  if (way === 0 || (next - value) * way > 0) return next;
  const { min, max, step } = scale;
  // A value between two multiples (an end, or one from a link) goes on to the nearest multiple in that direction.
  const count = value / step;
  const beyond = way > 0 ? Math.floor(count + 1e-6) + 1 : Math.ceil(count - 1e-6) - 1;
  return Math.min(max, Math.max(min, Number((beyond * step).toFixed(6))));
}

function allowed(value: number, { min, max, step }: Omit<Scale, 'log'>): number {
  return Math.min(max, Math.max(min, Number((Math.round(value / step) * step).toFixed(6))));
}
