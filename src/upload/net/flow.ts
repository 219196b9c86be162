import type { Binary, Margins } from '../../models/net/general';
import { sizeOf } from '../../models/net/graph';
import type { Node } from '../../models/net/graph';
import { shown } from '../refuse';
import type { NetBuilder, Values } from './builder';
import { constantOf, reshaped, transposed, Unfit } from './constant';
import type { Constant } from './constant';

/** One axis of a value as it lies in memory, or a share of a logical axis. Told apart by identity. */
export interface Factor {
  readonly size: number;
}

/**
 * A value that depends on the network's input. The file's logical axes, in the file's order, are products of factors;
 * `rows` says in which order the factors of one row lie in memory. So transposing and regrouping axes costs nothing, and
 * an image stays [height, width, channels] in memory whatever the file calls its axes.
 */
export interface Flow {
  readonly kind: 'flow';
  /** Name of the graph's value. */
  readonly name: string;
  readonly rows: readonly Factor[];
  /** Each logical axis as a product, the slowest factor first. The batch is a factor that no row has. */
  readonly axes: readonly (readonly Factor[])[];
  /** A value from the file: the same for every row. */
  readonly single: boolean;
}

export type Value = Constant | Flow;

/** Where an axis of a file's input lies in a row; null is the batch, and "one" an axis of size one that no row has. */
export type AxisPlace = number | null | 'one';

type Pair = readonly [number, number];
type Group = readonly Factor[];
type NodeBody<N> = N extends { readonly name: string; readonly input: string }
  ? Omit<N, 'name' | 'input'>
  : never;
type Body = NodeBody<Node>;
type Weights = Readonly<Record<string, Values>>;

/** Where an image's sides and channels stand among four logical axes. */
export interface ImageAxes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export const CHANNELS_FIRST: ImageAxes = { height: 2, width: 3, channels: 1 };
export const CHANNELS_LAST: ImageAxes = { height: 1, width: 2, channels: 3 };

/**
 * The size that stands for a batch of any number of rows in shape arithmetic: a prime above every size that a file may
 * ask for, so that a size is a multiple of it only where it counts rows.
 */
export const ANY_BATCH = 16_777_259;

const product = (group: Group) => group.reduce((n, { size }) => n * size, 1);
const big = ({ size }: Factor) => size !== 1;
const fresh = (sizes: readonly number[]): Factor[] => sizes.map((size) => ({ size }));
const same = (a: Group, b: Group) => a.length === b.length && a.every((f, i) => f === b[i]);

/** Factors that lie together in memory, of several values at once: what they have of one logical axis. */
interface Cell {
  readonly axis: number;
  /** Where they stand along an axis that counts rows too. */
  readonly side: 'before' | 'own' | 'after';
  /** A group for each value; empty where it has size one there. */
  readonly groups: readonly Group[];
}

/** How several values lie in memory together: cells in an order, and the value whose logical axes they have. */
interface Aligned {
  readonly cells: readonly Cell[];
  readonly order: readonly number[];
  readonly lead: Flow;
}

/** Groups factor by factor where all have the same or none, as a whole otherwise. */
function parted(groups: readonly Group[], whole: boolean): (readonly Group[])[] {
  const bigs = groups.map((group) => group.filter(big));
  const lead = bigs.reduce((most, group) => (group.length > most.length ? group : most));
  const sizes = (group: Group) => String(group.map(({ size }) => size));
  const even = bigs.every((group) => group.length === 0 || sizes(group) === sizes(lead));
  if (whole || !even) return [bigs];
  return lead.map((_, i) => bigs.map((group) => (group[i] ? [group[i]] : [])));
}

/** Writes values with logical axes into a network's graph. Names are those of the values it makes. */
export class Flows {
  readonly net: NetBuilder;
  /** The batch; its size is what the file says, or ANY_BATCH. */
  readonly batch: Factor;

  constructor(net: NetBuilder, batch: number) {
    this.net = net;
    this.batch = { size: batch };
  }

  /** The logical shape, with the batch's size in it. */
  shape(flow: Flow): number[] {
    return flow.axes.map(product);
  }

