import type { AnyValues, Fields } from '../../recipe/fields';
import type { Citation } from '../../recipe/recipe';
import type { Model } from '../contract';
import { GraphBuilder } from '../net/graph';
import type { Graph } from '../net/graph';

const cite: readonly Citation[] = [
  {
    authors: 'K. He, X. Zhang, S. Ren, J. Sun',
    year: 2016,
    title: 'Deep Residual Learning for Image Recognition',
    venue: 'CVPR 2016, section 4.2 (CIFAR networks, 6n+2 layers)',
    url: 'https://arxiv.org/abs/1512.03385',
  },
];

function fields(widths: readonly number[]): Fields {
  return {
    stemStride: {
      kind: 'integer',
      label: 'Stem stride',
      help: 'Step of the first convolution: 2 halves the image at once and costs a quarter of the arithmetic.',
      default: 2,
      min: 1,
      max: 2,
      advanced: true,
    },
    widths: {
      kind: 'list',
      label: 'Widths',
      help: 'Channels of the stem and of the three stages.',
      default: widths,
      minLength: 4,
      maxLength: 4,
      min: 1,
      max: 512,
      advanced: true,
    },
  };
}

/** A CIFAR ResNet with `depth` basic blocks a stage: 6 depth + 2 layers, 1x1 convolution shortcuts with batch norm. */
function resnet(
  input: readonly number[],
  classes: number,
  params: AnyValues,
  depth: number,
): Graph {
  const widths = params.widths as readonly [number, number, number, number];
  const b = new GraphBuilder();
  let at = b.conv('stem.conv', 'input', widths[0], 3, params.stemStride as number);
  at = b.activate('relu', 'stem.out', b.norm('stem.norm', at));
  const taps: Record<string, string> = { stem: at };
  let channels = widths[0];
  for (const stage of [1, 2, 3] as const) {
    for (let index = 1; index <= depth; index++) {
      const stride = stage > 1 && index === 1 ? 2 : 1;
      at = basicBlock(b, `stage${stage}.block${index}`, at, channels, widths[stage], stride);
      channels = widths[stage];
    }
    taps[`stage${stage}`] = at;
  }
  const pooled = b.pool('pool', at);
  taps.pool = pooled;
  const output = b.dense('head', pooled, classes);
  return { input, nodes: b.nodes, output, taps };
}

function basicBlock(
  b: GraphBuilder,
  name: string,
  input: string,
  before: number,
  width: number,
  stride: number,
): string {
  const conv1 = b.conv(`${name}.conv1`, input, width, 3, stride);
  const inner = b.activate('relu', `${name}.inner`, b.norm(`${name}.norm1`, conv1));
  const conv2 = b.norm(`${name}.norm2`, b.conv(`${name}.conv2`, inner, width, 3, 1));
  const changes = stride !== 1 || before !== width;
  const short = changes
    ? b.norm(`${name}.projectNorm`, b.conv(`${name}.project`, input, width, 1, stride))
    : input;
  return b.activate('relu', `${name}.out`, b.add(`${name}.sum`, conv2, short));
}

/** One member of the family, as a model of its own. */
export function defineResnet(
  id: string,
  title: string,
  depth: number,
  widths: readonly number[],
): Model {
  return {
    id,
    title,
    oneLine: `A CIFAR ResNet of ${6 * depth + 2} layers with stages of ${widths.slice(1).join(', ')} channels.`,
    params: fields(widths),
    cite,
    inputs: ['image'],
    graph: (input, classes, params) => resnet(input, classes, params, depth),
  };
}
