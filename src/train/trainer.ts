import type * as tf from '@tensorflow/tfjs';
import type {
  EvaluationPoint,
  Figures,
  PlaneGrid,
  StageSample,
  TaskReport,
  TrainPoint,
  Verdict,
} from '../recipe/events';
import type { Recipe } from '../recipe/recipe';
import type { FrozenNetwork } from '../models/net/frozen';
import { transferOf } from '../samplers/parts/compose';
import type { Transfer } from '../samplers/parts/compose';
import type { RowPlan } from '../samplers/parts/provenance';
import type { Pixels } from '../samplers/parts/render';
import type { TaskData } from '../tasks/contract';
import { BatchMaker, disposeBatch } from './batch';
import type { Batch } from './batch';
import { EvaluationSet, pixelsOf } from './data';
import type { Answers } from './metrics';
import { correctness, figures } from './metrics';
import { Order } from './order';
import { RowSource } from './rows';
import { examplesOf, planeExtent, planeGrid, planeInputs, stageSamples } from './stage';
import { Student } from './student';
import type { Teacher } from './teacher';
import { Verdicts } from './verdicts';

/** How the trainer lets others have their turn: awaited between pieces of work. */
export interface Host {
  pause(): Promise<void>;
  progress(what: string, share: number): void;
}

interface Arm {
  readonly student: Student;
  readonly maker: BatchMaker;
}

/**
 * A prepared run: the teacher, the students, and what they need for a step, an evaluation, or a look at the stage. The
 * order of these calls is train.ts's business. Frees everything but the teacher with `dispose`.
 */
export class Trainer {
  readonly recipe: Recipe;
  readonly teacher: Teacher;
  readonly students: readonly Student[];
  /** Steps taken. */
  step = 0;
  private readonly data: TaskData;
  private readonly host: Host;
  private readonly pixels: Pixels;
  private readonly transfer: Transfer;
  private readonly source: RowSource;
  private readonly order: Order;
  private readonly arms: readonly Arm[];
  private readonly makers: readonly BatchMaker[];
  private readonly validation: EvaluationSet;
  private readonly verdicts = new Verdicts();
  private teacherAnswers: Answers | null = null;
  private lastPlans: readonly RowPlan[] = [];
  private shownSamples = 0;
  private plane: { extent: number; inputs: tf.Tensor2D } | null = null;

  constructor(recipe: Recipe, data: TaskData, teacher: Teacher, host: Host) {
    this.recipe = recipe;
    this.data = data;
    this.teacher = teacher;
    this.host = host;
    this.pixels = pixelsOf(data, data.train);
    const classes = data.classes.length;
    const count = Math.min(recipe.transfer, data.train.count);
    this.transfer = transferOf(data.train.y, count, data.shape, classes);
    this.source = new RowSource(this.pixels, data.train.y, count, classes);
    this.order = new Order(count, recipe.seed);
    this.students = recipe.students.map(
      (student) => new Student(student, recipe, data.shape, classes),
    );
    const makers = new Map<string, BatchMaker>();
    this.arms = recipe.students.map(({ sampler }, i) => {
      const key = JSON.stringify(sampler);
      const sharing = recipe.students
        .map((other, j) => ({ key: JSON.stringify(other.sampler), student: this.students[j] }))
        .filter((other) => other.key === key)
        .map((other) => other.student?.method.needs.teacher);
      const maker =
        makers.get(key) ??
        new BatchMaker(
          sampler,
          recipe.seed,
          { logits: sharing.includes('logits'), parents: sharing.includes('parents') },
          this.source.rows(),
        );
      makers.set(key, maker);
      return { student: this.students[i] as Student, maker };
    });
    this.makers = [...makers.values()];
    this.validation = new EvaluationSet(data, data.validation, recipe.evaluation.images);
  }

  /** What must be there before the first step: the teacher's answers that are used again and again. */
  async prepare(): Promise<TaskReport> {
    const { recipe, data } = this;
    const classes = data.classes.length;
    this.host.progress('The teacher answers the validation examples', 0);
    this.teacherAnswers = await this.validation.answers(
      this.teacher.network,
      classes,
      async (share) => {
        this.host.progress('The teacher answers the validation examples', share);
        await this.host.pause();
      },
    );
    // Remembering pays only where untouched rows are asked about, and more often than the transfer set is long.
    const asksData = this.arms.some(({ student, maker }) => {
      const { teacher } = student.method.needs;
      if (maker.choice.params.augment === 'crop-flip') return false;
      return teacher === 'parents' || (teacher === 'logits' && maker.realRows(recipe.batch) > 0);
    });
    if (asksData && this.transfer.count <= recipe.steps * recipe.batch)
      await this.teacher.remember(this.pixels, this.transfer.count, async (share) => {
        this.host.progress('The teacher answers the training examples', share);
        await this.host.pause();
      });
    const plane = data.shape.length === 1;
    if (plane) {
      const extent = planeExtent(data.train.x);
      this.plane = { extent, inputs: planeInputs(extent) };
    }
    return {
      classes: data.classes,
      shape: data.shape,
      counts: {
        train: data.train.count,
        transfer: this.transfer.count,
        validation: this.validation.count,
        test: Math.min(recipe.evaluation.testImages, data.test.count),
      },
      teacher: {
        title: this.teacher.title,
        validation: figures(this.teacherAnswers, this.teacherAnswers, this.validation.labels),
        parameters: this.teacher.parameters,
        macs: this.teacher.macs,
      },
      students: this.students.map(({ parameters, macs }) => ({ parameters, macs })),
      examples: examplesOf(
        this.pixels,
        data.train.y,
        plane ? this.transfer.count : Math.min(24, this.transfer.count),
      ),
    };
  }

