import type {
  EvaluationPoint,
  Figures,
  LaterAnswers,
  StageSample,
  TaskReport,
  TrainPoint,
} from '../recipe/events';
import { liveChange } from '../recipe/live';
import type { Choice, Recipe } from '../recipe/recipe';
import { Belongings } from '../gpu/belongings';
import { COMMON, useArithmetic } from '../gpu/kernels/arithmetic';
import { startArithmetic } from '../gpu/precision';
import { Stepper } from '../gpu/replay/stepper';
import { transferOf } from '../samplers/parts/compose';
import type { Transfer } from '../samplers/parts/compose';
import { poolsOf } from '../samplers/parts/pool';
import type { Pixels } from '../samplers/parts/render';
import { outputsOf } from '../tasks/contract';
import type { TaskData } from '../tasks/contract';
import { BatchMaker, disposeBatch } from './batch';
import type { Batch } from './batch';
import { pixelsOf } from './data';
import { Examiner } from './examiner';
import { standardised } from './gaussian';
import { generatorKey } from './generator';
import type { Generator, Generators } from './generator';
import type { GivenStudents } from './given-students';
import { turnOf } from './host';
import type { Host } from './host';
import { nearestRows } from './neighbours';
import { Order } from './order';
import { RowSource } from './rows';
import type { Rows } from './rows';
import { examplesOf } from './stage';
import { Student } from './student';
import type { Teacher } from './teacher';
import { TermLog } from './terms';
import { Viewer } from './viewer';
import type { Drawn } from './viewer';

