import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import type { AnomalyFigures, AnomalyReport, ArmFigures } from '../../src/recipe/anomaly-events';
import type { DeviceReport } from '../../src/recipe/device';
import { findFaults } from '../../src/anomaly/find';
import { Control } from '../../src/train/control';
import { meanAndError } from '../../src/train/statistics';
import type { OverSeeds, Unfinished } from './distill';
import { ProgressLine } from './progress';
import { surroundings } from './surroundings';
import { seedsInWords } from './varied';

const FIGURES = ['imageAuc', 'pixelAp', 'pixelAuc'] as const;

export type DetectArm = Readonly<Record<(typeof FIGURES)[number], OverSeeds>> & {
  readonly name: string;
  readonly denoising: boolean;
  readonly score: string;
  /** Image AUC of each kind of fault against the normal images. */
  readonly kinds: Readonly<Record<string, OverSeeds>>;
  /** Validation figures during the run, per seed. */
  readonly curves: readonly (readonly {
    readonly step: number;
    readonly imageAuc: number;
    readonly pixelAp: number;
  }[])[];
};

export interface DetectResult {
  /** As in DistillResult. */
  readonly unfinished?: Unfinished;
  readonly recipe: AnomalyRecipe;
  readonly backend: string;
  readonly adapter: string;
  readonly seeds: readonly number[];
  /** Steps of both parts together. */
  readonly steps: number;
  readonly stepsPerSecond: number;
  readonly networks: AnomalyReport;
  readonly arms: readonly DetectArm[];
}

interface SeedResult {
  readonly report: AnomalyReport;
  readonly arms: readonly AnomalyFigures[];
  readonly points: readonly { readonly step: number; readonly arms: ArmFigures }[];
  readonly seconds: number;
}

/**
 * Runs an anomaly recipe at several seeds, one after the other, and gathers the test figures of the last weights.
 *
 * @param finished told after each seed what has come of those that are finished
 */
export async function detectAll(
  recipe: AnomalyRecipe,
  device: DeviceReport,
  count: number,
  dataFolder: string | undefined,
  finished: (soFar: DetectResult) => void = () => undefined,
): Promise<DetectResult> {
  const seeds = Array.from({ length: count }, (_, i) => recipe.seed + i);
  const line = new ProgressLine();
  const results: SeedResult[] = [];
  for (const seed of seeds) {
    const label = count > 1 ? `seed ${seed} (${results.length + 1} of ${count}) ` : '';
    results.push(await oneSeed({ ...recipe, seed }, line, label, dataFolder));
    finished(gathered(recipe, device, results));
  }
  line.done();
  return gathered(recipe, device, results);
}

/** The figures of the first seeds of a recipe, at least one. */
function gathered(
  recipe: AnomalyRecipe,
  device: DeviceReport,
  results: readonly SeedResult[],
): DetectResult {
  const count = results.length;
  const seeds = results.map((_, i) => recipe.seed + i);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const steps = recipe.student.steps + recipe.segmentation.steps;
  return {
    recipe,
    backend: device.backend,
    adapter: device.adapter,
    seeds,
    steps,
    stepsPerSecond: (steps * count) / seconds,
    networks: (results[0] as SeedResult).report,
    arms: recipe.arms.map((_, arm) => armResult(recipe, results, arm)),
  };
}

async function oneSeed(
  recipe: AnomalyRecipe,
  line: ProgressLine,
  label: string,
  dataFolder: string | undefined,
): Promise<SeedResult> {
  const around = surroundings(dataFolder, (what, share) => line.show(label + what, share, null));
  const points: SeedResult['points'][number][] = [];
  let report: AnomalyReport | null = null;
  for await (const event of findFaults(recipe, around, new Control('running'), false)) {
    if (event.type === 'anomalyPrepared') {
      report = event.report;
    } else if (event.type === 'anomalyMetrics') {
      const { step, steps, part, secondsLeft } = event.progress;
      line.show(`${label}${part} step ${step}/${steps}`, step / steps, secondsLeft);
    } else if (event.type === 'anomalyEvaluated') {
      points.push({ step: event.step, arms: event.arms });
    } else if (event.type === 'anomalyExploded') {
      line.done();
      const arms = recipe.arms.map(({ name }, arm) => {
        const auc = event.good.arms[arm]?.imageAuc;
        return `${name}: ${auc === undefined ? 'nothing learnt yet' : `image AUC ${(auc * 100).toFixed(1)} %`}`;
      });
      console.error(
        `The last good weights are those of step ${event.good.step}; on the validation images ${arms.join('; ')}.`,
      );
    } else if (event.type === 'anomalyTested' && report) {
      return { report, arms: event.arms, points, seconds: event.seconds };
    }
  }
  throw new Error('the run ended before its test');
}

