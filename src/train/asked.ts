import type { LaterAnswers } from '../recipe/events';
import type { FrozenNetwork } from '../models/net/frozen';
import type { RowPlan } from '../samplers/parts/provenance';
import { render } from '../samplers/parts/render';
import type { Pixels } from '../samplers/parts/render';
import type { TaskData } from '../tasks/contract';
import type { Constant } from './gaussian';
import type { Generator } from './generator';
import type { Answers } from './metrics';
import { askAll, laterAnswers } from './stage';

/** Questions that are kept where nobody says which are still looked at. */
const MOST = 128;

/** A question that was put on the stage: what makes its pixels anew, and the teacher's logits on it. */
interface Question {
  readonly id: number;
  readonly step: number;
  readonly plan: RowPlan;
  readonly generator: Generator | null;
  readonly taught: Float32Array;
}

/** Rows of one plan are rendered by the generator that they come from, or from the data set. */
export function renderRows(
  pixels: Pixels,
  plans: readonly RowPlan[],
  generator: Generator | null,
): Promise<Float32Array> {
  return generator ? generator.render(pixels, plans) : Promise.resolve(render(pixels, plans));
}

/** The questions that were put on the stage, to be answered again as the students learn. */
export class AskedQuestions {
  private readonly data: TaskData;
  private readonly pixels: Pixels;
  private kept: readonly Question[] = [];

  constructor(data: TaskData, pixels: Pixels) {
    this.data = data;
    this.pixels = pixels;
  }

  /** Keeps questions that were answered at a step; `taught` holds the teacher's answers, one row for each. */
  add(
    firstId: number,
    step: number,
    plans: readonly RowPlan[],
    generator: Generator | null,
    taught: Answers,
  ): void {
    const { classes } = taught;
    const added = plans.map((plan, i) => ({
      id: firstId + i,
      step,
      plan,
      generator,
      taught: taught.logits.slice(i * classes, (i + 1) * classes),
    }));
    this.kept = [...this.kept, ...added].slice(-MOST);
  }

  /** Lets go of questions that nobody looks at any more. Newer ones than all of those are on their way to being seen. */
  keep(watched: readonly number[]): void {
    const ids = new Set(watched);
    const newest = Math.max(-1, ...watched);
    this.kept = this.kept.filter(({ id }) => id > newest || ids.has(id));
  }

  /** The students' answers to all that are kept and were asked at another step: before, or after the last good weights. */
  async again(
    step: number,
    students: readonly FrozenNetwork[],
    constants: readonly (Constant | undefined)[],
  ): Promise<LaterAnswers[]> {
    const earlier = this.kept.filter((question) => question.step !== step);
    if (earlier.length === 0) return [];
    const size = this.pixels.shape.reduce((a, b) => a * b, 1);
    // A device compiles kernels for every new size: there are few of them.
    const values = new Float32Array(size * 2 ** Math.ceil(Math.log2(earlier.length)));
    for (const generator of new Set(earlier.map((question) => question.generator))) {
      const own = earlier.filter((question) => question.generator === generator);
      const plans = own.map(({ plan }) => plan);
      const rows = await renderRows(this.pixels, plans, generator);
      own.forEach((question, i) =>
        values.set(rows.subarray(i * size, (i + 1) * size), earlier.indexOf(question) * size),
      );
    }
    const learnt = await askAll(students, values, this.pixels.shape);
    const classes = earlier[0]?.taught.length ?? 0;
    const taught = { logits: new Float32Array(earlier.length * classes), classes };
    earlier.forEach((question, i) => taught.logits.set(question.taught, i * classes));
    return earlier.map(({ id }, row) =>
      laterAnswers(id, this.data, taught, learnt, constants, row),
    );
  }
}
