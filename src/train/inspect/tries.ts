import type { InputRange, Meaning } from '../../recipe/meaning';
import type { TaskSide } from '../../recipe/task-side';
import { joined } from './body';
import type { Answered, Body } from './body';
import type { Examples } from './examples';

/** Examples that every normalisation is tried on; the better ones see more. */
const FIRST = 40;
/** What goes on where trying all on everything would take too long: so many, or those so near to the best. */
const KEPT = 3;
const HOPEFUL = 0.1;
/** Seconds that trying may take, about. */
const BUDGET = 20;
/** Differences that so few examples cannot tell from none: in the share of right answers, and in nats. */
const EQUAL = 0.0201;
const EQUAL_NATS = 0.02;
/** The same as a part of the better log-likelihood. */
const EQUAL_PART = 0.1;

/** How well a normalisation fits. */
export interface Fitness {
  readonly score: number;
  readonly logLikelihood: number;
  /** The same with the order of the classes that suits it best; null where none is looked for. */
  readonly reordered: { readonly score: number; readonly logLikelihood: number } | null;
}

/** What judges the answers. */
export interface Judge {
  judge(answers: Answered, images: number): Fitness;
  /** Whether the best score with another order is so much better than the best without one. */
  speaksForOther(own: number, reordered: number): boolean;
}

export interface Trial extends Fitness {
  readonly input: InputRange;
  /** Among all that are tried: the most usual is 0. */
  readonly place: number;
  readonly images: number;
  readonly answers: Answered;
}

/**
 * Tries normalisations on labelled examples.
 *
 * @returns all of them, the best first
 */
export async function tryInputs(
  inputs: readonly InputRange[],
  body: Body,
  examples: Examples,
  task: TaskSide,
  how: Pick<Meaning, 'resize' | 'flatten'>,
  { judge, speaksForOther }: Judge,
  around: {
    progress(what: string, share: number): void;
    pause(): Promise<void>;
    /** Seconds that trying may take, about; absent is 20. */
    readonly budget?: number;
  },
): Promise<readonly Trial[]> {
  const all = examples.count;
  const first = inputs.length === 1 ? all : Math.min(FIRST, all);
  let done = 0;
  const ask = async (input: InputRange, from: number, to: number) => {
    around.progress(`Trying ${input.name}`, done / inputs.length);
    const found = await body.answers(examples, from, to, task, { ...how, input }, () =>
      around.pause(),
    );
    return found;
  };
  const began = performance.now();
  let trials: Trial[] = [];
  for (const [place, input] of inputs.entries()) {
    const answers = await ask(input, 0, first);
    trials.push({ input, place, images: first, answers, ...judge(answers, first) });
    done += first / all;
  }
  if (first < all) {
    const seconds = (performance.now() - began) / 1000 / (inputs.length * first);
    const affordable = Math.floor((around.budget ?? BUDGET) / seconds);
    const whole = inputs.length * (all - first) <= affordable;
    const ranked = sorted(trials, speaksForOther);
    const hopeful = ranked.filter(
      ({ score }, place) => place < KEPT || score >= (ranked[0]?.score ?? 0) - HOPEFUL,
    );
    const going = whole ? ranked : hopeful;
    const to = whole ? all : Math.min(all, first + Math.ceil(affordable / hopeful.length));
    const further: Trial[] = [];
    for (const trial of going) {
      const more = await ask(trial.input, first, to);
      const answers = new Map(
        [...trial.answers].map(([name, list]) => [
          name,
          joined([list, more.get(name) ?? new Float32Array()]),
        ]),
      );
      further.push({ ...trial, images: to, answers, ...judge(answers, to) });
      done += (to - first) / all;
    }
    trials = [
      ...sorted(further, speaksForOther),
      ...ranked.filter((trial) => !going.includes(trial)),
    ];
    return trials;
  }
  return sorted(trials, speaksForOther);
}

/**
 * The best first: by the share of right answers, then by the likelihood; but of those that fit about as well as the best,
 * the most usual. Another order of the classes counts only where no normalisation does well without one: inputs with dark and light changed fit
 * some order too.
 */
export function sorted<T extends Fitness & Pick<Trial, 'place' | 'images'>>(
  trials: readonly T[],
  speaksForOther: Judge['speaksForOther'],
): T[] {
  const top = (score: (trial: T) => number) => Math.max(0, ...trials.map(score));
  const other = speaksForOther(
    top(({ score }) => score),
    top(({ reordered }) => reordered?.score ?? 0),
  );
  const counted = trials.map((trial) => ({
    ...trial,
    ...(other && trial.reordered && trial.reordered),
  }));
  const ranked = counted.toSorted((a, b) => b.score - a.score || b.logLikelihood - a.logLikelihood);
  const near = nearest(ranked);
  const usual = near.toSorted((a, b) => a.place - b.place);
  return [...usual, ...ranked.filter((trial) => !near.includes(trial))];
}

/** Those trials that fit about as well as the best. */
export function nearest<T extends Pick<Trial, 'score' | 'logLikelihood' | 'images'>>(
  trials: readonly T[],
): readonly T[] {
  const most = Math.max(...trials.map(({ images }) => images));
  const seen = trials.filter(({ images }) => images === most);
  const best = Math.max(...seen.map(({ score }) => score));
  const near = seen.filter(({ score }) => score >= best - EQUAL);
  const top = Math.max(...near.map(({ logLikelihood }) => logLikelihood));
  const room = Math.max(EQUAL_NATS, EQUAL_PART * Math.abs(top));
  return near.filter(({ logLikelihood }) => logLikelihood >= top - room);
}
