import type { EvaluationPoint, Figures, Footprint, Verdict } from '../recipe/events';
import type { Recipe } from '../recipe/recipe';
import type { FrozenNetwork } from '../models/net/frozen';
import { outputsOf } from '../tasks/contract';
import type { TaskData } from '../tasks/contract';
import { EvaluationSet } from './data';
import type { Constant } from './gaussian';
import { judgeOf } from './judge';
import type { Judge } from './judge';
import type { Answers } from './metrics';
import type { Student } from './student';
import type { Teacher } from './teacher';
import { LastGood } from './last-good';
import type { Stand } from './last-good';
import { compare } from './verdicts';
import type { Outcomes } from './verdicts';
import type { Host } from './host';

/** How good teachers and students are: on the validation split during a run, on the test split at its end. */
export class Examiner {
  readonly validation: EvaluationSet;
  private readonly recipe: Recipe;
  private readonly data: TaskData;
  private readonly teacher: Teacher;
  private readonly students: readonly Student[];
  private readonly host: Host;
  private readonly judge: Judge;
  /** The students as they stood when all was well. */
  readonly lastGood = new LastGood<FrozenNetwork>();
  private teacherAnswers: Answers | null = null;
  /** Of the best answer that is the same for every validation example. */
  private constantAnswer: Figures = {};
  /** Variances of students that learn only a mean, by the student's place, and the step by which they are. */
  private readonly constants = new Map<number, readonly number[]>();
  private fittedAt = -1;

  constructor(
    recipe: Recipe,
    data: TaskData,
    teacher: Teacher,
    students: readonly Student[],
    host: Host,
  ) {
    this.recipe = recipe;
    this.data = data;
    this.teacher = teacher;
    this.students = students;
    this.host = host;
    this.judge = judgeOf(data);
    this.validation = new EvaluationSet(data, data.validation, recipe.evaluation.images);
  }

  /**
   * The teacher and its companions on the validation split; the first one's answers are kept to compare students with.
   *
   * @param turn how often others have their turn while the i-th of them answers
   */
  async meet(turn: (teacher: number) => (share: number) => Promise<void>): Promise<Figures[]> {
    const answers: Answers[] = [];
    for (const [i, { network }] of [this.teacher, ...this.teacher.companions].entries())
      answers.push(await this.validation.answers(network, outputsOf(this.data), turn(i)));
    const first = answers[0] as Answers;
    this.teacherAnswers = first;
    this.constantAnswer = this.judge.constantAnswer(first, this.validation);
    return answers.map((of) => this.judge.figures(of, first, this.validation));
  }

  /** All students on the validation split, as they stand after `step` steps. */
  async evaluate(
    step: number,
    seconds: number,
  ): Promise<{ point: EvaluationPoint; verdicts: Verdict[] }> {
    const teacher = this.teacherAnswers;
    if (!teacher) throw new Error('evaluate was called before prepare');
    const { validation, judge } = this;
    const networks = this.students.map((student) => student.freeze());
    const { figures: raw, outcomes } = await this.judged(networks, step).catch(
      (thrown: unknown) => {
        for (const network of networks) network.dispose();
        throw thrown;
      },
    );
    this.lastGood.keep({ step, seconds, networks });
    const averaged =
      this.recipe.averageDecay > 0 && step > 0
        ? await this.each(
            (student) => student.freezeAverage(),
            validation,
            (answers, i) =>
              judge.figures(answers, teacher, validation, this.constantOf(i, answers)),
          )
        : null;
    const spreads = [];
    for (const student of this.students) spreads.push(await student.spread());
    return {
      point: {
        step,
        seconds,
        students: raw,
        averaged,
        constant: this.constantAnswer,
        footprints: this.footprints,
        ...(spreads.some((spread) => spread !== null) && { spreads }),
      },
      verdicts: compare(outcomes),
    };
  }

  /** Keeps the students as they start, in case that nothing better comes. */
  keepStart(): void {
    this.lastGood.keep({
      step: 0,
      seconds: 0,
      networks: this.students.map((student) => student.freeze()),
    });
  }

  /**
   * The students by their last weights that are known to be good, on the validation split.
   *
   * @returns null where none are known
   */
  async rescue(): Promise<{ stand: Stand<FrozenNetwork>; point: EvaluationPoint } | null> {
    const { stand } = this.lastGood;
    if (!stand) return null;
    const { step, seconds, networks } = stand;
    const { figures } = await this.judged(networks, step);
    const point = {
      step,
      seconds,
      students: figures,
      averaged: null,
      constant: this.constantAnswer,
    };
    return { stand, point };
  }

