import type * as tf from '@tensorflow/tfjs';
import type { LaterAnswers, LineAnswer, PlaneGrid, StageSample } from '../recipe/events';
import type { FrozenNetwork } from '../models/net/frozen';
import type { RowPlan } from '../samplers/parts/provenance';
import type { Pixels } from '../samplers/parts/render';
import type { TaskData } from '../tasks/contract';
import { AskedQuestions, renderRows } from './asked';
import type { Constant } from './gaussian';
import type { Generator } from './generator';
import { lineAnswer, lineOf } from './line';
import type { Line } from './line';
import { askAll, planeExtent, planeGrid, planeInputs, stageSamples } from './stage';
import type { Student } from './student';
import type { Teacher } from './teacher';

/** Cells a side of the finest picture of the plane, and places of the finest line. */
const FINEST = { cells: 64, places: 120 };

/** Rows that were drawn for a step, and the generator that renders them where one does. */
export interface Drawn {
  readonly plans: readonly RowPlan[];
  readonly generator: Generator | null;
}

/** What the stage shows: everybody's answers on single rows, over the plane, along the line. */
export class Viewer {
  private readonly data: TaskData;
  private readonly pixels: Pixels;
  private readonly teacher: Teacher;
  private readonly students: readonly Student[];
  private readonly asked: AskedQuestions;
  private shown = 0;
  /** What is looked at in the students' places. */
  private instead: readonly FrozenNetwork[] | null = null;
  private readonly extent: number;
  /** Inputs of the pictures that were drawn so far, by how often their fineness was halved. */
  private readonly grids = new Map<number, tf.Tensor2D>();
  private readonly alongs = new Map<number, Line>();

  constructor(data: TaskData, pixels: Pixels, teacher: Teacher, students: readonly Student[]) {
    this.data = data;
    this.pixels = pixels;
    this.teacher = teacher;
    this.students = students;
    this.asked = new AskedQuestions(data, pixels);
    this.extent = this.dimensions === 2 ? planeExtent(data.train.x) : 0;
  }

  /** How many numbers an input that is a point has; null for images. */
  private get dimensions(): number | null {
    const { shape } = this.data;
    return shape.length === 1 ? (shape[0] ?? null) : null;
  }

  /**
   * A few of the rows that were drawn last, with everybody's answers.
   *
   * @param constants variances of students that learn only a mean; see Examiner
   */
  async look(
    count: number,
    { plans: drawn, generator }: Drawn,
    step: number,
    constants: readonly (Constant | undefined)[],
  ): Promise<StageSample[]> {
    if (drawn.length === 0) return [];
    const first = this.shown;
    const plans = Array.from(
      { length: Math.min(count, drawn.length) },
      (_, i) => drawn[(first + i) % drawn.length] as RowPlan,
    );
    this.shown += plans.length;
    const { pixels, data } = this;
    const values = await renderRows(pixels, plans, generator);
    const [taught] = await askAll([this.teacher.network], values, pixels.shape);
    if (!taught) return [];
    const learnt = await this.frozen((students) => askAll(students, values, pixels.shape));
    this.asked.add(first, step, plans, generator, taught);
    return stageSamples(plans, values, first, step, pixels, data, taught, learnt, constants);
  }

  /**
   * The students' answers, as they stand, to the questions of before.
   *
   * @param watched those that somebody still looks at; null where nobody says so, and the newest are answered
   * @param constants see `look`
   */
  async again(
    watched: readonly number[] | null,
    step: number,
    constants: readonly (Constant | undefined)[],
  ): Promise<LaterAnswers[]> {
    if (watched) this.asked.keep(watched);
    return this.frozen((students) => this.asked.again(step, students, constants));
  }

  /**
   * Teacher's and students' answers over the plane; null for other inputs.
   *
   * @param halvings how often the number of cells a side is halved
   */
  async planes(halvings = 0): Promise<{ teacher: PlaneGrid; students: PlaneGrid[] } | null> {
    if (this.dimensions !== 2) return null;
    const { extent } = this;
    const inputs = this.grids.get(halvings) ?? planeInputs(extent, FINEST.cells / 2 ** halvings);
    this.grids.set(halvings, inputs);
    return this.frozen(async (students) => {
      const grids: PlaneGrid[] = [];
      for (const student of students) grids.push(await planeGrid(student, inputs, extent));
      return { teacher: await planeGrid(this.teacher.network, inputs, extent), students: grids };
    });
  }

  /**
   * Teacher's and students' answers along the line; null for other inputs.
   *
   * @param constants see `look`
   * @param halvings how often the number of stretches between the places is halved
   */
  async lines(
    constants: readonly (Constant | undefined)[],
    halvings = 0,
  ): Promise<{
    places: readonly number[];
    teacher: LineAnswer;
    students: LineAnswer[];
  } | null> {
    const { targets } = this.data;
    if (this.dimensions !== 1 || !targets) return null;
    const line =
      this.alongs.get(halvings) ?? lineOf(this.pixels, 1 + FINEST.places / 2 ** halvings);
    this.alongs.set(halvings, line);
    return this.frozen(async (networks) => {
      const students: LineAnswer[] = [];
      for (const [i, network] of networks.entries())
        students.push(await lineAnswer(network, line.inputs, targets, constants[i]));
      const teacher = await lineAnswer(this.teacher.network, line.inputs, targets, null);
      return { places: line.places, teacher, students };
    });
  }

  /** Looks at these in the students' places from now on; they stay the caller's. */
  lookAt(networks: readonly FrozenNetwork[]): void {
    this.instead = networks;
  }

  dispose(): void {
    for (const inputs of this.grids.values()) inputs.dispose();
    for (const { inputs } of this.alongs.values()) inputs.dispose();
  }

  private async frozen<T>(use: (students: readonly FrozenNetwork[]) => Promise<T>): Promise<T> {
    if (this.instead) return use(this.instead);
    const networks = this.students.map((student) => student.freeze());
    try {
      return await use(networks);
    } finally {
      for (const network of networks) network.dispose();
    }
  }
}