  /** The network's input: its logical axes, batch first, as places of a row in memory. */
  input(places: readonly AxisPlace[]): Flow {
    const rows = fresh(this.net.shape('input'));
    const axes = places.map((place) => {
      if (place === 'one') return [];
      return [place === null ? this.batch : (rows[place] as Factor)];
    });
    return { kind: 'flow', name: 'input', rows, axes, single: false };
  }

  /** A constant as a value of the graph, aligned to logical axes of which one is the batch. */
  lift(name: string, constant: Constant, rank: number, batchAt: number): Flow {
    const shape = [...Array<number>(Math.max(0, rank - constant.shape.length)).fill(1)];
    shape.push(...constant.shape);
    const sizes = shape.filter((_, i) => i !== batchAt);
    if (sizeOf(sizes) !== sizeOf(shape) || (batchAt < 0 && big(this.batch)))
      throw new Unfit('joins a constant that differs from row to row');
    const literal = this.net.literal(`${name}.value`, valuesOf(reshaped(constant, sizes)));
    const rows = fresh(sizes);
    const axes: Group[] = rows.map((factor) => [factor]);
    if (batchAt >= 0) axes.splice(batchAt, 0, [this.batch]);
    return { kind: 'flow', name: literal, rows, axes, single: true };
  }

  /** Which logical axis counts the rows; -1 where none does, as where the file has a batch of one. */
  batchAxis(flow: Flow): number {
    return flow.axes.findIndex((axis) => axis.includes(this.batch));
  }

  // ---- shapes -------------------------------------------------------------------------------------------------------

  /**
   * The value with a row's factors in this order and these groups as its axes; reshapes and permutes where it must.
   * Factors of size one come and go.
   */
  private settle(name: string, flow: Flow, groups: readonly Group[]): string {
    const from = flow.rows.filter(big);
    const to = groups.flat().filter(big);
    if (to.includes(this.batch)) throw new Unfit('mixes the rows of a batch');
    const order = to.map((factor) => from.indexOf(factor));
    if (order.length !== from.length || order.includes(-1)) throw new Unfit('mixes up its axes');
    let value = flow.name;
    if (order.some((place, i) => place !== i)) {
      value = this.reshape(
        name,
        value,
        from.map(({ size }) => size),
      );
      value = this.net.add(`${name}.order`, value, { op: 'permute', order });
    }
    return this.reshape(name, value, groups.map(product));
  }

  private reshape(name: string, value: string, shape: readonly number[]): string {
    if (String(this.net.shape(value)) === String(shape)) return value;
    return this.net.add(`${name}.shape`, value, { op: 'reshape', shape });
  }

  /** The value under another logical shape of the same size. */
  regroup(name: string, flow: Flow, shape: readonly number[]): Flow {
    const pending = flow.axes.flat();
    const parts = new Map<Factor, readonly [Factor, Factor]>();
    const axes: Factor[][] = [];
    for (const side of shape) {
      const axis: Factor[] = [];
      let left = side;
      while (pending[0] && (left > 1 || (axis.length === 0 && pending[0].size === 1))) {
        const factor = pending.shift() as Factor;
        if (left % factor.size === 0) {
          axis.push(factor);
          left /= factor.size;
          if (factor.size === 1 && left === 1) break;
        } else if (factor !== this.batch && factor.size % left === 0) {
          const halves = fresh([left, factor.size / left]) as [Factor, Factor];
          parts.set(factor, halves);
          axis.push(halves[0]);
          pending.unshift(halves[1]);
          left = 1;
        } else return this.rearrange(name, flow, shape);
      }
      if (left !== 1) throw this.unshaped(flow, shape);
      axes.push(axis);
    }
    if (pending.some(big)) throw this.unshaped(flow, shape);
    if (parts.size === 0) return { ...flow, axes };
    // A half may have been halved again.
    const split = (factor: Factor): Factor[] => parts.get(factor)?.flatMap(split) ?? [factor];
    const rows = flow.rows.flatMap(split);
    const value = this.reshape(
      name,
      flow.name,
      rows.map(({ size }) => size),
    );
    return { ...flow, name: value, rows, axes: axes.map((axis) => axis.flatMap(split)) };
  }

