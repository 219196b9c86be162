import type { DeviceReport } from '../../src/recipe/device';
import type { EvaluationPoint, Figures } from '../../src/recipe/events';
import type { Recipe } from '../../src/recipe/recipe';
import { Control } from '../../src/train/control';
import { loadTask, loadTeacher } from '../../src/train/prepare';
import { gapClosed, meanAndError } from '../../src/train/statistics';
import type { GapClosed } from '../../src/train/statistics';
import { train } from '../../src/train/train';
import { Trainer } from '../../src/train/trainer';
import { ProgressLine } from './progress';
import { surroundings } from './surroundings';

/** A figure over seeds; `se` is null with one seed. */
export interface OverSeeds {
  readonly mean: number;
  readonly se: number | null;
  readonly seeds: readonly number[];
}

export interface ArmResult {
  readonly name: string;
  readonly method: string;
  readonly sampler: string;
  readonly accuracy: OverSeeds;
  readonly agreement: OverSeeds;
  readonly kl: OverSeeds;
  readonly nll: OverSeeds;
  readonly ece: OverSeeds;
  /** Share of KD's remaining gap to the teacher that is closed; null where there is no clear gap or no KD. */
  readonly gapClosedVsKd: number | null;
  readonly gapClosedVsKdInterval: readonly [number, number] | null;
  readonly gapClosedVsErm: number | null;
  readonly gapClosedVsErmInterval: readonly [number, number] | null;
  /** Validation figures during the run, per seed. */
  readonly curves: readonly (readonly ({ readonly step: number } & Figures)[])[];
}

export interface DistillResult {
  readonly recipe: Recipe;
  readonly backend: string;
  readonly adapter: string;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly stepsPerSecond: number;
  readonly teacher: {
    readonly title: string;
    readonly accuracy: number;
    readonly accuracySeeds: readonly number[];
    readonly nll: number;
    readonly parameters: number;
    /** Rows the teacher answered in all, over all seeds. */
    readonly rows: number;
  };
  readonly arms: readonly ArmResult[];
}

interface SeedResult {
  readonly teacher: Figures;
  readonly students: readonly Figures[];
  readonly points: readonly EvaluationPoint[];
  readonly seconds: number;
  readonly title: string;
  readonly parameters: number;
  readonly rows: number;
}

/** Runs a recipe at several seeds, one after the other, and gathers the test figures of the last weights. */
export async function distill(
  recipe: Recipe,
  device: DeviceReport,
  count: number,
  dataFolder: string | undefined,
): Promise<DistillResult> {
  const seeds = Array.from({ length: count }, (_, i) => recipe.seed + i);
  const line = new ProgressLine();
  const results: SeedResult[] = [];
  for (const seed of seeds)
    results.push(await oneSeed({ ...recipe, seed }, line, dataFolder, results.length, count));
  line.done();
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const accuracies = results.map((result) => result.teacher.accuracy);
  const first = results[0] as SeedResult;
  return {
    recipe,
    backend: device.backend,
    adapter: device.adapter,
    seeds,
    steps: recipe.steps,
    stepsPerSecond: (recipe.steps * count) / seconds,
    teacher: {
      title: first.title,
      accuracy: meanAndError(accuracies).mean,
      accuracySeeds: accuracies,
      nll: meanAndError(results.map((result) => result.teacher.nll)).mean,
      parameters: first.parameters,
      rows: results.reduce((sum, result) => sum + result.rows, 0),
    },
    arms: recipe.students.map((_, arm) => armResult(recipe, results, arm)),
  };
}

async function oneSeed(
  recipe: Recipe,
  line: ProgressLine,
  dataFolder: string | undefined,
  index: number,
  count: number,
): Promise<SeedResult> {
  const label = count > 1 ? `seed ${recipe.seed} (${index + 1} of ${count}) ` : '';
  const around = surroundings(dataFolder, (what, share) => line.show(label + what, share, null));
  const data = await loadTask(recipe, around);
  const teacher = await loadTeacher(recipe, data, around);
  const trainer = new Trainer(recipe, data, teacher, around);
  const points: EvaluationPoint[] = [];
  try {
    const options = { stage: false, evaluate: true, pause: around.pause };
    for await (const event of train(trainer, new Control('running'), options)) {
      if (event.type === 'metrics') {
        const { step, steps, secondsLeft } = event.progress;
        line.show(`${label}step ${step}/${steps}`, step / steps, secondsLeft);
      } else if (event.type === 'evaluated') {
        points.push(event.point);
      } else if (event.type === 'tested') {
        return {
          teacher: event.teacher,
          students: event.students,
          points,
          seconds: event.seconds,
          title: teacher.title,
          parameters: teacher.parameters,
          rows: teacher.rows,
        };
      }
    }
    throw new Error('the run ended before its test');
  } finally {
    trainer.dispose();
    teacher.dispose();
  }
}

