import { sizeOf } from '../../models/net/graph';
import type { ClassAnswers, Meaning, ValueAnswers } from '../../recipe/meaning';
import type { ReadNetwork } from '../given';
import type { NetBuilder } from '../net/builder';
import { refuse, shown } from '../refuse';
import { endingOf } from './ending';
import type { TaskSide } from '../../recipe/task-side';

/** The least probability that is told apart from none: a logarithm needs one. */
const LEAST = 1e-7;

/**
 * Nodes that turn a network's answer into a task's logits [classes], or its Gaussian heads [2 targets].
 *
 * @param names what the file's values are called in the builder
 * @returns the value that is the task's answer
 */
export function putBehind(
  builder: NetBuilder,
  net: ReadNetwork,
  names: ReadonlyMap<string, string>,
  task: TaskSide,
  { output, answers }: Pick<Meaning, 'output' | 'answers'>,
): string {
  if ((answers.kind === 'values') !== (task.targets !== undefined))
    throw refuse(
      'E_UPLOAD_MEANING',
      task.targets
        ? `${builder.file} is to answer with classes, and the task asks for real values.`
        : `${builder.file} is to answer with real values, and the task asks for classes.`,
      'Inspect it anew on this task.',
    );
  return answers.kind === 'values'
    ? heads(builder, net, names, task, output, answers)
    : logits(builder, net, names, task, output, answers);
}

/** One of the file's values as a list. */
function listed(
  builder: NetBuilder,
  net: ReadNetwork,
  names: ReadonlyMap<string, string>,
  value: string,
): string {
  const at = names.get(value);
  if (at === undefined)
    throw refuse(
      'E_UPLOAD_MEANING',
      `${builder.file} has no output named ${shown(value)}; it has ${net.outputs.map((name) => shown(name)).join(', ')}.`,
      'Choose one of its outputs.',
    );
  const shape = builder.shape(at);
  if (shape.length === 1) return at;
  return builder.add('given.answer', at, { op: 'reshape', shape: [sizeOf(shape)] });
}

const list = (values: readonly number[]) => ({
  shape: [values.length],
  values: Float32Array.from(values),
});

function affine(
  builder: NetBuilder,
  name: string,
  at: string,
  scale: readonly number[],
  shift: readonly number[],
): string {
  if (scale.every((n) => n === 1) && shift.every((n) => n === 0)) return at;
  return builder.add(name, at, { op: 'affine' }, { scale: list(scale), shift: list(shift) });
}

function logits(
  builder: NetBuilder,
  net: ReadNetwork,
  names: ReadonlyMap<string, string>,
  task: TaskSide,
  output: string,
  { kind, classes }: ClassAnswers,
): string {
  const ending = endingOf(net.graph, output);
  const whole = listed(builder, net, names, output);
  const size = builder.shape(whole)[0] as number;
  const all = (n: number) => Array<number>(size).fill(n);
  const single = kind === 'sigmoid' && size === 1;
  checkClasses(builder.file, classes, task.classes.length, size, single);
  const clip = (low: number, high: number) =>
    builder.add('given.clipped', whole, { op: 'clip', low, high });
  const log = (name: string, of: string) => builder.add(name, of, { op: 'curve', curve: 'log' });
  let at = whole;
  if (kind === 'probabilities')
    at =
      ending.op === 'softmax'
        ? listed(builder, net, names, ending.before)
        : log('given.logits', clip(LEAST, 1));
  if (kind === 'sigmoid') {
    if (ending.op === 'sigmoid') at = listed(builder, net, names, ending.before);
    else {
      const shares = clip(LEAST, 1 - LEAST);
      const rest = affine(builder, 'given.rest', shares, all(-1), all(1));
      at = builder.add('given.logits', log('given.for', shares), {
        op: 'binary',
        kind: 'subtract',
        other: log('given.against', rest),
      });
    }
  }
  if (single) {
    const zero = builder.literal('given.zero', list([0]));
    const two = builder.add('given.two', at, { op: 'concat', others: [zero], axis: 0 });
    const places = classes.map((place) => (place === null ? 1 : 0));
    return builder.add('given.classes', two, { op: 'pick', places });
  }
  return mapped(builder, at, size, classes);
}