/** One of several teachers, or the only one, as a sentence about it begins. */
function whoOf(teachers: readonly Teacher[], i: number): string {
  return teachers.length > 1 ? `Teacher ${i + 1} of ${teachers.length}` : 'The teacher';
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
  recipe: Recipe;
  readonly teacher: Teacher;
  readonly students: readonly Student[];
  /** Steps taken. */
  step = 0;
  /** To which it went back. */
  private rescued: number | null = null;
  /** What of the recipe this device cannot do, and what was changed in students from files, as sentences. */
  notices: readonly string[] = [];
  private readonly remarks: readonly string[];
  private readonly data: TaskData;
  private readonly host: Host;
  private readonly generators: Generators;
  private readonly pixels: Pixels;
  private transfer: Transfer;
  private readonly source: RowSource;
  private readonly order: Order;
  private readonly arms: readonly Arm[];
  private readonly makers: readonly BatchMaker[];
  private readonly stepper: Stepper;
  private readonly terms: TermLog;
  /** What one step asks of the teacher. */
  private asked = { calls: 0, rows: 0 };
  private readonly examiner: Examiner;
  private readonly viewer: Viewer;
  /** All that is freed with it. */
  private readonly parts: Belongings;
  private last: Drawn = { plans: [], generator: null };

  /**
   * @param replay false runs every step as it is, for comparisons
   * @param generators those that the samplers need, freed with the trainer
   * @param given the architectures that students have from files
   */
  constructor(
    recipe: Recipe,
    data: TaskData,
    teacher: Teacher,
    host: Host,
    replay = true,
    generators: Generators = new Map(),
    given: GivenStudents = new Map(),
  ) {
    const parts = (this.parts = new Belongings());
    for (const generator of generators.values()) parts.add(generator);
    try {
      this.recipe = recipe;
      this.data = data;
      this.teacher = teacher;
      this.host = host;
      this.generators = generators;
      this.pixels = pixelsOf(data, data.train);
      const classes = outputsOf(data);
      const count = Math.min(recipe.transfer, data.train.count);
      this.transfer = transferOf(data.train.y, count, data.shape, classes);
      this.source = parts.add(
        new RowSource(
          this.pixels,
          data.train.y,
          count,
          classes,
          poolsOf(recipe.students.map(({ sampler }) => sampler)),
          standardised(data, data.train),
        ),
      );
      this.order = new Order(count, recipe.seed);
      const around = {
        run: recipe,
        shape: data.shape,
        classes,
        labels: data.train.y.subarray(0, count),
        teachers: [teacher, ...teacher.companions].map(({ graph }) => graph),
        given,
      };
      this.remarks = [...given.values()].flatMap(({ remarks }) => remarks);
      this.students = recipe.students.map((student) => parts.add(new Student(student, around)));
      const makers = new Map<string, BatchMaker>();
      this.arms = recipe.students.map(({ sampler }, i) => {
        const key = JSON.stringify(sampler);
        const sharing = recipe.students
          .map((other, j) => ({ key: JSON.stringify(other.sampler), student: this.students[j] }))
          .filter((other) => other.key === key)
          .flatMap((other) => other.student?.method.needs ?? []);
        const maker =
          makers.get(key) ??
          parts.add(
            new BatchMaker(
              sampler,
              recipe.seed,
              {
                logits: sharing.some((needs) => needs.teacher === 'logits'),
                parents: sharing.some((needs) => needs.teacher === 'parents'),
                taps: sharing.some((needs) => needs.taps),
                several: sharing.some((needs) => needs.several),
                gaussian: data.targets !== undefined,
              },
              this.rowsFor(sampler),
            ),
          );
        makers.set(key, maker);
        return { student: this.students[i] as Student, maker };
      });
      this.makers = [...makers.values()];
      this.terms = parts.add(new TermLog(this.students.length));
      this.stepper = parts.add(new Stepper(replay ? this.unrepeatable() : 'that was asked for'));
      this.examiner = parts.add(new Examiner(recipe, data, teacher, this.students, host));
      this.viewer = parts.add(new Viewer(data, this.pixels, teacher, this.students));
    } catch (thrown) {
      parts.dispose();
      throw thrown;
    }
  }

  private rowsFor(sampler: Choice): Rows {
    const generator = this.generatorOf(sampler);
    return generator ? generator.rows(this.source.rows(), this.source.rows()) : this.source.rows();
  }

  /** The generator of a sampler setting; null where it draws by none. @throws Error where it was not made before */
  private generatorOf(sampler: Choice): Generator | null {
    if (sampler.id !== 'generator') return null;
    const found = this.generators.get(generatorKey(sampler));
    if (!found) throw new Error('a run was started without the generator of its sampler');
    return found;
  }

  /** Why no step of this run can be replayed, as half a sentence; null where nothing is known against it. */
  private unrepeatable(): string | null {
    if (this.makers.some((maker) => maker.selects))
      return 'the choice of half of the rows needs the teacher’s answers in between';
    const student = this.students.find(({ network }) => network.unrepeatable !== null);
    return student?.network.unrepeatable ?? null;
  }

  /** What must be there before the first step: the teacher's answers that are used again and again. */
  async prepare(): Promise<TaskReport> {
    const { recipe, data } = this;
    const refused = await startArithmetic({
      half: recipe.halfPrecision,
      subgroups: recipe.subgroups,
    });
    this.notices = [...refused, ...this.remarks];
    const asked = [this.teacher, ...this.teacher.companions];
    const validated = await this.examiner.meet((i) => {
      const what = `${whoOf(asked, i)} answers the validation examples`;
      this.host.progress(what, 0);
      return turnOf(this.host, what);
    });
    // Remembering pays only where untouched rows are asked about, and more often than the transfer set is long.
    const asksData = this.arms.some(({ student, maker }) => {
      const { teacher, taps } = student.method.needs;
      if (taps || maker.choice.params.augment === 'crop-flip') return false;
      return teacher === 'parents' || (teacher === 'logits' && maker.realRows(recipe.batch) > 0);
    });
    if (asksData && this.transfer.count <= recipe.steps * recipe.batch) {
      const several = this.students.some(({ method }) => method.needs.several);
      const teachers = [this.teacher, ...(several ? this.teacher.companions : [])];
      for (const [i, teacher] of teachers.entries()) {
        const what = `${whoOf(teachers, i)} answers the training examples`;
        await teacher.remember(this.pixels, this.transfer.count, turnOf(this.host, what));
      }
    }
    if (this.makers.some(({ choice }) => choice.params.pairs === 'neighbours'))
      await this.findNeighbours();
    this.examiner.keepStart();
    const points = data.shape.length === 1;
    return {
      classes: data.classes,
      ...(data.targets && { targets: { names: data.targets.names, unit: data.targets.unit } }),
      shape: data.shape,
      counts: {
        train: data.train.count,
        transfer: this.transfer.count,
        validation: this.examiner.validation.count,
        test: Math.min(recipe.evaluation.testImages, data.test.count),
      },
      teacher: {
        title: this.teacher.title,
        validation: validated[0] as Figures,
        parameters: this.teacher.parameters,
        macs: this.teacher.macs,
      },
      companions: this.teacher.companions.map(({ title, parameters, macs }, i) => ({
        title,
        validation: validated[i + 1] as Figures,
        parameters,
        macs,
      })),
      ...(this.teacher.line.length > 0 && { generations: this.teacher.line }),
      students: this.students.map(({ parameters, macs }) => ({ parameters, macs })),
      examples: examplesOf(
        this.pixels,
        data,
        points ? this.transfer.count : Math.min(24, this.transfer.count),
      ),
    };
  }

  /** Pairs of neighbours need to know who they are: the teacher is asked about each row once. */
  private async findNeighbours(): Promise<void> {
    const { count } = this.transfer;
    const neighbours = await nearestRows(
      this.teacher,
      this.pixels,
      count,
      turnOf(this.host, 'Looking for each example’s neighbours'),
    );
    this.transfer = { ...this.transfer, neighbours };
  }

  /** One step of every student on the same real rows, each distinct sampler setting drawn and answered once. */
  async takeStep(): Promise<void> {
    const rows = this.order.next(this.recipe.batch);
    for (const maker of this.makers) maker.draw(rows, this.transfer);
    for (const student of this.students) {
      await student.compress(this.step);
      student.begin(this.step);
    }
    this.terms.begin(this.step);
    const chosen = new Map<BatchMaker, Batch>();
    for (const maker of this.makers)
      if (maker.selects) chosen.set(maker, await maker.makeChosen(this.teacher));
    const { calls, rows: asked } = this.teacher;
    if (await this.stepper.run(() => this.compute(chosen), this.form()))
      this.teacher.count(this.asked);
    else this.asked = { calls: this.teacher.calls - calls, rows: this.teacher.rows - asked };
    this.step += 1;
    // Several sources of synthetic rows take turns on the stage.
    const drawn = this.makers.filter((maker) => maker.synthetic > 0);
    const shown = drawn[this.step % drawn.length];
    const plans = (shown ?? this.makers.at(-1))?.plans ?? [];
    this.last = {
      plans: shown ? plans.slice(-shown.synthetic) : plans,
      generator: shown ? this.generatorOf(shown.choice) : null,
    };
    if (this.step === this.recipe.steps)
      for (const student of this.students) await student.finish();
  }

  /** What the launches of this step depend on: a recording serves the steps of its own form alone. */
  private form(): string {
    return [
      ...this.makers.map((maker) => maker.form(this.teacher, this.asks(maker))),
      ...this.students.map((student) => student.form),
    ].join('; ');
  }

  /** Whether somebody who shares the maker's batches looks at the teacher's answers in this step. */
  private asks(maker: BatchMaker): boolean {
    return this.arms.some((arm) => arm.maker === maker && !arm.student.warms(this.step));
  }

  /** What a step computes once its rows are drawn: nothing is read back in it. */
  private compute(chosen: ReadonlyMap<BatchMaker, Batch>): void {
    const batches = new Map<BatchMaker, Batch>(chosen);
    try {
      for (const maker of this.makers)
        if (!batches.has(maker)) batches.set(maker, maker.make(this.teacher, this.asks(maker)));
      for (const [i, { student, maker }] of this.arms.entries())
        student.learn(batches.get(maker) as Batch, (terms) => this.terms.put(i, terms));
    } finally {
      for (const batch of batches.values()) disposeBatch(batch);
    }
  }

  /**
   * Goes on with other numbers from the next step on.
   *
   * @returns what changes, in words; null where the new recipe differs in more than a run can take over (nothing is done)
   */
  adjust(recipe: Recipe): readonly string[] | null {
    const words = liveChange(this.recipe, recipe);
    if (words === null) return null;
    recipe.students.forEach(({ method, sampler }, i) => {
      const { student, maker } = this.arms[i] as Arm;
      student.adjust(method.params);
      maker.choice = sampler;
    });
    this.recipe = recipe;
    return words;
  }

  /** True once steps are replayed. */
  get replays(): boolean {
    return this.stepper.replays;
  }

  /** Why steps are run one by one and not replayed, as a sentence; null where nothing is against it. */
  get refusal(): string | null {
    return this.stepper.refusal;
  }

  /** The students' terms at the last step. @throws Diverged where a loss has left for good */
  async trainPoints(): Promise<TrainPoint[]> {
    const steps = await this.terms.read();
    const points = this.students.map((student, i) => student.pointOf(steps[i] ?? []));
    const doubts = this.students.map(({ lastDoubt }) => lastDoubt);
    this.examiner.lastGood.prove(this.step - 1, Math.max(...doubts));
    if (this.step === this.recipe.steps) for (const student of this.students) student.checkEnd();
    return points;
  }

  /**
   * Looks at the losses of the steps that were taken, so that none goes unseen: after every step, before an evaluation in
   * any case.
   *
   * @throws Diverged where a loss has left for good
   */
  async watch(now = false): Promise<void> {
    if (now || this.terms.due) await this.trainPoints();
  }

  /**
   * Goes back to the students' last good weights for everything that is shown of them.
   *
   * @returns their figures on the validation split
   */
  async rescue(): Promise<EvaluationPoint> {
    const rescued = await this.examiner.rescue();
    if (!rescued) throw new Error('nothing was kept before the first step');
    this.viewer.lookAt(rescued.stand.networks);
    this.rescued = rescued.point.step;
    return rescued.point;
  }

  /** The step whose weights are shown. */
  get shown(): number {
    return this.rescued ?? this.step;
  }

  /** All students on the validation split, as they stand. */
  evaluate(seconds: number): ReturnType<Examiner['evaluate']> {
    return this.examiner.evaluate(this.step, seconds);
  }

  /** Teacher and students on the test split, by their last weights. */
  test(): ReturnType<Examiner['test']> {
    return this.examiner.test(this.step);
  }

  /** A few of the rows that were drawn last, with everybody's answers; synthetic ones where there are any. */
  look(count: number): Promise<StageSample[]> {
    return this.viewer.look(count, this.last, this.step, this.examiner.constantsByStudent());
  }

  /** The students' answers, as they stand, to questions that were looked at before; see Viewer. */
  again(watched: readonly number[] | null): Promise<LaterAnswers[]> {
    return this.viewer.again(watched, this.shown, this.examiner.constantsByStudent());
  }

  /** Teacher's and students' answers over the plane; null for other inputs. @param halvings of its fineness */
  planes(halvings = 0): ReturnType<Viewer['planes']> {
    return this.viewer.planes(halvings);
  }

  /** Teacher's and students' answers along the line; null for other inputs. @param halvings of its fineness */
  lines(halvings = 0): ReturnType<Viewer['lines']> {
    return this.viewer.lines(this.examiner.constantsByStudent(), halvings);
  }

  dispose(): void {
    this.parts.dispose();
    // What comes next, a teacher that is trained for another run, computes as all do.
    useArithmetic(COMMON);
  }
}