/** What `closed` needs of an arm. */
type Accuracies = Pick<ArmResult, 'method'> & {
  readonly accuracy: { readonly seeds: readonly number[] };
};

/** The gap that an arm closes against the first arm of a method; null for that arm itself and where there is none. */
function closedAgainst(
  method: string,
  arms: readonly Accuracies[],
  arm: number,
  teacher: readonly number[],
): GapClosed {
  const reference = arms.findIndex((other) => other.method === method);
  if (reference < 0 || reference === arm) return { value: null, interval: null };
  const of = (index: number) => arms[index]?.accuracy.seeds ?? [];
  return gapClosed(of(arm), of(reference), teacher);
}

const overSeeds = (seeds: readonly number[]): OverSeeds => ({ ...meanAndError(seeds), seeds });

/**
 * Results of one recipe at different seeds as one. @throws Error where they are not of one recipe, or share a seed
 */
export function mergeResults(first: DistillResult, second: DistillResult): DistillResult {
  const plain = ({ recipe }: DistillResult) => JSON.stringify({ ...recipe, seed: 0 });
  if (plain(first) !== plain(second)) throw new Error('results of different recipes do not merge');
  if (first.seeds.some((seed) => second.seeds.includes(seed)))
    throw new Error('the results share a seed');
  const counts = [first.seeds.length, second.seeds.length] as const;
  const time = counts[0] / first.stepsPerSecond + counts[1] / second.stepsPerSecond;
  const accuracySeeds = [...first.teacher.accuracySeeds, ...second.teacher.accuracySeeds];
  const join = (a: OverSeeds, b: OverSeeds) => overSeeds([...a.seeds, ...b.seeds]);
  const arms = first.arms.map((arm, i) => {
    const other = second.arms[i] as ArmResult;
    return {
      ...arm,
      accuracy: join(arm.accuracy, other.accuracy),
      agreement: join(arm.agreement, other.agreement),
      kl: join(arm.kl, other.kl),
      nll: join(arm.nll, other.nll),
      ece: join(arm.ece, other.ece),
      curves: [...arm.curves, ...other.curves],
    };
  });
  return {
    ...first,
    seeds: [...first.seeds, ...second.seeds],
    stepsPerSecond: (counts[0] + counts[1]) / time,
    teacher: {
      ...first.teacher,
      accuracy: meanAndError(accuracySeeds).mean,
      accuracySeeds,
      rows: first.teacher.rows + second.teacher.rows,
    },
    arms: arms.map((arm, i) => {
      const kd = closedAgainst('kd', arms, i, accuracySeeds);
      const erm = closedAgainst('erm', arms, i, accuracySeeds);
      return {
        ...arm,
        gapClosedVsKd: kd.value,
        gapClosedVsKdInterval: kd.interval,
        gapClosedVsErm: erm.value,
        gapClosedVsErmInterval: erm.interval,
      };
    }),
  };
}

function armResult(recipe: Recipe, results: readonly SeedResult[], arm: number): ArmResult {
  const student = recipe.students[arm] as Recipe['students'][number];
  const over = (key: keyof Figures): OverSeeds =>
    overSeeds(results.map((result) => result.students[arm]?.[key] ?? NaN));
  const teacher = results.map((result) => result.teacher.accuracy);
  const arms = recipe.students.map((other, i) => ({
    method: other.method.id,
    accuracy: { seeds: results.map((result) => result.students[i]?.accuracy ?? NaN) },
  }));
  const kd = closedAgainst('kd', arms, arm, teacher);
  const erm = closedAgainst('erm', arms, arm, teacher);
  return {
    name: student.name,
    method: student.method.id,
    sampler: student.sampler.id,
    accuracy: over('accuracy'),
    agreement: over('agreement'),
    kl: over('kl'),
    nll: over('nll'),
    ece: over('ece'),
    gapClosedVsKd: kd.value,
    gapClosedVsKdInterval: kd.interval,
    gapClosedVsErm: erm.value,
    gapClosedVsErmInterval: erm.interval,
    curves: results.map((result) =>
      result.points.map((point) => ({
        step: point.step,
        ...(point.students[arm] as Figures),
      })),
    ),
  };
}
