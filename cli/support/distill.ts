import { isDeepStrictEqual } from 'node:util';
import type { DeviceReport } from '../../src/recipe/device';
import type { EvaluationPoint, Footprint } from '../../src/recipe/events';
import { FIGURES } from '../../src/recipe/figures';
import type { FigureName, Figures } from '../../src/recipe/figures';
import { shortfall } from '../../src/recipe/learnt';
import { isCompressed } from '../../src/recipe/recipe';
import type { Recipe } from '../../src/recipe/recipe';
import { Control } from '../../src/train/control';
import { loadRun } from '../../src/train/load-run';
import { loadTask } from '../../src/train/prepare';
import { gapClosed, meanAndError } from '../../src/train/statistics';
import { Estimate } from '../../src/train/estimate';
import type { Generation } from '../../src/train/generations';
import type { GapClosed } from '../../src/train/statistics';
import { train } from '../../src/train/train';
import type { ReadNetwork } from '../../src/upload/given';
import { ProgressLine } from './progress';
import { saveStudents } from './save';
import { ownWords } from './own-data';
import { surroundings } from './surroundings';
import { goodTable } from './table';
import { intervalsInWords } from './varied';

/** A figure over seeds; `se` is null with one seed. */
export interface OverSeeds {
  readonly mean: number;
  readonly se: number | null;
  readonly seeds: readonly number[];
}

/** Figures over seeds: those that the task has. */
export type FiguresOverSeeds = Readonly<Partial<Record<FigureName, OverSeeds>>>;

export interface ArmResult extends FiguresOverSeeds {
  readonly name: string;
  readonly method: string;
  readonly sampler: string;
  /** What makes the student smaller; absent where nothing does. */
  readonly compression?: string;
  /** Of the stored student, and of one input through it; absent in older results. */
  readonly bytes?: OverSeeds;
  readonly macs?: OverSeeds;
  /** Share of KD's remaining gap to the teacher that is closed; null where there is no clear gap or no KD. */
  readonly gapClosedVsKd: GapClosed['value'];
  readonly gapClosedVsKdInterval: GapClosed['interval'];
  readonly gapClosedVsErm: GapClosed['value'];
  readonly gapClosedVsErmInterval: GapClosed['interval'];
  /**
   * Seeds in which the student did no better on the test split than the best answer that is the same for every example,
   * in accuracy, KL or NLL; absent in older results.
   */
  readonly notLearnt?: readonly number[];
  /** Validation figures during the run, per seed. */
  readonly curves: readonly (readonly ({ readonly step: number } & Figures)[])[];
}

export interface DistillResult {
  /** There where the run ended before its last seed: how many were asked for, and what ended it. */
  readonly unfinished?: Unfinished;
  readonly recipe: Recipe;
  readonly backend: string;
  readonly adapter: string;
  readonly seeds: readonly number[];
  /** What its intervals are, and what varies between its seeds. */
  readonly intervals: string;
  readonly steps: number;
  readonly stepsPerSecond: number;
  readonly teacher: {
    readonly title: string;
    /** For classes. */
    readonly accuracy?: number;
    readonly accuracySeeds?: readonly number[];
    readonly nll: number;
    /** For real values: all figures. */
    readonly figures?: FiguresOverSeeds;
    readonly parameters: number;
    /** Rows the teacher answered in all, over all seeds. */
    readonly rows: number;
  };
  /** The teachers beside the first; absent where there are none. */
  readonly companions?: readonly { readonly title: string; readonly parameters: number }[];
  /** The line of teachers before the run, on the test split; absent without generations. */
  readonly generations?: readonly {
    readonly title: string;
    readonly accuracy: OverSeeds;
    readonly nll: OverSeeds;
  }[];
  readonly arms: readonly ArmResult[];
}

/** Why a result has fewer seeds than were asked for. */
export interface Unfinished {
  readonly seedsAsked: number;
  /** A signal's name, or "a fault". */
  readonly endedBy: string;
}

