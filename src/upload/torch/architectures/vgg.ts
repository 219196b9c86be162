import { ANY_SIZE, shapeWith } from './contract';
import type { Family, Proposal, Shapes } from './contract';
import type { NetBuilder } from '../../net/builder';
import type { TorchLayers } from './layers';
import { severalSides } from '../../net/open';

interface Vgg {
  /** Places of the convolutions within features, in order. */
  readonly convs: readonly number[];
  readonly norm: boolean;
  /** Convolutions (by their order) with a max pool behind them. */
  readonly pools: ReadonlySet<number>;
  /** Dense layers by their names. */
  readonly head: readonly string[];
  readonly channels: number;
  /** Sides of images that leave as many pixels as its first dense layer reads. */
  readonly sides: readonly number[];
  /** The one that is taken where no task says one. */
  readonly side: number;
  readonly mean: boolean;
}

/**
 * A VGG's layers: in nn.Sequential every layer has a place, also one without weights, so that the gaps between
 * convolutions tell the pools (ReLU takes one place, batch norm one, a pool one).
 */
function vggOf(shapes: Shapes): Vgg | null {
  const convs = placesOf(shapes, 'features', 4);
  const weights = convs.map((place) => shapes.get(`features.${place}.weight`));
  if (convs.length < 2 || convs[0] !== 0 || weights.some((w) => w?.[2] !== 3 || w[3] !== 3))
    return null;
  const norm = shapes.has('features.1.running_mean');
  if (convs.some((place) => shapes.has(`features.${place + 1}.running_mean`) !== norm)) return null;
  const plain = norm ? 3 : 2;
  const pools = new Set<number>();
  for (const [i, place] of convs.entries()) {
    const next = convs[i + 1];
    if (next === undefined) break;
    if (next - place === plain + 1) pools.add(i);
    else if (next - place !== plain) return null;
    if (weights[i]?.[0] !== weights[i + 1]?.[1]) return null;
  }
  const inner = placesOf(shapes, 'classifier', 2);
  const head = shapes.has('classifier.weight')
    ? ['classifier']
    : inner.map((place) => `classifier.${place}`);
  const features = head[0] === undefined ? null : shapeWith(shapes, `${head[0]}.weight`, 2)?.[1];
  const channels = weights.at(-1)?.[0] as number;
  if (!features || features % channels !== 0) return null;
  const rest = Math.sqrt(features / channels);
  if (!Number.isInteger(rest)) return null;
  pools.add(convs.length - 1);
  const shrinks = 2 ** pools.size;
  const small = 32 / shrinks;
  // One number a channel: the pools leave one pixel of 32, or a mean over the image follows.
  const mean = rest === 1 && small > 1;
  // Each pool drops an odd row: what is left of 24 pixels after three of them is left of 25 to 31 too.
  const sides = mean ? [32] : Array.from({ length: shrinks }, (_, i) => rest * shrinks + i);
  const usual = KNOWN.some((side) => sides.includes(side));
  if (!mean && !usual && KNOWN.some((side) => fitsBare(side, convs.length, pools, rest)))
    return null;
  return {
    convs,
    norm,
    pools,
    head,
    channels: weights[0]?.[1] as number,
    sides,
    side: KNOWN.find((side) => sides.includes(side)) ?? rest * shrinks,
    mean,
  };
}

/** Sides of well-known data sets: MNIST's, CIFAR's, Tiny ImageNet's, ImageNet's. */
const KNOWN = [28, 32, 64, 224] as const;

/**
 * Whether convolutions without a margin lead from a usual size to what the first dense layer reads: these networks have
 * margins, and others under the same names need none.
 */
function fitsBare(side: number, convs: number, pools: ReadonlySet<number>, rest: number): boolean {
  const through = (last: boolean) => {
    let at = side;
    for (let i = 0; i < convs; i++) {
      at -= 2;
      if (pools.has(i) && (i < convs - 1 || last)) at = Math.floor(at / 2);
    }
    return at;
  };
  return through(true) === rest || through(false) === rest;
}

function placesOf(shapes: Shapes, folder: string, axes: number): number[] {
  const places: number[] = [];
  for (const [name, shape] of shapes) {
    const place = name.startsWith(`${folder}.`) ? name.slice(folder.length + 1) : '';
    const found = /^(\d{1,4})\.weight$/.exec(place);
    if (found && shape.length === axes) places.push(Number(found[1]));
  }
  return places.sort((a, b) => a - b);
}

/** VGGs (Simonyan and Zisserman 2015) as two sequences, features and classifier, with or without batch norm. */
export const vgg: Family = {
  propose(shapes): Proposal | null {
    const net = vggOf(shapes);
    if (!net) return null;
    const layers = net.convs.length + net.head.length;
    return {
      title: `VGG-${layers}${net.norm ? ' with batch norm' : ''}`,
      reason: `its tensors are named features.0 and so on to ${net.head.at(-1)}: ${net.convs.length} convolutions of 3x3 with ${net.pools.size} max pools where their places leave room for one`,
      assumed: [
        'A max pool was put behind the last convolution, as these networks have one.',
        net.mean
          ? `A mean over the image was put before its dense layers. ${ANY_SIZE}`
          : net.sides.length === 1
            ? `Its inputs were taken to be images of ${net.side} by ${net.side} pixels, by the size of its first dense layer.`
            : severalSides(net.sides, net.side),
        ...(net.head.length > 1 ? ['ReLU was put between its dense layers.'] : []),
      ],
      rank: 1,
      input: [net.side, net.side, net.channels],
      layout: 'NCHW',
      anySize: net.mean,
      ...(net.sides.length > 1 && { sides: net.sides }),
      build: (builder, layers) => build(builder, layers, net),
    };
  },
};

function build(net: NetBuilder, layers: TorchLayers, vgg: Vgg): string {
  let at = 'input';
  for (const [i, place] of vgg.convs.entries()) {
    at = layers.conv(`features.${place}`, at);
    if (vgg.norm) at = layers.norm(`features.${place + 1}`, at);
    const end = place + (vgg.norm ? 2 : 1);
    at = layers.relu(`features.${end}`, at);
    net.tap(`features.${end}`, at);
    if (!vgg.pools.has(i)) continue;
    at = layers.maxPool(`features.${end + 1}`, at, 2, 2, 0);
    net.tap(`features.${end + 1}`, at);
  }
  if (vgg.mean) at = layers.pool('avgpool', at);
  for (const [i, name] of vgg.head.entries()) {
    at = layers.dense(name, at);
    if (i < vgg.head.length - 1) at = layers.relu(`${name}.relu`, at);
  }
  return at;
}
