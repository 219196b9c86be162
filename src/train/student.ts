import * as tf from '@tensorflow/tfjs';
import type { AnyValues } from '../recipe/fields';
import type { Footprint, TrainPoint, WeightSpread } from '../recipe/events';
import type { Recipe, Student as StudentRecipe } from '../recipe/recipe';
import { Belongings } from '../gpu/belongings';
import { crossEntropy } from '../gpu/ops/losses';
import { LiveNumber } from '../gpu/ops/live';
import { methods } from '../methods/registry';
import type { Method, MethodProgress, Sizes, StepTensors } from '../methods/contract';
import { models } from '../models/registry';
import { drawWeights } from '../models/net/draw';
import type { Weights } from '../models/net/draw';
import { FrozenNetwork } from '../models/net/frozen';
import { roomHere } from '../gpu/room';
import { countMacs, countParameters, tapShapesOf } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import { Auxiliaries } from './auxiliary';
import type { Batch } from './batch';
import { requireRoom } from './room';
import { Compressor } from './compress';
import { givenKey, startOf } from './given-students';
import type { GivenStudents } from './given-students';
import { learn, learnerOf } from './learner';
import type { Learner } from './learner';
import { Memory } from './memory';
import { rateAt } from './optimizer';
import type { StepTerms } from './terms';
import { Diverged, LossWatch } from './watch';
import type { Departure } from './watch';

/** What the students of a run have in common. */
export interface Class {
  readonly run: Recipe;
  /** Shape of one input. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Labels of the transfer set. */
  readonly labels: Uint8Array;
  /** The teachers' networks. */
  readonly teachers: readonly Graph[];
  /** The architectures that students have from files. */
  readonly given: GivenStudents;
}

/** One arm of a run: a network that learns by a method from the batches of its sampler setting. */
export class Student {
  readonly name: string;
  readonly method: Method;
  readonly parameters: number;
  readonly macs: number;
  private learner: Learner;
  private readonly compressor: Compressor;
  private params: AnyValues;
  private readonly run: Recipe;
  private readonly auxiliaries: Auxiliaries;
  private readonly memory: Memory | null;
  private readonly stepsPerEpoch: number;
  /** Steps at the beginning in which it learns by labels alone. */
  private readonly warmSteps: number;
  private readonly temperature = new LiveNumber();
  private readonly live = new Map<string, LiveNumber>();
  private followed = 0;
  private warm = false;
  /** How often a compression has changed the launches of a step. */
  private turns = 0;
  private weights: Readonly<Record<string, number>> = {};
  private readonly watch = new LossWatch();

  constructor(recipe: StudentRecipe, { run, shape, classes, labels, teachers, given }: Class) {
    this.name = recipe.name;
    this.params = recipe.method.params;
    this.run = run;
    this.method = methods.get(recipe.method.id);
    const own = recipe.file && given.get(givenKey(recipe.file));
    if (recipe.file && !own) throw new Error('a run was started without the file of its student');
    const graph =
      own?.graph ?? models.get(recipe.model.id).graph(shape, classes, recipe.model.params);
    requireRoom(recipe.name, graph, run.batch, roomHere());
    const start = own ? startOf(own, run.seed) : drawWeights(graph, run.seed);
    this.compressor = new Compressor(
      recipe.compression,
      graph,
      run,
      this.method.needs.taps === true,
    );
    const parts = new Belongings();
    try {
      this.learner = parts.add(learnerOf(graph, start, run.optimizer));
      this.parameters = countParameters(graph);
      this.macs = countMacs(graph);
      const { method, params } = this;
      const sizes: Sizes = {
        classes,
        rows: labels.length,
        student: tapShapesOf(graph),
        teachers: teachers.map(tapShapesOf),
      };
      const networks = method.auxiliary?.(sizes, params) ?? {};
      this.auxiliaries = parts.add(new Auxiliaries(networks, run.seed, run.optimizer));
      const memory = method.memory?.(sizes, params);
      this.memory = memory ? new Memory(memory, labels, classes, run.seed) : null;
    } catch (thrown) {
      parts.dispose();
      throw thrown;
    }
    this.warmSteps = Math.round((recipe.warmStart ?? 0) * run.steps);
    this.stepsPerEpoch = Math.max(1, labels.length / run.batch);
  }

