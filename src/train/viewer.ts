import type * as tf from '@tensorflow/tfjs';
import type { LineAnswer, PlaneGrid, StageSample } from '../recipe/events';
import type { FrozenNetwork } from '../models/net/frozen';
import type { RowPlan } from '../samplers/parts/provenance';
import { render } from '../samplers/parts/render';
import type { Pixels } from '../samplers/parts/render';
import type { TaskData } from '../tasks/contract';
import type { Constant } from './gaussian';
import type { Generator } from './generator';
import { lineAnswer, lineOf } from './line';
import type { Line } from './line';
import { planeExtent, planeGrid, planeInputs, stageSamples } from './stage';
import type { Student } from './student';
import type { Teacher } from './teacher';

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
  private shown = 0;
  private readonly plane: { extent: number; inputs: tf.Tensor2D } | null = null;
  private readonly line: Line | null = null;

  constructor(data: TaskData, pixels: Pixels, teacher: Teacher, students: readonly Student[]) {
    this.data = data;
    this.pixels = pixels;
    this.teacher = teacher;
    this.students = students;
    const points = data.shape.length === 1;
    if (points && data.shape[0] === 2) {
      const extent = planeExtent(data.train.x);
      this.plane = { extent, inputs: planeInputs(extent) };
    }
    if (points && data.shape[0] === 1) this.line = lineOf(pixels);
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
    const { pixels, data, teacher } = this;
    const values = generator ? await generator.render(pixels, plans) : render(pixels, plans);
    return this.frozen((students) =>
      stageSamples(plans, values, first, step, pixels, data, teacher.network, students, constants),
    );
  }

  /** Teacher's and students' answers over the plane; null for other inputs. */
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

  /** Teacher's and students' answers along the line; null for other inputs. */
  async lines(constants: readonly (Constant | undefined)[]): Promise<{
    places: readonly number[];
    teacher: LineAnswer;
    students: LineAnswer[];
  } | null> {
    const { line, data } = this;
    const { targets } = data;
    if (!line || !targets) return null;
    return this.frozen(async (networks) => {
      const students: LineAnswer[] = [];
      for (const [i, network] of networks.entries())
        students.push(await lineAnswer(network, line.inputs, targets, constants[i]));
      const teacher = await lineAnswer(this.teacher.network, line.inputs, targets, null);
      return { places: line.places, teacher, students };
    });
  }

  dispose(): void {
    this.plane?.inputs.dispose();
    this.line?.inputs.dispose();
  }

  private async frozen<T>(use: (students: readonly FrozenNetwork[]) => Promise<T>): Promise<T> {
    const networks = this.students.map((student) => student.freeze());
    try {
      return await use(networks);
    } finally {
      for (const network of networks) network.dispose();
    }
  }
}
