import type { LayerPart } from '../../recipe/layers';

type Conv = Extract<LayerPart, { op: 'conv' }>;
type Dense = Extract<LayerPart, { op: 'dense' }>;
type Weighted = Conv | Dense;

/** A layer with weights, and the norms and slopes that belong behind it. */
export interface Link {
  readonly part: Weighted;
  readonly norms: readonly string[];
  readonly slopes: readonly string[];
}

/** Layers of a file one behind the other. */
export interface Chain {
  readonly links: readonly Link[];
  /** Norms before the first layer, over the input's own channels. */
  readonly first: readonly string[];
  /** Norms over the flattened image, before the first dense layer. */
  readonly flat: readonly string[];
  /** True where the file has its layers in another order. */
  readonly reordered: boolean;
}

/** Longer chains have shortcuts. */
const LONGEST = 400;
/** Steps of the search for an order: the file's own order is found in as many as there are layers. */
const MOST_STEPS = 20_000;

/**
 * The order in which all layers of a file follow one another by their sizes. Tensors stand in the order in which layers
 * were defined, or in that of their names; where both fit, the former is taken.
 *
 * @returns the chain, or a sentence that names what does not fit
 */
export function chainOf(parts: readonly LayerPart[]): Chain | string {
  const weighted = parts.filter(
    (part): part is Weighted => part.op === 'conv' || part.op === 'dense',
  );
  if (weighted.length === 0) return 'None of its tensors is a convolution or a dense layer.';
  if (parts.length > LONGEST) return `It has ${parts.length} layers, too many for a plain chain.`;
  const named = weighted.toSorted((a, b) => natural(a.name, b.name));
  // Some forms of files sort their tensors by name or by size, which says nothing of the order of computation.
  const order = [weighted, named].find(isChain) ?? longest(weighted);
  if (order.length < weighted.length) return broken(weighted, order);
  return withOthers(parts, order, String(order.map(nameOf)) !== String(weighted.map(nameOf)));
}

const nameOf = ({ name }: LayerPart): string => name;

/** By letters, with numbers in names by their size: conv2 before conv10. */
const natural = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' });

/** Whether a layer can read what another one puts out. Between an image and a list the image's sides are open. */
function follows(before: Weighted, after: Weighted): boolean {
  // Channel by channel, or all of them: other groups would let shortcuts pass for layers.
  if (before.op === 'conv' && after.op === 'conv')
    return plainly(before, after) || (after.within === 1 && after.filters % before.filters === 0);
  if (before.op === 'conv' && after.op === 'dense') return after.features % before.filters === 0;
  return before.op === 'dense' && after.op === 'dense' && before.units === after.features;
}

/** How surely: whole channels rather than groups of them. */
const plainly = (before: Weighted, after: Weighted): boolean =>
  before.op !== 'conv' || after.op !== 'conv' || before.filters === after.within;

const isChain = (parts: readonly Weighted[]): boolean =>
  parts.every((part, i) => i === 0 || follows(parts[i - 1] as Weighted, part));

/** The longest chain that is found, from the layers that nothing else has to come before. */
function longest(parts: readonly Weighted[]): readonly Weighted[] {
  let best: readonly Weighted[] = [];
  let steps = 0;
  const search = (chain: readonly Weighted[], left: readonly Weighted[]): boolean => {
    if (chain.length > best.length) best = chain;
    if (left.length === 0) return true;
    steps += 1;
    if (steps > MOST_STEPS) return false;
    const last = chain.at(-1);
    const next = last
      ? left.filter((part) => follows(last, part))
      : left.filter((part) => part.op === 'conv' || left.every(({ op }) => op === 'dense'));
    const likely = last
      ? next.toSorted((a, b) => Number(plainly(last, b)) - Number(plainly(last, a)))
      : next.toSorted((a, b) => entering(a) - entering(b));
    for (const part of likely)
      if (
        search(
          [...chain, part],
          left.filter((one) => one !== part),
        )
      )
        return true;
    return false;
  };
  search([], parts);
  return best;
}

/** Images have one channel or three: layers that read so many come first. */
const entering = (part: Weighted): number =>
  part.op === 'conv' && (part.within === 1 || part.within === 3) ? 0 : 1;

const reads = (part: Weighted): number => (part.op === 'conv' ? part.within : part.features);
const puts = (part: Weighted): number => (part.op === 'conv' ? part.filters : part.units);

function broken(all: readonly Weighted[], chain: readonly Weighted[]): string {
  const left = all.filter((part) => !chain.includes(part)).slice(0, 3);
  const last = chain.at(-1);
  const kind = (part: Weighted) => (part.op === 'conv' ? 'channels' : 'numbers');
  const said = left.map(
    (part) => `${part.name} (takes ${reads(part)}, gives ${puts(part)} ${kind(part)})`,
  );
  return `Its layers do not follow one another by their sizes: ${chain.map(nameOf).slice(0, 6).join(', ')} do${last ? `, up to ${puts(last)} ${kind(last)}` : ''}, but no place is left for ${said.join(', ')}.`;
}

/** Puts norms and slopes behind the layers whose size they have. */
function withOthers(
  parts: readonly LayerPart[],
  order: readonly Weighted[],
  reordered: boolean,
): Chain | string {
  const norms = new Map<string, string[]>(order.map(({ name }) => [name, []]));
  const slopes = new Map<string, string[]>(order.map(({ name }) => [name, []]));
  const [head] = order as readonly [Weighted];
  const firstDense = order.findIndex(({ op }) => op === 'dense');
  const first: string[] = [];
  const flat: string[] = [];
  for (const [at, part] of parts.entries()) {
    if (part.op !== 'norm' && part.op !== 'slope') continue;
    const hosts = part.op === 'norm' ? norms : slopes;
    const one = part.op === 'slope' && part.size === 1;
    const free = order.filter(
      (host) => (one || puts(host) === part.size) && hosts.get(host.name)?.length === 0,
    );
    const before = parts.slice(0, at).findLast(({ op }) => op === 'conv' || op === 'dense');
    const number = /(\d+)\D*$/.exec(part.name)?.[1];
    const host =
      free.find((candidate) => candidate === before) ??
      free.find(
        ({ name, op }) => /(\d+)\D*$/.exec(name)?.[1] === number && kindOf(part.name, op),
      ) ??
      free[0];
    if (host) hosts.get(host.name)?.push(part.name);
    else if (part.op === 'norm' && first.length === 0 && part.size === reads(head))
      first.push(part.name);
    else if (
      part.op === 'norm' &&
      flat.length === 0 &&
      firstDense > 0 &&
      part.size === reads(order[firstDense] as Weighted)
    )
      flat.push(part.name);
    else
      return `Its layers do not follow one another by their sizes: there is no place for ${part.name} (${part.size} channels).`;
  }
  return {
    links: order.map((part) => ({
      part,
      norms: norms.get(part.name) ?? [],
      slopes: slopes.get(part.name) ?? [],
    })),
    first,
    flat,
    reordered,
  };
}

/** Names of norms may say to which kind of layer they belong: "fc_bn1" is not that of "conv1". */
const kindOf = (norm: string, op: Weighted['op']): boolean =>
  !/(fc|lin|dense)/i.test(norm) || op === 'dense';