  /** One step of every student on the same real rows, each distinct sampler setting drawn and answered once. */
  async takeStep(): Promise<void> {
    const rows = this.order.next(this.recipe.batch);
    const batches = new Map<BatchMaker, Batch>();
    for (const maker of this.makers)
      batches.set(maker, await maker.make(rows, this.transfer, this.teacher));
    for (const { student, maker } of this.arms)
      student.learn(batches.get(maker) as Batch, this.step);
    const outside = [...batches.values()].filter((batch) => batch.synthetic > 0).at(-1);
    const drawn = outside ?? [...batches.values()].at(-1);
    this.lastPlans = drawn ? drawn.plans.slice(outside ? -outside.synthetic : 0) : [];
    for (const batch of batches.values()) disposeBatch(batch);
    this.step += 1;
  }

  /** The students' terms at the last step. @throws UserError E_DIVERGED */
  async trainPoints(): Promise<TrainPoint[]> {
    const points: TrainPoint[] = [];
    for (const student of this.students) points.push(await student.lastPoint(this.step));
    return points;
  }

  /** All students on the validation split, as they stand. */
  async evaluate(seconds: number): Promise<{ point: EvaluationPoint; verdicts: Verdict[] }> {
    const teacher = this.teacherAnswers;
    if (!teacher) throw new Error('evaluate was called before prepare');
    const { labels } = this.validation;
    const right: Uint8Array[] = [];
    const raw = await this.each(
      (student) => student.freeze(),
      this.validation,
      (answers) => {
        right.push(correctness(answers, labels));
        return figures(answers, teacher, labels);
      },
    );
    const averaged =
      this.recipe.averageDecay > 0 && this.step > 0
        ? await this.each(
            (student) => student.freezeAverage(),
            this.validation,
            (answers) => figures(answers, teacher, labels),
          )
        : null;
    return {
      point: { step: this.step, seconds, students: raw, averaged },
      verdicts: this.verdicts.update(right),
    };
  }

  /** Teacher and students on the test split, by their last weights. */
  async test(): Promise<{ teacher: Figures; students: Figures[]; verdicts: Verdict[] }> {
    const { data, recipe } = this;
    const set = new EvaluationSet(data, data.test, recipe.evaluation.testImages);
    const classes = data.classes.length;
    const networks = 1 + this.students.length;
    let tested = 0;
    const pause = async (share: number) => {
      this.host.progress('Testing', (tested + share) / networks);
      await this.host.pause();
    };
    const teacher = await set.answers(this.teacher.network, classes, pause);
    const right: Uint8Array[] = [];
    const students = await this.each(
      (student) => student.freeze(),
      set,
      (answers) => {
        right.push(correctness(answers, set.labels));
        return figures(answers, teacher, set.labels);
      },
      (share) => {
        tested = right.length + 1;
        return pause(share);
      },
    );
    const own = figures(teacher, teacher, set.labels);
    set.dispose();
    return { teacher: own, students, verdicts: Verdicts.once(right) };
  }

  private async each(
    freeze: (student: Student) => FrozenNetwork | null,
    set: EvaluationSet,
    read: (answers: Answers) => Figures,
    pause: (share: number) => Promise<void> = () => this.host.pause(),
  ): Promise<Figures[]> {
    const out: Figures[] = [];
    for (const student of this.students) {
      const network = freeze(student);
      if (!network) throw new Error(`${student.name} has no averaged weights yet`);
      try {
        out.push(read(await set.answers(network, this.data.classes.length, pause)));
      } finally {
        network.dispose();
      }
    }
    return out;
  }

  /** A few of the rows that were drawn last, with everybody's answers; synthetic ones where there are any. */
  async look(count: number): Promise<StageSample[]> {
    const { lastPlans } = this;
    if (lastPlans.length === 0) return [];
    const plans = Array.from(
      { length: Math.min(count, lastPlans.length) },
      (_, i) => lastPlans[(this.shownSamples + i) % lastPlans.length] as RowPlan,
    );
    const first = this.shownSamples;
    this.shownSamples += plans.length;
    return this.frozen((students) =>
      stageSamples(
        plans,
        first,
        this.step,
        this.pixels,
        this.data.train.y,
        this.teacher.network,
        students,
      ),
    );
  }

  /** Teacher's and students' answers over the plane; null for images. */
  async planes(): Promise<{ teacher: PlaneGrid; students: PlaneGrid[] } | null> {
    const { plane } = this;
    if (!plane) return null;
    return this.frozen(async (students) => {
      const grids: PlaneGrid[] = [];
      for (const student of students)
        grids.push(await planeGrid(student, plane.inputs, plane.extent));
      return {
        teacher: await planeGrid(this.teacher.network, plane.inputs, plane.extent),
        students: grids,
      };
    });
  }

  private async frozen<T>(use: (students: readonly FrozenNetwork[]) => Promise<T>): Promise<T> {
    const networks = this.students.map((student) => student.freeze());
    try {
      return await use(networks);
    } finally {
      for (const network of networks) network.dispose();
    }
  }

  dispose(): void {
    for (const student of this.students) student.dispose();
    for (const maker of this.makers) maker.dispose();
    this.source.dispose();
    this.validation.dispose();
    this.plane?.inputs.dispose();
    this.plane = null;
  }
}