  /** Where sizes have no common parts: in the file's own order, row by row. */
  private rearrange(name: string, flow: Flow, shape: readonly number[]): Flow {
    const [first, ...rest] = flow.axes;
    const wholeRows = first?.every((factor) => factor === this.batch || factor.size === 1);
    if (!wholeRows || shape[0] !== this.batch.size || sizeOf(shape) !== sizeOf(this.shape(flow)))
      throw this.unshaped(flow, shape);
    const settled = this.settle(name, flow, rest);
    const rows = fresh(shape.slice(1));
    const value = this.reshape(name, settled, shape.slice(1));
    return { ...flow, name: value, rows, axes: [[this.batch], ...rows.map((factor) => [factor])] };
  }

  private unshaped(flow: Flow, shape: readonly number[]): Unfit {
    const said = (sizes: readonly number[]) =>
      sizes
        .map((n) =>
          n === ANY_BATCH ? 'rows' : n % ANY_BATCH === 0 ? 'rows x ' + n / ANY_BATCH : n,
        )
        .join(', ');
    return new Unfit(`cannot turn the shape [${said(this.shape(flow))}] into [${said(shape)}]`);
  }

  transpose(flow: Flow, order: readonly number[]): Flow {
    const sorted = order.toSorted((a, b) => a - b);
    if (order.length !== flow.axes.length || sorted.some((axis, i) => axis !== i))
      throw new Unfit(`has the order [${order.join(', ')}] for ${flow.axes.length} axes`);
    return { ...flow, axes: order.map((axis) => flow.axes[axis] as Group) };
  }

  /** Takes axes of size one away. */
  squeeze(flow: Flow, axes: readonly number[]): Flow {
    const wrong = axes.find((axis) => product(flow.axes[axis] ?? []) !== 1);
    if (wrong !== undefined) throw new Unfit(`removes axis ${wrong}, whose size is not 1`);
    return { ...flow, axes: flow.axes.filter((_, axis) => !axes.includes(axis)) };
  }

  /** Axes of size one at these places of the result. */
  unsqueeze(flow: Flow, axes: readonly number[]): Flow {
    const out: Group[] = [];
    const left = [...flow.axes];
    for (let i = 0; i < flow.axes.length + axes.length; i += 1)
      out.push(axes.includes(i) ? [] : (left.shift() as Group));
    return { ...flow, axes: out };
  }

  /** Each logical axis as one unit, the batch apart: what stands before and behind it along its axis are units too. */
  private units(flow: Flow): (Cell & { readonly unit: Group })[] {
    return this.cells([flow], () => true).map((cell) => ({
      ...cell,
      unit: cell.groups[0] as Group,
    }));
  }

  /**
   * Values of one rank cut into cells that can lie in memory in the same order: a factor each, or a whole axis where the
   * factors differ or where an operator works along it.
   */
  private cells(flows: readonly Flow[], whole: (axis: number) => boolean): Cell[] {
    const counts = (factor: Factor) => factor === this.batch && big(factor);
    return (flows[0] as Flow).axes.flatMap((_, axis) => {
      const groups = flows.map((flow) => flow.axes[axis] as Group);
      const at = groups.map((group) => group.findIndex(counts));
      if (at.every((place) => place < 0))
        return parted(groups, whole(axis)).map((parts) => ({ axis, side: 'own', groups: parts }));
      if (at.some((place) => place < 0))
        throw new Unfit('joins values whose rows stand along different axes');
      const around = (side: 'before' | 'after'): Cell[] => {
        const parts = groups.map((group, i) =>
          side === 'before' ? group.slice(0, at[i]) : group.slice((at[i] as number) + 1),
        );
        if (!parts.some((part) => part.some(big))) return [];
        return parted(parts, whole(axis)).map((own) => ({ axis, side, groups: own }));
      };
      return [...around('before'), ...around('after')];
    });
  }