  /** The network as it is now: a compression may go on with another one. */
  get network(): Learner {
    return this.learner;
  }

  /** Does what a compression has to do before a step. */
  async compress(step: number): Promise<void> {
    const turned = await this.compressor.turn(step, this.learner);
    if (turned.kind !== 'nothing') this.turns += 1;
    if (turned.kind === 'rebuilt') {
      this.learner.dispose();
      this.learner = learnerOf(turned.graph, turned.weights, this.run.optimizer);
      // The average is another network's too: it begins anew.
      this.followed = 0;
    }
  }

  /** Does what a compression has to do after the last step. */
  async finish(): Promise<void> {
    await this.compressor.finish(this.learner, this.followed > 0);
  }

  /** What it takes as it stands, stored and run. */
  get footprint(): Footprint {
    return this.compressor.footprint(this.learner.graph);
  }

  /** How the weights of one layer are spread; null where no compression changes them. */
  async spread(): Promise<WeightSpread | null> {
    return this.compressor.spread(this.learner);
  }

  /** Parameters that learn beside the network and are dropped after the run. */
  get extraParameters(): number {
    return this.auxiliaries.learners.reduce((sum, { graph }) => sum + countParameters(graph), 0);
  }

  /** Goes on with other numbers of the method's parameters. */
  adjust(params: AnyValues): void {
    this.params = params;
  }

  /** True while it learns by labels alone. */
  warms(step: number): boolean {
    return step < this.warmSteps;
  }

  /** What the launches of `learn` depend on beside the batch: steps of one form are taken alike. */
  get form(): string {
    return `${this.warm ? 'labels' : Object.keys(this.weights).join()}, changed ${this.turns} times`;
  }

  /** Sets what differs from step to step. @param step counted from 0 */
  begin(step: number): void {
    const { steps, averageDecay, optimizer } = this.run;
    this.compressor.begin(step);
    this.warm = this.warms(step);
    this.weights = this.weightsAt(step);
    for (const [name, weight] of Object.entries(this.weights)) this.liveWeight(name).set(weight);
    // A temperature of 1 and one of 4 are the same launches with another number.
    const { temperature } = this.params;
    if (typeof temperature === 'number') this.temperature.set(temperature);
    const first = this.followed === 0;
    this.followed += averageDecay > 0 ? 1 : 0;
    const decay = first ? 0 : Math.min(averageDecay, (1 + step) / (10 + step));
    const rate = rateAt(optimizer, step, steps);
    this.network.begin(rate, decay);
    if (!this.warm) this.auxiliaries.begin(rate);
  }

  private weightsAt(step: number): Readonly<Record<string, number>> {
    return this.warms(step) ? {} : this.method.weights(this.params, this.progress(step));
  }

  /** One training step on a batch: the same launches each time for one `form`. @param put takes the terms of its loss */
  learn(batch: Batch, put: (terms: Readonly<Record<string, tf.Scalar>>) => void): void {
    if (this.warm) this.learnLabels(batch, put);
    else this.learnMethod(batch, put);
    if (this.run.averageDecay > 0) this.network.follow();
  }

  /** By labels alone; rows without one add nothing. */
  private learnLabels(
    batch: Batch,
    put: (terms: Readonly<Record<string, tf.Scalar>>) => void,
  ): void {
    const passing = new Belongings();
    try {
      const targets = passing.add(batch.targets(false));
      const loss = () => crossEntropy(this.network.forward(batch.x).logits, targets);
      put({ ce: passing.add(learn(loss, [this.network])) });
    } finally {
      passing.dispose();
    }
  }

  private learnMethod(
    batch: Batch,
    put: (terms: Readonly<Record<string, tf.Scalar>>) => void,
  ): void {
    const passing = new Belongings();
    try {
      this.learnPassing(batch, put, passing);
    } finally {
      passing.dispose();
    }
  }