/** @throws UserError where a map of classes does not fit */
function checkClasses(
  file: string,
  classes: ClassAnswers['classes'],
  wanted: number,
  size: number,
  single: boolean,
): void {
  const wrong = (why: string) =>
    refuse('E_UPLOAD_MEANING', `${file}: ${why}.`, 'Say anew which output stands for which class.');
  if (classes.length !== wanted)
    throw wrong(`the outputs of ${classes.length} classes are named, and the task has ${wanted}`);
  const used = classes.filter((place) => place !== null);
  const beyond = used.find((place) => place >= size);
  if (beyond !== undefined)
    throw wrong(`output ${beyond} stands for a class, and there are only ${size}, counted from 0`);
  if (new Set(used).size < used.length) throw wrong('one output stands for two classes');
  if (used.length === 0) throw wrong('no output stands for any class');
  if (single && (wanted !== 2 || used.length !== 1))
    throw wrong('its single output tells two classes apart, one of which it stands for');
}

/** The outputs in the order of the task's classes; classes without one get a logit far below the highest. */
function mapped(
  builder: NetBuilder,
  at: string,
  size: number,
  classes: ClassAnswers['classes'],
): string {
  const used = classes.filter((place) => place !== null);
  if (used.length === size && classes.every((place, i) => place === i)) return at;
  const picked = builder.add('given.classes', at, { op: 'pick', places: used });
  if (used.length === classes.length) return picked;
  const top = builder.add('given.top', picked, {
    op: 'reduce',
    kind: 'max',
    axes: [0],
    keep: true,
  });
  const low = affine(builder, 'given.low', top, [1], [Math.log(LEAST)]);
  const all = builder.add('given.with-low', picked, { op: 'concat', others: [low], axis: 0 });
  let next = 0;
  const places = classes.map((place) => (place === null ? used.length : next++));
  return builder.add('given.all', all, { op: 'pick', places });
}

/** Variances that are told apart from none and from all. */
const VARIANCES = [1e-12, 1e12] as const;

function heads(
  builder: NetBuilder,
  net: ReadNetwork,
  names: ReadonlyMap<string, string>,
  { targets }: TaskSide,
  output: string,
  { scale, shift, spread }: ValueAnswers,
): string {
  const { mean, std } = targets as NonNullable<TaskSide['targets']>;
  const d = mean.length;
  const wrong = (why: string) =>
    refuse('E_UPLOAD_MEANING', `${builder.file}: ${why}.`, 'Inspect it anew on this task.');
  if (scale.length !== d || shift.length !== d)
    throw wrong(`units of ${scale.length} values are given, and the task has ${d}`);
  const whole = listed(builder, net, names, output);
  const part = (name: string, of: string, from: number) => {
    const size = builder.shape(of)[0] as number;
    if (size < from + d) throw wrong(`it puts out ${size} numbers where ${from + d} are needed`);
    const places = Array.from({ length: d }, (_, k) => from + k);
    return size === d && from === 0 ? of : builder.add(name, of, { op: 'pick', places });
  };
  const units = scale.map((n, k) => n / (std[k] as number));
  const centre = affine(
    builder,
    'given.mean-units',
    part('given.means', whole, 0),
    units,
    shift.map((n, k) => (n - (mean[k] as number)) / (std[k] as number)),
  );
  if (spread.kind === 'constant') {
    if (spread.logVariance.length !== d)
      throw wrong(`${spread.logVariance.length} log-variances are given, and the task needs ${d}`);
    const literal = builder.literal('given.spread', list(spread.logVariance));
    return builder.add('given.heads', centre, { op: 'concat', others: [literal], axis: 0 });
  }
  const own = spread.output === output;
  const from = own ? whole : listed(builder, net, names, spread.output);
  let at = part('given.spreads', from, own ? d : 0);
  const squared = spread.kind === 'deviation' ? 2 : 1;
  if (spread.kind !== 'log-variance') {
    const [low, high] = VARIANCES.map((n) => n ** (1 / squared)) as [number, number];
    const clipped = builder.add('given.spread-clipped', at, { op: 'clip', low, high });
    at = builder.add('given.spread-log', clipped, { op: 'curve', curve: 'log' });
  }
  const logVariance = affine(
    builder,
    'given.spread-units',
    at,
    units.map(() => squared),
    units.map((n) => 2 * Math.log(Math.abs(n))),
  );
  return builder.add('given.heads', centre, { op: 'concat', others: [logVariance], axis: 0 });
}