  /** The order of a flow's units in memory, as places in the list of units. */
  private orderOf(flow: Flow, units: readonly Group[]): number[] {
    const rows = flow.rows.filter(big);
    const first = (unit: Group) =>
      Math.min(...unit.filter(big).map((factor) => rows.indexOf(factor)));
    const sized = units.map((_, i) => i).filter((i) => (units[i] as Group).some(big));
    const order = sized.sort((a, b) => first(units[a] as Group) - first(units[b] as Group));
    // Units of size one keep to their logical neighbours.
    for (const [i, unit] of units.entries())
      if (!unit.some(big)) order.splice(i === 0 ? 0 : order.indexOf(i - 1) + 1, 0, i);
    return order;
  }

  /** A result whose axes in memory are cells in this order. */
  private made(value: string, given: Aligned, single: boolean): Flow {
    const { cells, order, lead } = given;
    const rows = fresh(this.net.shape(value));
    const axes = lead.axes.map((group, axis) => {
      const of = (side: Cell['side']) =>
        cells.flatMap((cell, i) =>
          cell.axis === axis && cell.side === side ? [rows[order.indexOf(i)] as Factor] : [],
        );
      const batch = group.includes(this.batch) ? [this.batch] : [];
      return [...of('before'), ...batch, ...of('own'), ...of('after')];
    });
    return { kind: 'flow', name: value, rows, axes, single };
  }

  /** Several values with the same cells in the same order in memory, which is that of the largest. */
  private aligned(
    name: string,
    flows: readonly Flow[],
    whole: (axis: number) => boolean = () => false,
  ): Aligned & { readonly values: readonly string[] } {
    const rank = Math.max(...flows.map(({ axes }) => axes.length));
    const full = flows.map((flow) => ({
      ...flow,
      axes: [...Array.from({ length: rank - flow.axes.length }, (): Group => []), ...flow.axes],
    }));
    const sizes = full.map(({ rows }) => product(rows));
    const most = sizes.indexOf(Math.max(...sizes));
    const lead = full[most] as Flow;
    const cells = this.cells(full, whole);
    const order = this.orderOf(
      lead,
      cells.map(({ groups }) => groups[most] as Group),
    );
    const values = full.map((flow, i) =>
      this.settle(
        name,
        flow,
        order.map((place) => (cells[place] as Cell).groups[i] as Group),
      ),
    );
    return { values, cells, order, lead };
  }

  // ---- number by number ----------------------------------------------------------------------------------------------

  /** What is done to every number alone. */
  each(name: string, flow: Flow, body: Body): Flow {
    return { ...flow, name: this.net.add(name, flow.name, body) };
  }

  binary(name: string, kind: Binary, a: Value, b: Value): Flow {
    if (a.kind === 'constant' && b.kind === 'constant') throw new Unfit('joins two constants');
    if (b.kind === 'constant') return this.withConstant(name, kind, a as Flow, b, false);
    if (a.kind === 'constant') return this.withConstant(name, kind, b, a, true);
    if (this.alike(a, b)) {
      const own = kind === 'add' && !a.single && !b.single;
      const body: Body = own ? { op: 'add', other: b.name } : { op: 'binary', kind, other: b.name };
      return { ...a, name: this.net.add(name, a.name, body), single: a.single && b.single };
    }
    const aligned = this.aligned(name, [a, b]);
    const [x, y] = aligned.values as [string, string];
    const value = this.net.add(name, x, { op: 'binary', kind, other: y });
    return this.made(value, aligned, a.single && b.single);
  }

  /** Whether two have the same axes of the same factors in the same order in memory. */
  private alike(a: Flow, b: Flow): boolean {
    const partner = new Map<Factor, Factor>();
    const fits = a.axes.every((axis, i) => {
      const [own, other] = [axis.filter(big), (b.axes[i] ?? []).filter(big)];
      for (const [j, factor] of own.entries()) partner.set(factor, other[j] ?? factor);
      return (
        String(own.map(({ size }) => size)) === String(other.map(({ size }) => size)) &&
        own.indexOf(this.batch) === other.indexOf(this.batch)
      );
    });
    const rows = a.rows.filter(big).map((factor) => partner.get(factor) as Factor);
    return (
      fits &&
      a.axes.length === b.axes.length &&
      same(rows, b.rows.filter(big)) &&
      String(this.net.shape(a.name)) === String(this.net.shape(b.name))
    );
  }

