import * as tf from '@tensorflow/tfjs';
import { hasKernels, launch } from '../gpu/kernels/launch';
import { RING_SCALARS, ringWrite } from '../gpu/kernels/ring';
import { LiveNumber } from '../gpu/ops/live';

/** A step's raw terms of one student, by name. */
export interface StepTerms {
  /** Counted from 0. */
  readonly step: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** Steps that are remembered on the GPU between two readings. */
const CAPACITY = 256;
/** Steps after which the ring is read: long before it begins to write over what nobody has read. */
const READ_EVERY = 64;
/** WebGL answers a reading late, so that not every step's terms are read there. */
const WEBGL_READ_EVERY = 16;
/** Most terms of one student. */
const COLUMNS = 12;

/**
 * What the students' losses were made of. On WebGPU every step writes its terms into a ring buffer on the GPU, and one
 * reading brings all steps since the last; elsewhere the last step's terms are kept and read.
 */
export class TermLog {
  /** What each student's columns are called, and from which step on. */
  private readonly names: { readonly from: number; readonly names: readonly string[] }[][];
  private readonly cursor = new LiveNumber();
  private ring: tf.Tensor2D | null = null;
  private last: (readonly tf.Scalar[])[];
  private step = -1;
  private readUpTo = -1;

  constructor(students: number) {
    this.names = Array.from({ length: students }, () => []);
    this.last = Array.from({ length: students }, () => []);
  }

  /** Says which step comes next, counted from 0. Outside of what is replayed. */
  begin(step: number): void {
    this.step = step;
    if (hasKernels()) this.cursor.set(step % CAPACITY);
  }

  /** Takes a student's terms of this step; the same launches each time. */
  put(student: number, terms: Readonly<Record<string, tf.Scalar>>): void {
    const scalars = Object.values(terms);
    if (scalars.length > COLUMNS) throw new Error(`a method has ${scalars.length} terms`);
    this.name(student, Object.keys(terms));
    if (!hasKernels()) {
      tf.dispose([...(this.last[student] ?? [])]);
      this.last[student] = scalars.map((scalar) => tf.keep(tf.clone(scalar)));
      return;
    }
    const columns = COLUMNS * this.names.length;
    const ring = (this.ring ??= tf.keep(tf.zeros([CAPACITY, columns]) as tf.Tensor2D));
    for (let from = 0; from < scalars.length; from += RING_SCALARS) {
      const part = scalars.slice(from, from + RING_SCALARS);
      const program = ringWrite(part.length, columns, student * COLUMNS + from);
      launch(program, [this.cursor.tensor, ...part, ring]);
    }
  }

  /** A student's terms may be others from a step on: what was written before keeps its names. */
  private name(student: number, names: readonly string[]): void {
    const known = (this.names[student] ??= []);
    if (known.at(-1)?.names.join() !== names.join()) known.push({ from: this.step, names });
  }

  private namesAt(student: number, step: number): readonly string[] {
    return this.names[student]?.findLast(({ from }) => from <= step)?.names ?? [];
  }

  /** True where steps would go unseen if nobody read now; by the count of steps alone, never by the clock. */
  get due(): boolean {
    const every = this.ring ? READ_EVERY : tf.getBackend() === 'webgl' ? WEBGL_READ_EVERY : 1;
    return (this.step + 1) % every === 0;
  }

  /** Every student's terms of the steps since the last reading (at most the last 256), the last step always among them. */
  async read(): Promise<StepTerms[][]> {
    const { step, ring } = this;
    if (step < 0) return this.names.map(() => []);
    if (!ring) return Promise.all(this.last.map((scalars, i) => this.lastOf(scalars, i, step)));
    const values = await ring.data();
    const first = Math.max(0, Math.min(step, Math.max(this.readUpTo + 1, step - CAPACITY + 1)));
    this.readUpTo = step;
    const steps = Array.from({ length: step - first + 1 }, (_, i) => first + i);
    return this.names.map((_, student) =>
      steps.map((at) => ({
        step: at,
        terms: Object.fromEntries(
          this.namesAt(student, at).map((name, i) => {
            const row = (at % CAPACITY) * COLUMNS * this.names.length;
            return [name, values[row + student * COLUMNS + i] as number];
          }),
        ),
      })),
    );
  }

  private async lastOf(
    scalars: readonly tf.Scalar[],
    student: number,
    step: number,
  ): Promise<StepTerms[]> {
    const values = await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0]));
    const names = this.namesAt(student, step);
    return [{ step, terms: Object.fromEntries(names.map((name, i) => [name, values[i] ?? NaN])) }];
  }

  dispose(): void {
    this.ring?.dispose();
    this.cursor.dispose();
    for (const scalars of this.last) tf.dispose([...scalars]);
  }
}