interface SeedResult {
  /** Of the best answer that is the same for every test example. */
  readonly constant: Figures;
  /** How many test examples there were. */
  readonly tested: number;
  readonly teacher: Figures;
  readonly students: readonly Figures[];
  readonly footprints: readonly Footprint[];
  readonly points: readonly EvaluationPoint[];
  readonly seconds: number;
  readonly title: string;
  readonly parameters: number;
  readonly rows: number;
  readonly companions: readonly { readonly title: string; readonly parameters: number }[];
  readonly line: readonly Generation[];
}

/**
 * Runs a recipe at several seeds, one after the other, and gathers the test figures of the last weights.
 *
 * @param networks those from files that it names, by their digests
 * @param finished told after each seed what has come of those that are finished
 */
export async function distill(
  recipe: Recipe,
  device: DeviceReport,
  count: number,
  dataFolder: string | undefined,
  saveFolder?: string,
  networks: ReadonlyMap<string, ReadNetwork> = new Map(),
  finished: (soFar: DistillResult) => void = () => undefined,
): Promise<DistillResult> {
  const seeds = Array.from({ length: count }, (_, i) => recipe.seed + i);
  const line = new ProgressLine();
  const results: SeedResult[] = [];
  for (const seed of seeds) {
    results.push(
      await oneSeed(
        { ...recipe, seed },
        line,
        dataFolder,
        results.length,
        count,
        saveFolder,
        networks,
      ),
    );
    finished(gathered(recipe, device, results));
  }
  line.done();
  return gathered(recipe, device, results);
}

/** The figures of the first seeds of a recipe, at least one. */
function gathered(
  recipe: Recipe,
  device: DeviceReport,
  results: readonly SeedResult[],
): DistillResult {
  const count = results.length;
  const seeds = results.map((_, i) => recipe.seed + i);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const teachers = results.map((result) => result.teacher);
  const first = results[0] as SeedResult;
  return {
    recipe,
    backend: device.backend,
    adapter: device.adapter,
    seeds,
    intervals: intervalsInWords(recipe, count),
    steps: recipe.steps,
    stepsPerSecond: (recipe.steps * count) / seconds,
    teacher: {
      title: first.title,
      ...teacherFigures(teachers),
      parameters: first.parameters,
      rows: results.reduce((sum, result) => sum + result.rows, 0),
    },
    ...(first.companions.length > 0 && { companions: first.companions }),
    ...(first.line.length > 0 && { generations: lineResult(results) }),
    arms: recipe.students.map((_, arm) => armResult(recipe, results, arm)),
  };
}

function lineResult(results: readonly SeedResult[]): DistillResult['generations'] & object {
  const [first] = results;
  return (first?.line ?? []).map(({ title }, i) => {
    const over = (key: 'accuracy' | 'nll') =>
      overSeeds(results.map(({ line }) => line[i]?.test[key] ?? NaN));
    return { title, accuracy: over('accuracy'), nll: over('nll') };
  });
}

async function oneSeed(
  recipe: Recipe,
  line: ProgressLine,
  dataFolder: string | undefined,
  index: number,
  count: number,
  saveFolder: string | undefined,
  networks: ReadonlyMap<string, ReadNetwork>,
): Promise<SeedResult> {
  const label = count > 1 ? `seed ${recipe.seed} (${index + 1} of ${count}) ` : '';
  const estimate = new Estimate();
  const around = surroundings(
    dataFolder,
    (what, share) => line.show(label + what, share, estimate.left(what, share)),
    networks,
  );
  const data = await loadTask(recipe, around);
  const own = index === 0 ? await around.own?.(recipe.task.id) : null;
  if (own) {
    line.done();
    for (const sentence of ownWords(own, recipe.task.params)) console.error(sentence);
  }
  const loaded = await loadRun(recipe, data, around);
  const { teacher, trainer } = loaded;
  const points: EvaluationPoint[] = [];
  try {
    const options = { stage: false, evaluate: true, pause: around.pause };
    for await (const event of train(trainer, new Control('running'), options)) {
      if (event.type === 'metrics') {
        const { step, steps, secondsLeft } = event.progress;
        line.show(`${label}step ${step}/${steps}`, step / steps, secondsLeft);
      } else if (event.type === 'notice') {
        line.done();
        if (index === 0) console.error(event.sentence);
      } else if (event.type === 'evaluated') {
        points.push(event.point);
      } else if (event.type === 'exploded') {
        line.done();
        console.error(
          `${count > 1 ? `Seed ${recipe.seed}. ` : ''}${goodTable(recipe, event.good)}`,
        );
      } else if (event.type === 'tested') {
        if (saveFolder !== undefined)
          await saveStudents(saveFolder, recipe, trainer.students, data, count > 1);
        return {
          constant: event.constant ?? {},
          tested: Math.min(recipe.evaluation.testImages, data.test.count),
          teacher: event.teacher,
          students: event.students,
          footprints: event.footprints ?? [],
          points,
          seconds: event.seconds,
          title: teacher.title,
          parameters: teacher.parameters,
          rows: teacher.rows,
          companions: teacher.companions.map(({ title, parameters }) => ({ title, parameters })),
          line: teacher.line,
        };
      }
    }
    throw new Error('the run ended before its test');
  } finally {
    loaded.dispose();
  }
}