  /** @param passing takes what is freed once the step is over */
  private learnPassing(
    batch: Batch,
    put: (terms: Readonly<Record<string, tf.Scalar>>) => void,
    passing: Belongings,
  ): void {
    const targets = passing.add(batch.targets(this.method.needs.labels === 'mixed'));
    const { method, params, memory } = this;
    const lines = memory && passing.add(batch.lookUp(memory.all));
    let terms: Readonly<Record<string, tf.Scalar>> = {};
    let remembered: tf.Tensor2D | null = null;
    this.auxiliaries.renew();
    const loss = () => {
      const { logits, taps } = this.network.forward(batch.x);
      const step: StepTensors = {
        logits,
        teacher: batch.teacher,
        parents: batch.parents,
        targets,
        ...(method.needs.taps && { taps }),
        teachers: batch.teachers,
        auxiliary: (name, x) => this.auxiliaries.run(name, x),
        ...(memory &&
          lines && {
            memory: {
              all: memory.all,
              rows: lines,
              ...(memory.labels && { labels: memory.labels }),
            },
          }),
        ...(typeof params.temperature === 'number' && { live: { temperature: this.temperature } }),
      };
      terms = method.terms(step, params);
      for (const term of Object.values(terms)) passing.add(tf.keep(term));
      if (memory && method.remember)
        remembered = passing.add(tf.keep(method.remember(step, params)));
      const weighted = Object.entries(terms).map(([name, term]) =>
        name in this.weights ? tf.mul(term, this.liveWeight(name).tensor) : term,
      );
      return tf.addN(weighted) as tf.Scalar;
    };
    passing.add(learn(loss, [this.network, ...this.auxiliaries.learners]));
    put(terms);
    if (memory && remembered) memory.store(batch, remembered);
  }

  private progress(step: number): MethodProgress {
    return { step, steps: this.run.steps, stepsPerEpoch: this.stepsPerEpoch };
  }

  private liveWeight(name: string): LiveNumber {
    const found = this.live.get(name);
    if (found) return found;
    const made = new LiveNumber();
    this.live.set(name, made);
    return made;
  }

  /**
   * The last of some steps' terms, with the loss that they make.
   *
   * @throws Diverged where the loss has left for good
   */
  pointOf(steps: readonly StepTerms[]): TrainPoint {
    let point: TrainPoint = { loss: 0, terms: {} };
    for (const read of steps) {
      const weights = this.weightsAt(read.step);
      const left = this.watch.add(read, weights);
      if (left) throw this.diverged(left);
      let loss = 0;
      for (const [name, value] of Object.entries(read.terms)) loss += value * (weights[name] ?? 1);
      point = { loss, terms: read.terms };
    }
    return point;
  }

  /** The last step whose loss was far above where it began; see LossWatch. */
  get lastDoubt(): number {
    return this.watch.lastDoubt;
  }

  /** Looks at the loss at the end of the run. @throws Diverged where it ends far above where it began */
  checkEnd(): void {
    const left = this.watch.end();
    if (left) throw this.diverged(left);
  }

  private diverged(left: Departure): Diverged {
    return new Diverged(`of ${this.name}`, left, 'students');
  }

  /** All weights as they stand now, compressed ones in their stored form. */
  async weightsNow(): Promise<Weights> {
    const weights = new Map<string, Float32Array>();
    for (const { name } of this.network.specs) {
      const stands = tf.tidy(() =>
        tf.clone(this.compressor.stand(name, this.network.weight(name))),
      );
      weights.set(name, Float32Array.from((await stands.data()) as Float32Array));
      stands.dispose();
    }
    return weights;
  }

  /** The network in inference mode as it stands now, with compressed weights where they are. The caller disposes of it. */
  freeze(): FrozenNetwork {
    return new FrozenNetwork(this.network.graph, (name) =>
      this.compressor.stand(name, this.network.weight(name)),
    );
  }

  /** The averaged network, or null where the recipe asks for none. The caller disposes of it. */
  freezeAverage(): FrozenNetwork | null {
    if (this.followed === 0) return null;
    return new FrozenNetwork(this.network.graph, (name) =>
      this.compressor.stand(name, this.network.average(name), true),
    );
  }

  dispose(): void {
    this.network.dispose();
    this.compressor.dispose();
    this.auxiliaries.dispose();
    this.memory?.dispose();
    for (const number of this.live.values()) number.dispose();
    this.temperature.dispose();
  }
}