  /** A constant as it lies along a flow's rows in memory, or null where it makes the value larger. */
  along(flow: Flow, constant: Constant): Constant | null {
    const extra = flow.axes.length - constant.shape.length;
    const shape = [...Array<number>(Math.max(0, extra)).fill(1), ...constant.shape];
    const lead = shape.splice(0, shape.length - flow.axes.length);
    if (lead.some((n) => n !== 1)) return null;
    const sizes: number[] = [];
    const factors: Factor[] = [];
    for (const [i, axis] of flow.axes.entries()) {
      const side = shape[i] as number;
      if (side !== 1 && side !== product(axis)) {
        if (product(axis) === 1) return null;
        throw new Unfit(
          `joins a constant of shape [${constant.shape.join(', ')}] where axis ${i} has another size`,
        );
      }
      for (const factor of axis) {
        sizes.push(side === 1 ? 1 : factor.size);
        factors.push(factor);
      }
    }
    for (const factor of flow.rows)
      if (!factors.includes(factor)) {
        factors.push(factor);
        sizes.push(1);
      }
    const split = reshaped(constant, sizes);
    const inner = flow.rows.map((factor) => factors.indexOf(factor));
    const outer = factors.map((_, i) => i).filter((i) => !inner.includes(i));
    if (outer.some((i) => sizes[i] !== 1))
      throw new Unfit('joins a constant that differs from row to row');
    return reshaped(
      transposed(split, [...outer, ...inner]),
      inner.map((i) => sizes[i] as number),
    );
  }

  private withConstant(
    name: string,
    kind: Binary,
    flow: Flow,
    constant: Constant,
    first: boolean,
  ): Flow {
    const value = constant.values[0] as number;
    if (
      kind === 'power' &&
      !first &&
      constant.values.length === 1 &&
      (value === 2 || value === 0.5)
    )
      return this.each(name, flow, { op: 'curve', curve: value === 2 ? 'square' : 'sqrt' });
    const laid = this.along(flow, constant);
    if (!laid) {
      const rank = Math.max(flow.axes.length, constant.shape.length);
      const at = this.batchAxis(flow);
      const lifted = this.lift(name, constant, rank, at + rank - flow.axes.length);
      return first ? this.binary(name, kind, lifted, flow) : this.binary(name, kind, flow, lifted);
    }
    const shape = [...laid.shape];
    while (shape.length > 1 && shape[0] === 1) shape.shift();
    if (shape.length === 0) shape.push(1);
    const literal = this.net.literal(`${name}.value`, valuesOf(reshaped(laid, shape)));
    const swaps = kind === 'add' || kind === 'multiply' || kind === 'maximum' || kind === 'minimum';
    const [x, y] = first && !swaps ? [literal, flow.name] : [flow.name, literal];
    return { ...flow, name: this.net.add(name, x, { op: 'binary', kind, other: y }) };
  }

  /** Leaky ReLU with slopes from the file. */
  prelu(name: string, flow: Flow, slopes: Constant): Flow {
    const laid = this.along(flow, slopes);
    if (!laid) throw new Unfit('has slopes of another shape than its input');
    const alpha = valuesOf(laid);
    return {
      ...flow,
      name: this.net.add(name, flow.name, { op: 'prelu', shape: alpha.shape }, { alpha }),
    };
  }

  // ---- images --------------------------------------------------------------------------------------------------------

  /** An image as [height, width, channels] in memory. */
  image(name: string, flow: Flow, { height, width, channels }: ImageAxes): string {
    if (flow.axes.length !== 4)
      throw new Unfit(`needs images, but is given a value of ${flow.axes.length} axes`);
    const axes = [height, width, channels].map((axis) => flow.axes[axis] as Group);
    return this.settle(name, flow, axes);
  }