/** A teacher's figures over seeds. */
function teacherFigures(
  teachers: readonly Figures[],
): Pick<DistillResult['teacher'], 'accuracy' | 'accuracySeeds' | 'nll' | 'figures'> {
  const figures = figuresOverSeeds(teachers);
  const nll = figures.nll?.mean ?? NaN;
  const { accuracy } = figures;
  return accuracy
    ? { accuracy: accuracy.mean, accuracySeeds: accuracy.seeds, nll }
    : { nll, figures };
}

/** What `closedAgainst` needs of an arm. */
type Compared = Pick<ArmResult, 'method' | 'compression' | 'accuracy' | 'rmse' | 'notLearnt'>;

/** Methods whose remaining gap to the teacher is told, for classes and for real values. */
const REFERENCES = { kd: ['kd', 'kd-mean'], erm: ['erm', 'gaussian-nll'] } as const;

/** The gap that an arm closes against the first whole arm of a method; null for that arm itself and where there is none. */
function closedAgainst(
  reference: keyof typeof REFERENCES,
  arms: readonly Compared[],
  arm: number,
  teacher: readonly number[],
): GapClosed {
  const known: readonly string[] = REFERENCES[reference];
  const found = arms.findIndex(
    ({ method, compression }) => compression === undefined && known.includes(method),
  );
  if (found < 0 || found === arm) return { value: null, interval: null };
  // Nothing is compared with a student that has not learnt.
  if ([found, arm].some((one) => (arms[one]?.notLearnt ?? []).length > 0))
    return { value: null, interval: null };
  return gapClosed(scores(arms[arm]), scores(arms[found]), teacher);
}

/** Accuracies, or errors with their sign changed: more is better. */
function scores(of: FiguresOverSeeds | undefined): readonly number[] {
  return of?.accuracy?.seeds ?? of?.rmse?.seeds.map((error) => -error) ?? [];
}

/** The gaps that an arm closes, as they stand in a result. */
function gaps(arms: readonly Compared[], arm: number, teacher: readonly number[]) {
  const kd = closedAgainst('kd', arms, arm, teacher);
  const erm = closedAgainst('erm', arms, arm, teacher);
  return {
    gapClosedVsKd: kd.value,
    gapClosedVsKdInterval: kd.interval,
    gapClosedVsErm: erm.value,
    gapClosedVsErmInterval: erm.interval,
  };
}

const overSeeds = (seeds: readonly number[]): OverSeeds => ({ ...meanAndError(seeds), seeds });

/** What recipes of before these keys existed meant. */
const NEWER_KEYS: Partial<Recipe> = { companions: [] };

/**
 * Results of one recipe at different seeds as one. @throws Error where they are not of one recipe, or share a seed
 */
