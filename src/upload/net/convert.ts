import { UserError } from '../../recipe/errors';
import type { Reading } from '../given';
import { refuse, shown } from '../refuse';
import { Unfit } from './constant';
import type { Constant } from './constant';
import type { Flow, Flows, Value } from './flow';

/** One operator of a file. An input that is left out has the name ''. */
export interface Step {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What an operator makes: its outputs in order. Outputs that nobody reads may be left out. */
export type Rule<S extends Step> = (at: Place<S>) => Value | readonly Value[];

/** Gives the rule for a step. @throws UserError where there is none */
export type Rules<S extends Step> = (step: S) => Rule<S>;

/** A step that is being converted, with what it reads. */
export class Place<S extends Step> {
  readonly step: S;
  readonly flows: Flows;
  private readonly conversion: Conversion<S>;

  constructor(conversion: Conversion<S>, step: S) {
    this.conversion = conversion;
    this.flows = conversion.flows;
    this.step = step;
  }

  /** What the graph's values are called after. */
  get name(): string {
    return this.step.outputs[0] || this.step.name;
  }

  /** How many inputs it has, those that are left out counted. */
  get count(): number {
    return this.step.inputs.length;
  }

  maybe(i: number): Value | null {
    const name = this.step.inputs[i];
    return name ? this.conversion.made(name) : null;
  }

  value(i: number): Value {
    const value = this.maybe(i);
    if (!value) throw new Unfit(`has no input ${i + 1}`);
    return value;
  }

  values(): Value[] {
    return this.step.inputs.map((_, i) => this.value(i));
  }

  /** An input that depends on the network's. */
  flow(i: number): Flow {
    const value = this.value(i);
    if (value.kind !== 'flow') throw new Unfit(`works on a constant, which is not supported`);
    return value;
  }

  /** An input that is stored in the file or computed from what is. */
  constant(i: number): Constant {
    const value = this.value(i);
    if (value.kind !== 'constant')
      throw new Unfit(`reads ${shown(this.step.inputs[i] ?? '')}, which is not fixed in the file`);
    return value;
  }

  optional(i: number): Constant | null {
    return this.step.inputs[i] ? this.constant(i) : null;
  }

  /**
   * The one step that reads this step's first output, if it is one of these operators: a bias after a product. `take`
   * then says that it has been converted as well.
   */
  next(ops: readonly string[]): { readonly step: S; readonly other: Constant } | null {
    const output = this.step.outputs[0] ?? '';
    const [reader, more] = this.conversion.readers(output);
    if (!reader || more || !ops.includes(reader.op) || this.conversion.isOutput(output))
      return null;
    if (reader.inputs.length !== 2) return null;
    const name = reader.inputs.find((input) => input !== output);
    const other = name ? this.conversion.known(name) : null;
    return other?.kind === 'constant' ? { step: reader, other } : null;
  }

  /** This step's value is that of the step after it too. */
  take(after: S, value: Value): void {
    this.conversion.settle(after, [value]);
  }
}

/** Converts the steps that outputs need, in an order in which everything stands before its readers. */
export class Conversion<S extends Step> {
  readonly flows: Flows;
  /** Steps that were converted. */
  count = 0;
  private readonly file: string;
  private readonly rules: Rules<S>;
  private readonly values: Map<string, Value>;
  private readonly outputs: ReadonlySet<string>;
  private readonly makers = new Map<string, S>();
  private readonly readersOf = new Map<string, S[]>();
  private readonly reading: Reading;
  private readonly total: number;

  /** @param values what is there from the start: inputs and weights */
  constructor(given: {
    readonly file: string;
    readonly steps: readonly S[];
    readonly rules: Rules<S>;
    readonly flows: Flows;
    readonly values: Map<string, Value>;
    readonly outputs: readonly string[];
    readonly reading: Reading;
  }) {
    this.flows = given.flows;
    this.file = given.file;
    this.rules = given.rules;
    this.values = given.values;
    this.outputs = new Set(given.outputs);
    this.reading = given.reading;
    this.total = given.steps.length;
    for (const step of given.steps) {
      for (const output of step.outputs) {
        if (output === '') continue;
        if (this.makers.has(output) || this.values.has(output))
          throw this.refusal(step, `makes ${shown(output)}, which is there already`);
        this.makers.set(output, step);
      }
      for (const input of new Set(step.inputs))
        this.readersOf.set(input, [...(this.readersOf.get(input) ?? []), step]);
    }
  }

  readers(name: string): readonly S[] {
    return this.readersOf.get(name) ?? [];
  }

  isOutput(name: string): boolean {
    return this.outputs.has(name);
  }

  known(name: string): Value | null {
    return this.values.get(name) ?? null;
  }

  /** A value that has been made. */
  made(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw new Unfit(`reads ${shown(name)}, which its operator does not give`);
    return value;
  }

  /** Notes the outputs of a step. */
  settle(step: S, values: readonly Value[]): void {
    for (const [i, output] of step.outputs.entries()) {
      const value = values[i];
      if (output !== '' && value) this.values.set(output, value);
    }
    this.count += 1;
  }

  /** A value with everything that it needs. Depth first without recursion; a circle is refused. */
  value(name: string): Value {
    const open = new Set<S>();
    const stack: string[] = [name];
    while (stack.length > 0) {
      const wanted = stack.at(-1) as string;
      if (wanted === '' || this.values.has(wanted)) {
        stack.pop();
        continue;
      }
      const step = this.makers.get(wanted);
      if (!step)
        throw refuse(
          'E_UPLOAD_GRAPH',
          `${this.file} cannot be used: it reads the value ${shown(wanted)}, which nothing in it makes.`,
          'Export the network anew; the file may be cut off or a part of a larger network.',
        );
      const missing = step.inputs.filter((input) => input !== '' && !this.values.has(input));
      if (missing.length === 0) {
        this.convert(step);
        open.delete(step);
        if (!this.values.has(wanted))
          throw this.refusal(step, `does not give ${shown(wanted)}, which is read`);
        stack.pop();
        continue;
      }
      if (open.has(step))
        throw this.refusal(step, 'stands in a circle: it reads what depends on it');
      open.add(step);
      stack.push(...missing);
    }
    return this.values.get(name) as Value;
  }

  private convert(step: S): void {
    this.reading.signal?.throwIfAborted();
    if (this.count % 16 === 0)
      this.reading.progress('Converting operators', this.count / this.total);
    try {
      const made = this.rules(step)(new Place(this, step));
      this.settle(step, Array.isArray(made) ? (made as readonly Value[]) : [made as Value]);
    } catch (cause) {
      if (cause instanceof UserError || !(cause instanceof Unfit)) throw cause;
      throw this.refusal(step, cause.message, cause);
    }
  }

  private refusal(step: S, why: string, cause?: unknown): Error {
    const name = step.name || step.outputs[0] || '';
    return refuse(
      'E_UPLOAD_OPERATOR',
      `${this.file} cannot be used: its operator ${shown(step.op)}${name ? ` (${shown(name)})` : ''} ${why}.`,
      'Export the network anew in its form for inference, with one image input of a fixed size, or use another format.',
      cause,
    );
  }
}