  /** An image that an operator made, with the batch where its input had it. */
  pictured(value: string, flow: Flow, at: ImageAxes): Flow {
    const [h, w, c] = fresh(this.net.shape(value)) as [Factor, Factor, Factor];
    const axes = [...flow.axes];
    axes[at.height] = [h];
    axes[at.width] = [w];
    axes[at.channels] = [c];
    return { kind: 'flow', name: value, rows: [h, w, c], axes, single: flow.single };
  }

  /** @param weight [height, width, channels in / groups, filters] */
  convolve(
    name: string,
    flow: Flow,
    at: ImageAxes,
    weight: Values,
    bias: Values | null,
    how: {
      readonly stride: Pair;
      readonly dilation: Pair;
      readonly groups: number;
      readonly margins: Margins;
    },
  ): Flow {
    const image = this.image(name, flow, at);
    return this.pictured(this.net.conv(name, image, weight, bias, how), flow, at);
  }

  /** Any node that makes an image of one. */
  onImage(name: string, flow: Flow, at: ImageAxes, body: Body, weights: Weights = {}): Flow {
    const image = this.image(name, flow, at);
    return this.pictured(this.net.add(name, image, body, weights), flow, at);
  }

  // ---- along axes ----------------------------------------------------------------------------------------------------

  /** x @ weight over the last axis. Where that axis is a product that lies otherwise in memory, the weight's rows move. */
  dense(name: string, flow: Flow, weight: Constant, bias: Values | null): Flow {
    const [features = 0, units = 0] = weight.shape;
    const last = (flow.axes.at(-1) ?? []).filter(big);
    if (flow.axes.length < 1 || product(last) !== features || weight.shape.length !== 2)
      throw new Unfit(
        `multiplies a value of ${product(last)} features by a weight of shape [${weight.shape.join(', ')}]`,
      );
    const rows = flow.rows.filter(big);
    const head = rows.filter((factor) => !last.includes(factor));
    const tail = rows.filter((factor) => last.includes(factor));
    const value = this.settle(name, flow, [...head.map((factor) => [factor]), tail]);
    const split = reshaped(weight, [...last.map(({ size }) => size), units]);
    const order = [...tail.map((factor) => last.indexOf(factor)), last.length];
    const moved = reshaped(transposed(split, order), [features, units]);
    const made = this.net.dense(name, value, valuesOf(moved), bias);
    const unit = { size: units };
    return {
      kind: 'flow',
      name: made,
      rows: [...head, unit],
      axes: [...flow.axes.slice(0, -1), [unit]],
      single: flow.single,
    };
  }

  /** The last two axes as matrices. */
  matmul(name: string, a: Flow, b: Flow): Flow {
    if (a.axes.length < 2 || a.axes.length !== b.axes.length)
      throw new Unfit('multiplies values of different ranks');
    const units = (flow: Flow) => this.units({ ...flow, axes: flow.axes.slice(0, -2) });
    const end = (flow: Flow): [Group, Group] => [
      flow.axes.at(-2) as Group,
      flow.axes.at(-1) as Group,
    ];
    const [lead, other] = [units(a), units(b)];
    if (
      String(lead.map(({ unit }) => product(unit))) !==
      String(other.map(({ unit }) => product(unit)))
    )
      throw new Unfit('multiplies stacks of matrices of different numbers');
    const place = (flow: Flow, group: Group) => flow.rows.indexOf(group.find(big) as Factor);
    const [rows, inner] = end(a);
    const [within, columns] = end(b);
    const turned = place(b, columns) < place(b, within);
    const x = this.settle(name, a, [...lead.map(({ unit }) => unit), rows, inner]);
    const right = turned ? [columns, within] : [within, columns];
    const y = this.settle(name, b, [...other.map(({ unit }) => unit), ...right]);
    const value = this.net.add(name, x, { op: 'product', other: y, transposeOther: turned });
    const template = { ...a, axes: [...a.axes.slice(0, -1), columns] };
    const rank = a.axes.length;
    const ends = [rank - 2, rank - 1].map((axis): Cell => ({ axis, side: 'own', groups: [] }));
    const cells = [...lead, ...ends];
    const order = cells.map((_, i) => i);
    return this.made(value, { cells, order, lead: template }, a.single && b.single);
  }