export function mergeResults(first: DistillResult, second: DistillResult): DistillResult {
  const plain = ({ recipe }: DistillResult) => ({ ...NEWER_KEYS, ...recipe, seed: 0 });
  if (!isDeepStrictEqual(plain(first), plain(second)))
    throw new Error('results of different recipes do not merge');
  if (first.seeds.some((seed) => second.seeds.includes(seed)))
    throw new Error('the results share a seed');
  const counts = [first.seeds.length, second.seeds.length] as const;
  const time = counts[0] / first.stepsPerSecond + counts[1] / second.stepsPerSecond;
  const join = (a: OverSeeds, b: OverSeeds) => overSeeds([...a.seeds, ...b.seeds]);
  const joined = (a: FiguresOverSeeds, b: FiguresOverSeeds): FiguresOverSeeds =>
    Object.fromEntries(
      FIGURE_NAMES.flatMap((name) => {
        const [one, other] = [a[name], b[name]];
        return one && other ? [[name, join(one, other)]] : [];
      }),
    );
  const arms = first.arms.map((arm, i) => {
    const other = second.arms[i] as ArmResult;
    const sizes = {
      ...(arm.bytes && other.bytes && { bytes: join(arm.bytes, other.bytes) }),
      ...(arm.macs && other.macs && { macs: join(arm.macs, other.macs) }),
    };
    const notLearnt = [...(arm.notLearnt ?? []), ...(other.notLearnt ?? [])];
    const curves = [...arm.curves, ...other.curves];
    return { ...arm, ...joined(arm, other), ...sizes, notLearnt, curves };
  });
  const [one, other] = [first.teacher, second.teacher];
  const accuracySeeds = [...(one.accuracySeeds ?? []), ...(other.accuracySeeds ?? [])];
  const figures = one.figures && other.figures ? joined(one.figures, other.figures) : null;
  const teacher = figures ? scores(figures) : accuracySeeds;
  return {
    ...first,
    seeds: [...first.seeds, ...second.seeds],
    intervals: intervalsInWords(first.recipe, counts[0] + counts[1]),
    stepsPerSecond: (counts[0] + counts[1]) / time,
    teacher: {
      ...one,
      ...(figures
        ? { figures, nll: figures.nll?.mean ?? NaN }
        : { accuracy: meanAndError(accuracySeeds).mean, accuracySeeds }),
      rows: one.rows + other.rows,
    },
    ...(first.generations && {
      generations: first.generations.map((one, i) => ({
        ...one,
        accuracy: join(one.accuracy, second.generations?.[i]?.accuracy ?? NOTHING),
        nll: join(one.nll, second.generations?.[i]?.nll ?? NOTHING),
      })),
    }),
    arms: arms.map((arm, i) => ({ ...arm, ...gaps(arms, i, teacher) })),
  };
}

const NOTHING: OverSeeds = { mean: NaN, se: null, seeds: [] };

const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** Every figure that all of them have. */
function figuresOverSeeds(seeds: readonly Figures[]): FiguresOverSeeds {
  return Object.fromEntries(
    FIGURE_NAMES.filter((name) => seeds.every((figures) => figures[name] !== undefined)).map(
      (name) => [name, overSeeds(seeds.map((figures) => figures[name] ?? NaN))],
    ),
  );
}

function armResult(recipe: Recipe, results: readonly SeedResult[], arm: number): ArmResult {
  const student = recipe.students[arm] as Recipe['students'][number];
  const size = (key: keyof Footprint): OverSeeds =>
    overSeeds(results.map((result) => result.footprints[arm]?.[key] ?? NaN));
  const notLearnt = (of: number) =>
    results.flatMap(({ students, constant, tested }, seed) =>
      shortfall(students[of] ?? {}, constant, tested) ? [recipe.seed + seed] : [],
    );
  const arms = recipe.students.map((other, i) => ({
    method: other.method.id,
    notLearnt: notLearnt(i),
    ...figuresOverSeeds(results.map((result) => result.students[i] ?? {})),
  }));
  const teacher = scores(figuresOverSeeds(results.map((result) => result.teacher)));
  return {
    name: student.name,
    method: student.method.id,
    sampler: student.sampler.id,
    ...(student.compression && isCompressed(student) && { compression: student.compression.id }),
    ...figuresOverSeeds(results.map((result) => result.students[arm] ?? {})),
    notLearnt: notLearnt(arm),
    bytes: size('bytes'),
    macs: size('macs'),
    ...gaps(arms, arm, teacher),
    curves: results.map((result) =>
      result.points.map((point) => ({
        step: point.step,
        ...(point.students[arm] as Figures),
      })),
    ),
  };
}
