import type { Columns, CurveName } from '../charts/curves';
import type { SpreadAt } from '../charts/WeightMap';
import type { EvaluationPoint, Figures, TrainPoint } from '../worker/protocol';

/** The page redraws its curves at most this often. */
const REDRAW_MS = 250;
/** Training points kept; beyond that every second one is dropped, which 300 drawn points never show. */
const CAPACITY = 8192;

type EvaluatedName = Exclude<CurveName, 'loss'>;

/** Every figure of one run, outside React: messages append, charts read columns and are told when to redraw. */
export class MetricLog {
  private steps: number[] = [];
  private losses: number[][] = [];
  private points: EvaluationPoint[] = [];
  /** Rise with the columns of losses and of evaluations. */
  private readonly versions = { loss: 0, evaluated: 0 };
  private readonly pending = new Set<keyof typeof this.versions>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** Appends the training losses of a step, one for each student; a step that came before is ignored. */
  train(step: number, students: readonly TrainPoint[]): void {
    if (step <= (this.steps.at(-1) ?? -1)) return;
    this.steps.push(step);
    students.forEach(({ loss }, student) => (this.losses[student] ??= []).push(loss));
    if (this.steps.length > CAPACITY) {
      const keep = (_: number, row: number) => row % 2 === 0;
      this.steps = this.steps.filter(keep);
      this.losses = this.losses.map((column) => column.filter(keep));
    }
    this.changed('loss');
  }

  /** Appends the figures of an evaluation. */
  evaluated(point: EvaluationPoint): void {
    if (point.step <= (this.points.at(-1)?.step ?? -1)) return;
    this.points.push(point);
    this.changed('evaluated');
  }

  clear(): void {
    this.steps = [];
    this.losses = [];
    this.points = [];
    this.changed('loss');
    this.changed('evaluated');
    // Curves of another run are not shown a moment longer.
    this.tell();
  }

  /** The columns of one figure, in the order of the run's students. */
  columns(curve: CurveName): Columns {
    if (curve === 'loss') return { steps: this.steps, values: this.losses, averaged: null };
    const averaged = this.points.some((point) => point.averaged !== null);
    return {
      steps: this.points.map((point) => point.step),
      values: this.pick(curve, (point) => point.students),
      averaged: averaged ? this.pick(curve, (point) => point.averaged ?? []) : null,
    };
  }

  /** How one layer's weights of a student were spread at each evaluation; empty where nothing changes them. */
  spreads(student: number): readonly SpreadAt[] {
    return this.points.flatMap(({ step, spreads }) => {
      const spread = spreads?.[student];
      return spread ? [{ step, spread }] : [];
    });
  }

  private pick(
    name: EvaluatedName,
    of: (point: EvaluationPoint) => readonly Figures[],
  ): number[][] {
    const students = this.points[0]?.students.length ?? 0;
    return Array.from({ length: students }, (_, student) =>
      this.points.map((point) => of(point)[student]?.[name] ?? NaN),
    );
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Rises whenever a curve's columns changed and the time for a redraw has come. */
  version(curve: CurveName): number {
    return this.versions[curve === 'loss' ? 'loss' : 'evaluated'];
  }

  private changed(what: keyof typeof this.versions): void {
    this.pending.add(what);
    this.timer ??= setTimeout(() => this.tell(), REDRAW_MS);
  }

  private tell(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const key of this.pending) this.versions[key] += 1;
    this.pending.clear();
    for (const listener of this.listeners) listener();
  }
}
