import type { ClassAnswers } from '../../recipe/meaning';
import { bestOutputs } from './assign';

/** Logits of a network on labelled examples, as it orders its outputs: [labels.length, size]. */
export interface Labelled {
  readonly logits: Float32Array;
  readonly size: number;
  readonly labels: Uint8Array;
}

type ClassMap = ClassAnswers['classes'];

/** How far below the highest logit a class without an output stands (see behind.ts). */
const LOW = Math.log(1e-7);

export interface Score {
  /** Share of examples whose class has the highest logit. */
  readonly accuracy: number;
  /** Mean log-likelihood of the labels in nats. */
  readonly logLikelihood: number;
}

/** How well outputs fit the labels where each class has the output that a map says. */
export function scoreOf({ logits, size, labels }: Labelled, map: ClassMap): Score {
  let right = 0;
  let sum = 0;
  labels.forEach((label, row) => {
    const of = map.map((place) =>
      place === null ? -Infinity : (logits[row * size + place] as number),
    );
    const top = Math.max(...of);
    const own = of.map((n) => (n === -Infinity ? top + LOW : n));
    const all = own.reduce((total, n) => total + Math.exp(n - top), 0);
    if (own.indexOf(Math.max(...own)) === label) right += 1;
    const log = (own[label] as number) - top - Math.log(all);
    // Under a wrong normalisation a network may answer with no numbers at all.
    sum += Number.isFinite(log) ? Math.max(log, 2 * LOW) : 2 * LOW;
  });
  return { accuracy: right / labels.length, logLikelihood: sum / labels.length };
}

/** The map of classes that the labels speak for, by which output is the highest how often. */
export function mapByLabels(
  { logits, size, labels }: Labelled,
  classes: number,
): (number | null)[] {
  const counts = new Float64Array(classes * size);
  labels.forEach((label, row) => {
    let best = 0;
    for (let o = 1; o < size; o++)
      if ((logits[row * size + o] as number) > (logits[row * size + best] as number)) best = o;
    const at = label * size + best;
    counts[at] = (counts[at] as number) + 1;
  });
  return bestOutputs(counts, classes, size);
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** The map of classes by the names of the outputs; null where fewer than half of the classes are named. */
export function mapByNames(
  names: readonly string[] | null,
  size: number,
  classes: readonly string[],
): (number | null)[] | null {
  if (names?.length !== size) return null;
  const places = new Map(names.map((name, place) => [plain(name), place]));
  if (places.size < size) return null;
  const map = classes.map((name) => places.get(plain(name)) ?? null);
  return map.filter((place) => place !== null).length * 2 >= classes.length ? map : null;
}

/** True where one accuracy is clearly better than another that was to be expected. */
export const clearlyBetter = (found: number, expected: number, chance: number): boolean =>
  found > expected + 0.1 && found > 2 * chance + 0.1;