  /** Networks in the students' places on the validation split; variances that they are to get are fitted there. */
  private async judged(
    networks: readonly FrozenNetwork[],
    step: number,
  ): Promise<{ figures: Figures[]; outcomes: Outcomes[] }> {
    const { validation, judge, teacherAnswers: teacher } = this;
    if (!teacher) throw new Error('students were judged before prepare');
    const figures: Figures[] = [];
    const outcomes: Outcomes[] = [];
    for (const [i, network] of networks.entries()) {
      const answers = await validation.answers(network, outputsOf(this.data), () =>
        this.host.pause(),
      );
      const constant = this.fitConstant(i, answers);
      outcomes.push(judge.outcomes(answers, validation, constant));
      figures.push(judge.figures(answers, teacher, validation, constant));
    }
    this.fittedAt = step;
    return { figures, outcomes };
  }

  /** Teacher and students on the test split, by their weights after `step` steps, the last. */
  async test(step: number): Promise<{
    teacher: Figures;
    students: Figures[];
    constant: Figures;
    footprints: Footprint[];
    verdicts: Verdict[];
  }> {
    const { data, recipe, judge } = this;
    await this.fitConstants(step);
    const set = new EvaluationSet(data, data.test, recipe.evaluation.testImages);
    const networks = 1 + this.students.length;
    let tested = 0;
    const pause = async (share: number) => {
      this.host.progress('Testing', (tested + share) / networks);
      await this.host.pause();
    };
    try {
      const teacher = await set.answers(this.teacher.network, outputsOf(data), pause);
      const outcomes: Outcomes[] = [];
      const students = await this.each(
        (student) => student.freeze(),
        set,
        (answers, i) => {
          const constant = this.constants.get(i) ?? null;
          outcomes.push(judge.outcomes(answers, set, constant));
          return judge.figures(answers, teacher, set, constant);
        },
        (share) => {
          tested = outcomes.length + 1;
          return pause(share);
        },
      );
      const own = judge.figures(teacher, teacher, set);
      const constant = judge.constantAnswer(teacher, set);
      const { footprints } = this;
      return { teacher: own, students, constant, footprints, verdicts: compare(outcomes) };
    } finally {
      set.dispose();
    }
  }

  /** For each student null where it gives a variance, else the one it was given, undefined before it was given one. */
  constantsByStudent(): (Constant | undefined)[] {
    return this.students.map((student, i) => (meanAlone(student) ? this.constants.get(i) : null));
  }

  dispose(): void {
    this.validation.dispose();
    this.lastGood.dispose();
  }

  private get footprints(): Footprint[] {
    return this.students.map(({ footprint }) => footprint);
  }

  /** Variances by the weights of a step, where an evaluation at that step has not given them. */
  private async fitConstants(step: number): Promise<void> {
    if (step === this.fittedAt || !this.students.some(meanAlone)) return;
    await this.each(
      (student) => student.freeze(),
      this.validation,
      (answers, i) => this.fitConstant(i, answers),
    );
    this.fittedAt = step;
  }

  /** The variance that a student which learns only a mean gets by its answers on the validation split; else null. */
  private constantOf(student: number, answers: Answers): Constant {
    const one = this.students[student];
    return one && meanAlone(one) ? this.judge.constant(answers, this.validation) : null;
  }

  /** The same, kept for what follows. */
  private fitConstant(student: number, answers: Answers): Constant {
    const constant = this.constantOf(student, answers);
    if (constant) this.constants.set(student, constant);
    return constant;
  }

  private async each<T>(
    freeze: (student: Student) => FrozenNetwork | null,
    set: EvaluationSet,
    read: (answers: Answers, student: number) => T,
    pause: (share: number) => Promise<void> = () => this.host.pause(),
  ): Promise<T[]> {
    const out: T[] = [];
    for (const [i, student] of this.students.entries()) {
      const network = freeze(student);
      if (!network) throw new Error(`${student.name} has no averaged weights yet`);
      try {
        out.push(read(await set.answers(network, outputsOf(this.data), pause), i));
      } finally {
        network.dispose();
      }
    }
    return out;
  }
}

const meanAlone = ({ method }: Student): boolean => method.outputs === 'mean';
