import * as v from 'valibot';
import { weightsOf, weightsOfNode } from '../../../models/net/graph';
import type { Graph, WeightSpec } from '../../../models/net/graph';
import { models } from '../../../models/registry';
import { defaultsOf } from '../../../recipe/fields';
import type { AnyValues } from '../../../recipe/fields';
import type { Choice } from '../../../recipe/recipe';
import { choiceSchema } from '../../../recipe/schema-parts';
import type { NetBuilder, Values } from '../../net/builder';
import { refuse, shown } from '../../refuse';
import { ANY_SIZE } from './contract';
import type { Family, Proposal, Shapes } from './contract';
import { turned } from './layers';
import type { TorchLayers } from './layers';
import { graphIn, inputOf, modelOf, toldOf } from './own-metadata';

/** How a file of our names holds its weights: as we do, or as the same network in PyTorch does. */
type Layout = 'ours' | 'torch';

/** PyTorch's names of batch norm's parts. */
const TORCH_PARTS: Readonly<Record<string, string>> = {
  gamma: 'weight',
  beta: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

/** The axes of PyTorch's weights in our order, by their count. */
const TURNS: Readonly<Record<number, readonly number[]>> = { 4: [2, 3, 1, 0], 2: [1, 0] };

/** This project's own architectures: teachers and students that it wrote, and their twins in PyTorch. */
export const own: Family = {
  propose(shapes, metadata): Proposal | null {
    const said = modelOf(metadata);
    const held = graphIn(metadata);
    // Where weights of it are missing, building it says which.
    if (held) {
      const title = said ? `a student of this project, ${models.get(said.id).title}` : null;
      return proposal(held, 'ours', title ?? 'a student of this project', true, [], metadata);
    }
    for (const layout of ['ours', 'torch'] as const) {
      for (const choice of said ? [said] : guesses(shapes, layout)) {
        const graph = graphOf(choice, shapes, metadata, layout);
        if (!graph) continue;
        const assumed = [
          ...(!said && 'stemStride' in choice.params
            ? ['Names do not tell steps: the first convolution was taken to have step 2.']
            : []),
          ...(graph.input.length === 3 && !inputOf(metadata) ? [ANY_SIZE] : []),
        ];
        const title = `this project's ${models.get(choice.id).title}`;
        return proposal(graph, layout, title, said !== null, assumed, metadata);
      }
    }
    return null;
  },
};

function proposal(
  graph: Graph,
  layout: Layout,
  title: string,
  said: boolean,
  assumed: readonly string[],
  metadata: ReadonlyMap<string, string>,
): Proposal {
  const image = graph.input.length === 3;
  return {
    title,
    reason: said
      ? 'the file says so'
      : `its tensors are named as ours${layout === 'torch' ? ', in the order of axes that PyTorch has' : ''}`,
    assumed,
    rank: said ? 10 : 5,
    input: graph.input,
    layout: image ? (layout === 'torch' ? 'NCHW' : 'NHWC') : 'none',
    anySize: image && !inputOf(metadata),
    told: toldOf(metadata),
    build: (net, layers) => build(net, layers, graph, layout),
  };
}

/** The graph of a choice where every one of its weights is there, else null. */
function graphOf(
  { id, params }: Choice,
  shapes: Shapes,
  metadata: ReadonlyMap<string, string>,
  layout: Layout,
): Graph | null {
  const model = models.get(id);
  const head = shapes.get('head.weight');
  const first = ['stem.conv.weight', 'layer1.conv.weight', 'hidden1.weight']
    .map((name) => shapes.get(name))
    .find((shape) => shape !== undefined);
  if (head?.length !== 2 || !first || !v.is(choiceSchema(models.all()), { id, params }))
    return null;
  const classes = head[layout === 'ours' ? 1 : 0] as number;
  const before = first[layout === 'ours' ? first.length - 2 : 1] as number;
  const image = first.length === 4;
  const input = inputOf(metadata) ?? (image ? [32, 32, before] : [before]);
  if (image !== (input.length === 3)) return null;
  const graph = model.graph(input, classes, params);
  return fitsGraph(graph, shapes, layout) ? graph : null;
}

/** Whether every weight of a graph is there. */
function fitsGraph(graph: Graph, shapes: Shapes, layout: Layout): boolean {
  return weightsOf(graph).every((spec) => {
    const { name, order } = stored(spec, layout);
    const shape = order?.map((axis) => spec.shape[axis] as number) ?? spec.shape;
    return String(shapes.get(name)) === String(shape);
  });
}

/** Under which name a file holds a weight, and the order of our axes in it where it is another. */
function stored(
  { name, role, shape }: WeightSpec,
  layout: Layout,
): { readonly name: string; readonly order: readonly number[] | null } {
  if (layout === 'ours') return { name, order: null };
  const dot = name.lastIndexOf('.') + 1;
  const part = TORCH_PARTS[name.slice(dot)] ?? name.slice(dot);
  const order = role === 'kernel' ? (shape.length === 4 ? [3, 2, 0, 1] : [1, 0]) : null;
  return { name: name.slice(0, dot) + part, order };
}

function build(net: NetBuilder, layers: TorchLayers, graph: Graph, layout: Layout): string {
  for (const node of graph.nodes) {
    const { name, input, ...body } = node;
    const weights: Record<string, Values> = {};
    for (const spec of weightsOfNode(node, net.shape(input))) {
      const { name: held, order } = stored(spec, layout);
      const found = layers.maybe(held);
      if (!found)
        throw refuse(
          'E_UPLOAD_WEIGHT_MISSING',
          `${net.file} cannot be used: its weight ${shown(held)} is missing.`,
          'Save it again from where it was trained.',
        );
      const turn = order && TURNS[order.length];
      weights[spec.name.slice(name.length + 1)] = turn ? turned(found, turn) : found;
    }
    if (Object.keys(weights).length > 0) layers.count += 1;
    net.add(name, input, body, weights);
  }
  for (const [tap, value] of Object.entries(graph.taps)) net.tap(tap, value);
  return graph.output;
}

/** Members of our families that shapes could be of; a file without metadata does not say which. */
function guesses(shapes: Shapes, layout: Layout): readonly Choice[] {
  const units = (name: string): number | null => {
    const shape = shapes.get(`${name}.weight`);
    return shape?.at(layout === 'ours' ? -1 : 0) ?? null;
  };
  const run = (names: (i: number) => string): number[] => {
    const found: number[] = [];
    for (let i = 1; i <= 8; i += 1) {
      const width = units(names(i));
      if (width === null) break;
      found.push(width);
    }
    return found;
  };
  const stem = units('stem.conv');
  const known: AnyValues = {
    hidden: run((i) => `hidden${i}`),
    widths:
      stem === null
        ? run((i) => `layer${i}.conv`)
        : [stem, ...run((i) => `stage${i}.block1.conv1`)],
  };
  return models.all().map(({ id, params }) => ({
    id,
    params: Object.fromEntries(
      Object.entries(defaultsOf(params)).map(([key, value]) => [key, known[key] ?? value]),
    ),
  }));
}