  reduce(
    name: string,
    flow: Flow,
    kind: 'mean' | 'max' | 'sum' | 'min',
    axes: readonly number[],
    keep: boolean,
  ): Flow {
    const over = axes.flatMap((axis) => (flow.axes[axis] ?? []).filter(big));
    if (over.includes(this.batch)) throw new Unfit('takes a figure over the rows of a batch');
    const places = over.map((factor) => flow.rows.indexOf(factor)).toSorted((a, b) => a - b);
    const left = flow.axes.map((axis, i) => (axes.includes(i) ? [] : axis));
    const kept = keep ? left : left.filter((_, i) => !axes.includes(i));
    if (places.length === 0) return { ...flow, axes: kept };
    const pools = kind === 'mean' && flow.rows.length === 3 && String(places) === '0,1';
    const value = this.net.add(
      name,
      flow.name,
      pools ? { op: 'pool' } : { op: 'reduce', kind, axes: places, keep: false },
    );
    const rows = flow.rows.filter((factor) => !over.includes(factor));
    return { kind: 'flow', name: value, rows, axes: kept, single: flow.single };
  }

  /**
   * A node over the last axis of memory, which is given the factors of some logical axes.
   *
   * @param fixed whether their order matters, as it does for weights
   */
  lastly(
    name: string,
    flow: Flow,
    axes: readonly number[],
    fixed: boolean,
    write: (value: string) => string,
  ): Flow {
    const factors = axes.flatMap((axis) => (flow.axes[axis] ?? []).filter(big));
    if (factors.includes(this.batch)) throw new Unfit('works along the rows of a batch');
    const rows = flow.rows.filter(big);
    const head = rows.filter((factor) => !factors.includes(factor));
    const tail = fixed ? factors : rows.filter((factor) => factors.includes(factor));
    const value = write(this.settle(name, flow, [...head.map((factor) => [factor]), tail]));
    const laid = [...head, ...tail];
    const back = this.reshape(
      name,
      value,
      laid.map(({ size }) => size),
    );
    return { ...flow, name: back, rows: laid };
  }

  concat(name: string, flows: readonly Flow[], axis: number): Flow {
    const single = flows.every((flow) => flow.single);
    if (
      flows.some((flow) => flow.axes[axis]?.some((factor) => factor === this.batch && big(factor)))
    )
      throw new Unfit('joins rows of a batch');
    if (flows.some(({ axes }) => axes.length !== flows[0]?.axes.length))
      throw new Unfit('joins values of different ranks');
    const aligned = this.aligned(name, flows, (own) => own === axis);
    const [first, ...others] = aligned.values as [string, ...string[]];
    const at = aligned.order.indexOf(aligned.cells.findIndex((cell) => cell.axis === axis));
    const value = this.net.add(name, first, { op: 'concat', others, axis: at });
    return this.made(value, aligned, single);
  }

  /** The value with one logical axis as one factor in memory, and that factor's place. */
  private lone(
    name: string,
    flow: Flow,
    axis: number,
  ): { readonly flow: Flow; readonly at: number } {
    const group = flow.axes[axis];
    if (!group) throw new Unfit(`works along axis ${axis} of ${flow.axes.length}`);
    const factors = group.filter(big);
    const [only] = factors;
    if (factors.length === 1 && only && only !== this.batch)
      return { flow, at: flow.rows.indexOf(only) };
    if (factors.includes(this.batch)) throw new Unfit('works along the rows of a batch');
    const rows = flow.rows.filter(big);
    const at =
      factors.length === 0 ? 0 : Math.min(...factors.map((factor) => rows.indexOf(factor)));
    const rest = rows.filter((factor) => !factors.includes(factor));
    const before = rows.slice(0, at).filter((factor) => !factors.includes(factor));
    const after = rest.slice(before.length);
    const groups = [
      ...before.map((factor) => [factor]),
      factors,
      ...after.map((factor) => [factor]),
    ];
    const value = this.settle(name, flow, groups);
    const merged = { size: product(factors) };
    const axes = flow.axes.map((own, i) => (i === axis ? [merged] : own));
    return {
      flow: { ...flow, name: value, rows: [...before, merged, ...after], axes },
      at: before.length,
    };
  }

