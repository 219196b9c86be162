import * as tf from '@tensorflow/tfjs';
import type { AnomalyRecipe } from '../recipe/anomaly';
import type {
  AnomalyFigures,
  AnomalyPart,
  AnomalyReport,
  AnomalySample,
  ArmFigures,
} from '../recipe/anomaly-events';
import { Random } from '../recipe/random';
import { LastGood } from '../train/last-good';
import { Diverged, LossWatch } from '../train/watch';
import type { Snapshot } from './blocks';
import { corrupt } from './corrupt';
import type { Judged, NormalData } from './data';
import { DEFECTS } from './defects';
import { Detector } from './detector';
import type { Maps } from './detector';
import { averagePrecision, rocAuc, topMean } from './metrics';
import type { FeatureTeacher } from './teacher';

/** Whose loss it is, as in "The loss of the student". */
const PARTS: Record<AnomalyPart, string> = {
  student: 'of the student',
  segmentation: 'of the segmentation network',
};
/** Images that are judged at once. */
const JUDGED_AT_ONCE = 40;

/** Both parts of the training for every arm, on the same images and corruptions. */
export class AnomalyTrainer {
  readonly recipe: AnomalyRecipe;
  readonly data: NormalData;
  readonly teacher: FeatureTeacher;
  /** One for each distinct `denoising`. */
  readonly detectors: readonly Detector[];
  /** Steps taken, both parts together. */
  step = 0;
  private readonly random: Random;
  private readonly lastGood = new LastGood<Snapshot>();
  /** One for each detector. */
  private readonly watches: Record<AnomalyPart, LossWatch[]> = { student: [], segmentation: [] };

  constructor(recipe: AnomalyRecipe, data: NormalData, teacher: FeatureTeacher) {
    this.recipe = recipe;
    this.data = data;
    this.teacher = teacher;
    this.random = Random.from(recipe.seed, 'anomaly/steps');
    this.detectors = [...new Set(recipe.arms.map((arm) => arm.denoising))].map(
      (denoising) => new Detector(recipe, denoising, data.side, teacher.levels),
    );
  }

  get steps(): number {
    return this.recipe.student.steps + this.recipe.segmentation.steps;
  }

  /** The part that the next step belongs to. */
  get part(): AnomalyPart {
    return this.step < this.recipe.student.steps ? 'student' : 'segmentation';
  }

  report(): AnomalyReport {
    const { title, parameters } = this.teacher.teacher;
    const [detector] = this.detectors;
    const { train, validation, test } = this.data;
    return {
      side: this.data.side,
      teacher: { title, parameters },
      student: detector?.student.parameters.count ?? 0,
      segmentation: detector?.segmentation.parameters.count ?? 0,
      counts: {
        train: train.length,
        validation: validation.images.length,
        test: test.images.length,
      },
    };
  }

  /** One step of every detector on one batch. */
  takeStep(): void {
    const random = this.random.fork(`${this.step}`);
    const { batch, synthesis, student } = this.recipe;
    const { train, side } = this.data;
    const clean = Array.from(
      { length: batch },
      () => train[random.integer(train.length)] as Uint8Array,
    );
    const pairs = clean.map((image) => corrupt(image, side, synthesis, random));
    const corrupted = this.tensor(pairs.map(({ image }) => image));
    if (this.part === 'student') {
      const x = this.tensor(clean);
      const features = this.teacher.features(x);
      for (const detector of this.detectors)
        detector.learnFeatures(detector.denoising ? corrupted : x, features, this.step);
      tf.dispose([x, ...features]);
    } else {
      const features = this.teacher.features(corrupted);
      const mask = tf.tensor4d(joined(pairs.map((pair) => Float32Array.from(pair.mask))), [
        batch,
        side,
        side,
        1,
      ]);
      for (const detector of this.detectors)
        detector.learnMasks(corrupted, features, mask, this.step - student.steps);
      tf.dispose([mask, ...features]);
    }
    corrupted.dispose();
    this.step += 1;
  }

  /** Images as the teacher reads them, [n, side, side, 3]. @param images values from 0 to 255 */
  private tensor(images: readonly ArrayLike<number>[]): tf.Tensor4D {
    const { side, normalisation } = this.data;
    const { scale, mean, std } = normalisation;
    const size = side * side * 3;
    const out = new Float32Array(images.length * size);
    images.forEach((image, i) => {
      for (let at = 0; at < size; at += 1)
        out[i * size + at] =
          ((image[at] as number) * scale - (mean[at % 3] as number)) / (std[at % 3] as number);
    });
    return tf.tensor4d(out, [images.length, side, side, 3]);
  }

  /** The last step's loss of every arm. @throws Diverged where one has left for good */
  async losses(): Promise<readonly number[]> {
    const values = await Promise.all(this.detectors.map((detector) => detector.lastLoss()));
    if (this.step > 0) for (const [i, loss] of values.entries()) this.check(i, loss);
    const doubts = Object.values(this.watches).flatMap((of) =>
      of.map(({ lastDoubt }) => lastDoubt),
    );
    this.lastGood.prove(this.step - 1, Math.max(-1, ...doubts));
    return this.recipe.arms.map((arm) => values[this.detectorOf(arm.denoising)] as number);
  }