const overSeeds = (seeds: readonly number[]): OverSeeds => ({ ...meanAndError(seeds), seeds });

function armResult(
  recipe: AnomalyRecipe,
  results: readonly SeedResult[],
  index: number,
): DetectArm {
  const arm = recipe.arms[index] as AnomalyRecipe['arms'][number];
  const figures = results.map((result) => result.arms[index] as AnomalyFigures);
  const over = (key: (typeof FIGURES)[number]) => overSeeds(figures.map((each) => each[key]));
  return {
    ...arm,
    imageAuc: over('imageAuc'),
    pixelAp: over('pixelAp'),
    pixelAuc: over('pixelAuc'),
    kinds: Object.fromEntries(
      Object.keys(figures[0]?.kinds ?? {}).map((kind) => [
        kind,
        overSeeds(figures.map((each) => each.kinds[kind] ?? NaN)),
      ]),
    ),
    curves: results.map(({ points }) =>
      points.flatMap(({ step, arms }) => {
        const point = arms[index];
        return point ? [{ step, imageAuc: point.imageAuc, pixelAp: point.pixelAp }] : [];
      }),
    ),
  };
}

/** Results of one recipe at different seeds as one. */
export function mergeDetected(first: DetectResult, second: DetectResult): DetectResult {
  const [one, other] = [first.seeds.length, second.seeds.length];
  const time = one / first.stepsPerSecond + other / second.stepsPerSecond;
  const join = (a: OverSeeds, b: OverSeeds | undefined) =>
    overSeeds([...a.seeds, ...(b?.seeds ?? [])]);
  return {
    ...first,
    seeds: [...first.seeds, ...second.seeds],
    stepsPerSecond: (one + other) / time,
    arms: first.arms.map((arm, i) => {
      const more = second.arms[i] as DetectArm;
      return {
        ...arm,
        imageAuc: join(arm.imageAuc, more.imageAuc),
        pixelAp: join(arm.pixelAp, more.pixelAp),
        pixelAuc: join(arm.pixelAuc, more.pixelAuc),
        kinds: Object.fromEntries(
          Object.entries(arm.kinds).map(([kind, over]) => [kind, join(over, more.kinds[kind])]),
        ),
        curves: [...arm.curves, ...more.curves],
      };
    }),
  };
}

/** The final table: arm, figures, image AUC by kind of fault; mean and standard error over seeds. */
export function detectTable(result: DetectResult): string {
  const kinds = Object.keys(result.arms[0]?.kinds ?? {});
  const rows = [
    ['arm', 'image AUC', 'pixel AP', 'pixel AUC', ...kinds],
    ...result.arms.map((arm) => [
      arm.name,
      ...FIGURES.map((key) => percent(arm[key])),
      ...kinds.map((kind) => percent(arm.kinds[kind] as OverSeeds)),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  '),
  );
  const seeds =
    result.seeds.length === 1
      ? 'one seed (another may differ)'
      : `${result.seeds.length} seeds, mean ± s.e.`;
  const rate = result.stepsPerSecond.toFixed(1);
  return [
    ...lines,
    `in %; kinds: image AUC. ${result.steps} steps, ${seeds}, ${result.backend}, ${rate} steps/s`,
    seedsInWords(result.recipe, result.seeds.length),
  ].join('\n');
}

function percent({ mean, se }: OverSeeds): string {
  const text = (mean * 100).toFixed(1);
  return se === null ? text : `${text} ± ${(se * 100).toFixed(1)}`;
}