  private replaced(flow: Flow, value: string, at: number): Flow {
    const size = this.net.shape(value)[at] as number;
    const [old, made] = [flow.rows[at] as Factor, { size }];
    const swap = (factor: Factor) => (factor === old ? made : factor);
    return {
      ...flow,
      name: value,
      rows: flow.rows.map(swap),
      axes: flow.axes.map((axis) => axis.map(swap)),
    };
  }

  /** `count` places of a logical axis from `begin` on, every `step`-th. */
  slice(name: string, flow: Flow, axis: number, begin: number, count: number, step: number): Flow {
    const side = product(flow.axes[axis] ?? []);
    if (begin === 0 && count === side && step === 1) return flow;
    const { flow: own, at } = this.lone(name, flow, axis);
    const sizes = own.rows.map(({ size }) => size);
    const put = (usual: readonly number[], value: number) =>
      usual.map((n, i) => (i === at ? value : n));
    const value = this.net.add(name, own.name, {
      op: 'slice',
      begin: put(
        sizes.map(() => 0),
        begin,
      ),
      size: put(sizes, count),
      step: put(
        sizes.map(() => 1),
        step,
      ),
    });
    return this.replaced(own, value, at);
  }

  /** Values around it: [before, after] for each logical axis. */
  pad(name: string, flow: Flow, pads: readonly Pair[], value: number): Flow {
    let own = flow;
    for (const [axis, [before, after]] of pads.entries()) {
      if (before === 0 && after === 0) continue;
      const lone = this.lone(name, own, axis);
      const around = lone.flow.rows.map((_, i): Pair => (i === lone.at ? [before, after] : [0, 0]));
      const padded = this.net.add(name, lone.flow.name, { op: 'pad', pads: around, value });
      own = this.replaced(lone.flow, padded, lone.at);
    }
    return own;
  }

  /** Places of a logical axis in any order. */
  pick(name: string, flow: Flow, axis: number, places: readonly number[]): Flow {
    const by = (places[1] ?? 1) - (places[0] ?? 0) || 1;
    const even = places.every((place, i) => place === (places[0] as number) + i * by);
    if (even)
      return this.slice(
        name,
        flow,
        axis,
        places[0] as number,
        places.length,
        places.length > 1 ? by : 1,
      );
    const { flow: own } = this.lone(name, flow, axis);
    const factor = (own.axes[axis] as Group).find(big) as Factor;
    const head = own.rows.filter((other) => other !== factor);
    const value = this.settle(name, own, [...head.map((other) => [other]), [factor]]);
    const picked = this.net.add(name, value, { op: 'pick', places });
    const made = { size: places.length };
    return {
      ...own,
      name: picked,
      rows: [...head, made],
      axes: own.axes.map((group, i) => (i === axis ? [made] : group)),
    };
  }

  /** The network's answer: axes of size one away, features in the file's order, images channels last. */
  answer(name: string, flow: Flow): string {
    const rows = (flow.axes[0] ?? []).filter(big);
    if (big(this.batch) && (rows.length !== 1 || rows[0] !== this.batch))
      throw new Unfit(`gives an answer, ${shown(name)}, whose first axis does not count its rows`);
    const units = this.units(flow)
      .map(({ unit }) => unit)
      .filter((unit) => unit.some(big));
    if (units.length < 2) return this.settle(name, flow, [units[0] ?? []]);
    return this.settle(
      name,
      flow,
      this.orderOf(flow, units).map((place) => units[place] as Group),
    );
  }
}

/** A constant's numbers as the graph takes them. */
export function valuesOf(constant: Constant): Values {
  const { shape, values } = constant;
  return { shape, values: values instanceof Float32Array ? values : Float32Array.from(values) };
}

/** A single number. */
export const scalar = (value: number): Constant => constantOf([], [value], false);