  /** Each part of the training begins anew, with a loss of its own. */
  private check(detector: number, loss: number): void {
    const part: AnomalyPart = this.step <= this.recipe.student.steps ? 'student' : 'segmentation';
    const watch = (this.watches[part][detector] ??= new LossWatch());
    const ends = this.step === this.recipe.student.steps || this.step === this.steps;
    const seen = watch.add({ step: this.step - 1, terms: { loss } });
    const left = seen ?? (ends ? watch.end() : null);
    if (left) throw new Diverged(PARTS[part], left, part);
  }

  /** Keeps the weights as they stand, in case that nothing better comes. */
  keep(): void {
    const networks = this.detectors.flatMap(({ student, segmentation }) =>
      [student, segmentation].map(({ parameters }) => parameters.snapshot()),
    );
    this.lastGood.keep({ step: this.step, seconds: 0, networks });
  }

  /**
   * Puts the last good weights back.
   *
   * @returns the step after which they were so
   */
  rescue(): number {
    const { stand } = this.lastGood;
    if (!stand) throw new Error('nothing was kept before the first step');
    for (const network of stand.networks) network.restore();
    this.step = stand.step;
    return stand.step;
  }

  private detectorOf(denoising: boolean): number {
    return this.detectors.findIndex((detector) => detector.denoising === denoising);
  }

  /** True where an arm's scores come from a network that has learned something. */
  private ready(score: AnomalyPart): boolean {
    return this.step > (score === 'student' ? 0 : this.recipe.student.steps);
  }

  /** Every arm's score maps of images, one a image. */
  private async maps(
    images: readonly Uint8Array[],
    pause: () => Promise<void>,
  ): Promise<(readonly Float32Array[])[]> {
    const size = this.data.side ** 2;
    const found: Float32Array[][] = this.recipe.arms.map(() => []);
    for (let from = 0; from < images.length; from += JUDGED_AT_ONCE) {
      const part = images.slice(from, from + JUDGED_AT_ONCE);
      const x = this.tensor(part);
      const features = this.teacher.features(x);
      const maps: Maps[] = [];
      for (const detector of this.detectors) maps.push(await detector.maps(x, features));
      tf.dispose([x, ...features]);
      this.recipe.arms.forEach((arm, i) => {
        const all = (maps[this.detectorOf(arm.denoising)] as Maps)[arm.score];
        for (let at = 0; at < part.length; at += 1)
          found[i]?.push(all.slice(at * size, (at + 1) * size));
      });
      await pause();
    }
    return found;
  }

  /** Every arm's figures on the validation images, or on the test images. */
  async evaluate(split: 'validation' | 'test', pause: () => Promise<void>): Promise<ArmFigures> {
    const judged = this.data[split];
    const maps = await this.maps(judged.images, pause);
    const { topPixels } = this.recipe.evaluation;
    return this.recipe.arms.map((arm, i) =>
      this.ready(arm.score) ? figuresOf(maps[i] ?? [], judged, topPixels) : null,
    );
  }

  /** Some validation images with every arm's map: two normal ones and the first of each kind of fault. */
  async look(): Promise<readonly AnomalySample[]> {
    const { images, masks, kinds } = this.data.validation;
    const chosen = [0, 1, ...DEFECTS.map((kind) => kinds.indexOf(kind))].filter((i) => i >= 0);
    const maps = await this.maps(
      chosen.map((i) => images[i] as Uint8Array),
      () => Promise.resolve(),
    );
    return chosen.map((image, i) => ({
      kind: kinds[image] ?? null,
      pixels: rgba(images[image] as Uint8Array),
      mask: masks[image] as Uint8Array,
      maps: this.recipe.arms.map((arm, k) =>
        this.ready(arm.score) ? (maps[k]?.[i] as Float32Array) : null,
      ),
    }));
  }

  dispose(): void {
    this.lastGood.dispose();
    for (const detector of this.detectors) detector.dispose();
  }
}

/** Figures of one arm's maps, one for each image. */
function figuresOf(
  maps: readonly Float32Array[],
  { kinds, masks }: Judged,
  top: number,
): AnomalyFigures {
  const scores = Float32Array.from(maps, (map) => topMean(map, top));
  const pixels = joined(maps);
  const truth = joined(masks);
  const against = (kind: string) => {
    const rows = [...kinds.keys()].filter((i) => kinds[i] === null || kinds[i] === kind);
    return rocAuc(
      Float32Array.from(rows, (i) => scores[i] as number),
      Uint8Array.from(rows, (i) => (kinds[i] === null ? 0 : 1)),
    );
  };
  return {
    imageAuc: rocAuc(
      scores,
      Uint8Array.from(kinds, (kind) => (kind === null ? 0 : 1)),
    ),
    pixelAp: averagePrecision(pixels, truth),
    pixelAuc: rocAuc(pixels, truth),
    kinds: Object.fromEntries(DEFECTS.map((kind) => [kind, against(kind)])),
  };
}

/** Arrays of one kind, one after the other. */
function joined<T extends Float32Array | Uint8Array>(parts: readonly T[]): T {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const out = (parts[0] instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size)) as T;
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function rgba(image: Uint8Array): Uint8ClampedArray {
  const out = new Uint8ClampedArray((image.length / 3) * 4).fill(255);
  image.forEach((value, at) => {
    out[Math.floor(at / 3) * 4 + (at % 3)] = value;
  });
  return out;
}
