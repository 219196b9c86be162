import type { Inspection } from '../../recipe/inspection';
import type { TaskSide } from '../../recipe/task-side';
import type { ReadNetwork } from '../../upload/given';
import type { Fit } from '../../upload/inspect/shape';
import { rangesOf } from '../../upload/net/sides';

/** Whether so many right answers are few beside guessing: of ten classes less than half, of two less than three quarters. */
export const isLow = (accuracy: number, chance: number): boolean =>
  accuracy < Math.min(5 * chance, chance + 0.45 * (1 - chance));

/** What is known of how a network was read. */
interface Known {
  readonly given: ReadNetwork;
  readonly fit: Fit;
  readonly data: TaskSide;
  readonly by: Inspection['normalisationBy'];
  /** Normalisations that were tried. */
  readonly tried: number;
  readonly order: Inspection['order'];
}

/** What could be the cause of few right answers, the likeliest first: the end of a sentence. */
export function doubtsOf({ given, fit, data, by, tried, order }: Known): string {
  const side = data.shape.length === 3 ? (data.shape[0] ?? 0) : 0;
  const others = (given.sides ?? []).filter((one) => one !== side);
  const built = given.format === 'pytorch' || given.format === 'safetensors';
  const range = {
    trying: `its inputs were in other numbers than the ${tried} normalisations that were tried`,
    file: 'its inputs were in other numbers than the file says',
    person: 'its inputs were in other numbers than those that you chose',
  }[by];
  const causes = [
    ...(order?.better ? ['its classes stand in another order (one is offered)'] : []),
    ...(fit.resized ? ['it does not know images that were resized for it'] : []),
    ...(others.length > 0 ? [`its images had another side: ${rangesOf(others)} fit as well`] : []),
    ...(given.anySize ? [`it learnt from images of another size than ${side} x ${side}`] : []),
    ...(fit.colours === 'same'
      ? []
      : ['it does not know images whose colours were changed for it']),
    ...(fit.reshaped && fit.image ? ['its list holds an image in another order'] : []),
    ...(built ? ['something of what was assumed of its layers does not hold'] : []),
    range,
    'it was trained for another task',
  ];
  const last = causes.at(-1) as string;
  return causes.length === 1 ? last : `${causes.slice(0, -1).join(', or ')}, or ${last}`;
}
