import type { Graph, Node } from '../../models/net/graph';
import type { Weights } from '../../models/net/draw';
import { weightNamed } from './layers';
import { svd, transposed } from './svd';

/** Rounds in which the two bases of a Tucker decomposition are fitted to each other. */
const ROUNDS = 2;

/** Layers that take one layer's place, with their weights; the last one bears its name. */
export interface Factored {
  readonly nodes: readonly Node[];
  readonly weights: Weights;
}

type Conv = Extract<Node, { op: 'conv' }>;
type Dense = Extract<Node, { op: 'dense' }>;

/** How many of `full` directions are kept. */
const rankOf = (full: number, share: number): number => Math.max(1, Math.round(full * share));

/**
 * A matrix [inputs, outputs] as the product of [inputs, rank] and [rank, outputs], the nearest there is; each factor gets
 * the root of the singular values.
 */
function halves(
  matrix: Float32Array,
  inputs: number,
  outputs: number,
  rank: number,
): readonly [Float32Array, Float32Array] {
  const { u, s, v, count } = svd(matrix, inputs, outputs);
  const root = Float64Array.from(s, Math.sqrt);
  const first = new Float32Array(inputs * rank);
  const second = new Float32Array(rank * outputs);
  for (let r = 0; r < rank; r++) {
    for (let i = 0; i < inputs; i++)
      first[i * rank + r] = (u[i * count + r] as number) * (root[r] as number);
    for (let o = 0; o < outputs; o++)
      second[r * outputs + o] = (v[o * count + r] as number) * (root[r] as number);
  }
  return [first, second];
}

/** A dense layer as two, the first without a bias of its own at the beginning. */
export function factorDense(
  { name, input, units }: Dense,
  inputs: number,
  weights: Weights,
  share: number,
): Factored {
  const rank = rankOf(Math.min(inputs, units), share);
  const [first, second] = halves(weightNamed(weights, `${name}.weight`), inputs, units, rank);
  const before = `${name}.reduce`;
  return {
    nodes: [
      { op: 'dense', name: before, input, units: rank },
      { op: 'dense', name, input: before, units },
    ],
    weights: new Map([
      [`${before}.weight`, first],
      [`${before}.bias`, new Float32Array(rank)],
      [`${name}.weight`, second],
      [`${name}.bias`, weightNamed(weights, `${name}.bias`)],
    ]),
  };
}

/** A 1x1 convolution as two. */
function factorPoint(node: Conv, inputs: number, weights: Weights, share: number): Factored {
  const { name, input, filters } = node;
  const rank = rankOf(Math.min(inputs, filters), share);
  const [first, second] = halves(weightNamed(weights, `${name}.weight`), inputs, filters, rank);
  const before = `${name}.reduce`;
  return {
    nodes: [
      { ...node, name: before, input, filters: rank },
      { ...node, name, input: before, stride: 1 },
    ],
    weights: new Map([
      [`${before}.weight`, first],
      [`${name}.weight`, second],
    ]),
  };
}

/**
 * A k x k convolution as 1x1, k x k and 1x1 over fewer channels: a Tucker-2 decomposition, whose bases are the leading
 * directions of the inputs and of the outputs, each fitted to what the other leaves.
 */
export function factorConv(node: Conv, inputs: number, weights: Weights, share: number): Factored {
  if (node.kernel === 1) return factorPoint(node, inputs, weights, share);
  const { name, input, kernel, filters } = node;
  const area = kernel * kernel;
  const [r1, r2] = [rankOf(inputs, share), rankOf(filters, share)];
  const full = weightNamed(weights, `${name}.weight`);
  let outBasis = leading(full, area * inputs, filters, r2);
  let inBasis: Float64Array = new Float64Array();
  for (let round = 0; round < ROUNDS; round++) {
    const fewOut = times(full, area * inputs, filters, outBasis, r2);
    // [area, inputs, r2] with the inputs last.
    inBasis = leading(lastSwapped(fewOut, area, inputs, r2), area * r2, inputs, r1);
    const fewIn = times(
      lastSwapped(full, area, inputs, filters),
      area * filters,
      inputs,
      inBasis,
      r1,
    );
    outBasis = leading(lastSwapped(fewIn, area, filters, r1), area * r1, filters, r2);
  }
  const fewOut = times(full, area * inputs, filters, outBasis, r2);
  const core = times(lastSwapped(fewOut, area, inputs, r2), area * r2, inputs, inBasis, r1);
  const [first, middle] = [`${name}.reduce`, `${name}.core`];
  return {
    nodes: [
      { op: 'conv', name: first, input, filters: r1, kernel: 1, stride: 1, pad: 0 },
      { ...node, name: middle, input: first, filters: r2 },
      { op: 'conv', name, input: middle, filters, kernel: 1, stride: 1, pad: 0 },
    ],
    weights: new Map([
      [`${first}.weight`, Float32Array.from(inBasis)],
      [`${middle}.weight`, Float32Array.from(lastSwapped(core, area, r2, r1))],
      [`${name}.weight`, Float32Array.from(transposed(outBasis, filters, r2))],
    ]),
  };
}

/** The leading directions of the columns' space, [columns, count], of a matrix [rows, columns]. */
function leading(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  count: number,
): Float64Array {
  // Of the square of the matrix, which is smaller: its directions are the same ones.
  const square = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++)
    for (let a = 0; a < columns; a++) {
      const left = matrix[i * columns + a] as number;
      for (let b = 0; b < columns; b++)
        square[a * columns + b] =
          (square[a * columns + b] as number) + left * (matrix[i * columns + b] as number);
    }
  const { v, count: all } = svd(square, columns, columns);
  return Float64Array.from(
    { length: columns * count },
    (_, at) => v[Math.floor(at / count) * all + (at % count)] as number,
  );
}

/** [rows, columns] x [columns, count]. */
function times(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  basis: Float64Array,
  count: number,
): Float64Array {
  const out = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++)
    for (let c = 0; c < columns; c++) {
      const value = matrix[i * columns + c] as number;
      for (let r = 0; r < count; r++)
        out[i * count + r] =
          (out[i * count + r] as number) + value * (basis[c * count + r] as number);
    }
  return out;
}

/** [outer, a, b] as [outer, b, a]. */
function lastSwapped(values: ArrayLike<number>, outer: number, a: number, b: number): Float64Array {
  const out = new Float64Array(outer * a * b);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++) out[(o * b + j) * a + i] = values[(o * a + i) * b + j] as number;
  return out;
}

/**
 * The network with some layers factored.
 *
 * @param factored what takes a layer's place; null leaves it
 */
export function withFactors(
  graph: Graph,
  weights: Weights,
  factored: (node: Conv | Dense, inputs: number) => Factored | null,
): { readonly graph: Graph; readonly weights: Weights } {
  const next = new Map(weights);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    if (node.op !== 'conv' && node.op !== 'dense') return [node];
    const outputs = node.op === 'conv' ? node.kernel ** 2 * node.filters : node.units;
    const size = weightNamed(weights, `${node.name}.weight`).length;
    const found = factored(node, size / outputs);
    if (!found) return [node];
    for (const [name, values] of found.weights) next.set(name, values);
    return found.nodes;
  });
  return { graph: { ...graph, nodes }, weights: next };
}

/** Numbers in a table of weights. */
export function numbersIn(weights: Weights): number {
  return [...weights.values()].reduce((sum, { length }) => sum + length, 0);
}
