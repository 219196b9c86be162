import type { Format, Given, ReadNetwork, Reading } from '../../given';
import { exportAdvice } from '../../plain/advice';
import { plainNetwork, plainPlan, saidPlan } from '../../plain/network';
import type { PlainPlan } from '../../plain/network';
import { titleOf } from '../../names';
import { NetBuilder } from '../../net/builder';
import { refuse, shown } from '../../refuse';
import type { TensorFile } from '../tensors';
import type { Family, Proposal, Shapes, Told } from './contract';
import { TorchLayers } from './layers';
import { own } from './own';
import { preactResnet } from './preact-resnet';
import { smallResnet } from './small-resnet';
import { torchvisionResnet } from './torchvision-resnet';
import { vgg } from './vgg';
import { wideResnet } from './wide-resnet';
import { unwrapped } from './unwrap';
import type { Unwrapped } from './unwrap';

const FAMILIES: readonly Family[] = [
  own,
  smallResnet,
  torchvisionResnet,
  preactResnet,
  wideResnet,
  vgg,
];

/**
 * The network that a file's tensors are the weights of, by their names and shapes. What was recognised, by what, and what
 * had to be assumed is said in `remarks`.
 *
 * @throws UserError where no family fits: a state dict holds no architecture
 */
export async function networkOf(
  file: Given,
  format: Format,
  held: TensorFile,
  reading: Reading,
): Promise<ReadNetwork> {
  const { names, repairs, proposals } = recognised(file, held);
  const loaded = await held.load([...names.values()]);
  const values = new Map(
    [...names].flatMap(([name, own]) => {
      const value = loaded.get(own);
      return value ? [[name, value] as const] : [];
    }),
  );
  if (!isProposed(proposals)) {
    reading.progress('Building the network', 1);
    return plainNetwork(file.path, format, proposals, values, {
      repairs: [...held.repairs, ...repairs],
      remarks: held.remarks,
    });
  }
  const [proposal, ...others] = proposals;
  const net = new NetBuilder(shown(file.path), proposal.input);
  const layers = new TorchLayers(net, values);
  reading.progress('Building the network', 1);
  const output = proposal.build(net, layers);
  const { graph, weights, sideRules } = net.finish(output);
  const used = new Set([...layers.used].map((name) => names.get(name)));
  const surplus = [...held.tensors.keys()].filter((name) => !used.has(name));
  const told = proposal.told && fitting(proposal.told, net.shape(output), proposal.input);
  return {
    format,
    title: titleOf(file.path),
    graph,
    weights,
    outputs: [output],
    layout: proposal.layout,
    layers: layers.count,
    classes: told?.classes ?? null,
    anySize: proposal.anySize ?? false,
    sideRules,
    ...(proposal.sides && { sides: proposal.sides }),
    normalisation: told?.normalisation ?? null,
    repairs: [...held.repairs, ...repairs],
    remarks: [
      `It was read as ${proposal.title}, because ${proposal.reason}.`,
      ...proposal.assumed,
      ...others.map(({ title, reason }) => `It could also be ${title}, because ${reason}.`),
      ...held.remarks,
      ...surplusRemark(surplus),
    ],
  };
}

type Proposals = readonly [Proposal, ...Proposal[]];

interface Recognised extends Unwrapped {
  /** Families that know the names, or how layers follow one another whose names no family knows. */
  readonly proposals: Proposals | PlainPlan;
}

const isProposed = (found: Proposals | PlainPlan): found is Proposals => Array.isArray(found);

/** @throws UserError where no family knows the names, and its layers do not follow one another */
function recognised(file: Given, held: TensorFile): Recognised {
  const ways = unwrapped([...held.tensors.keys()]).map((way) => ({
    ...way,
    shapes: new Map(
      [...way.names].map(([name, own]) => [name, held.tensors.get(own)?.shape ?? []]),
    ),
  }));
  const own = planSaid(held);
  // What a pickled model says of its layers is more than any convention of a family.
  if (own && typeof own !== 'string' && typeof held.said?.ways !== 'string') return own;
  for (const { names, repairs, shapes } of ways) {
    const [first, ...more] = proposalsFor(shapes, held.metadata);
    if (first) return { names, repairs, proposals: [first, ...more] };
  }
  if (own && typeof own !== 'string') return own;
  const reasons: string[] = own === null ? [] : [own];
  for (const { names, repairs, shapes } of ways) {
    if (own !== null) break;
    const plan = plainPlan(shapes);
    if (typeof plan !== 'string') return { names, repairs, proposals: plan };
    reasons.push(plan);
  }
  throw unknown(file, ways[0]?.shapes ?? new Map(), reasons[0] ?? '', held.said !== undefined);
}

/** How a pickled model's own word puts its layers together; null of weights alone, and a reason where nothing does. */
function planSaid(held: TensorFile): Recognised | string | null {
  const { said, tensors } = held;
  if (!said) return null;
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const plan =
    typeof said.ways !== 'string'
      ? saidPlan(shapes, said.ways, said)
      : said.by === 'sequence'
        ? said.ways
        : plainPlan(shapes, said.hints);
  if (typeof plan === 'string') return plan;
  return {
    names: new Map([...tensors.keys()].map((name) => [name, name])),
    repairs: [],
    proposals: plan,
  };
}

/** What a file says of its classes and inputs, as far as their numbers are the network's. */
function fitting(
  { classes, normalisation }: Told,
  output: readonly number[],
  input: readonly number[],
): Told {
  const lists = normalisation ? [normalisation.mean, normalisation.std] : [];
  const fits = lists.every(({ length }) => length === 1 || length === input.at(-1));
  return {
    classes:
      classes?.length === output.at(-1) ? (classes?.map((name) => shown(name)) ?? null) : null,
    normalisation: fits ? normalisation : null,
  };
}

/** Every family that fits, the likeliest first. */
function proposalsFor(shapes: Shapes, metadata: ReadonlyMap<string, string>): readonly Proposal[] {
  return FAMILIES.flatMap((family) => family.propose(shapes, metadata) ?? []).sort(
    (a, b) => b.rank - a.rank,
  );
}

function surplusRemark(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const some = names.slice(0, 4).map((name) => shown(name));
  const more = names.length > some.length ? ` and ${names.length - some.length} more` : '';
  return [`Not used: ${some.join(', ')}${more}.`];
}

/** @param why why its layers are not read one behind the other */
function unknown(file: Given, shapes: Shapes, why: string, pickled: boolean): Error {
  if (shapes.size === 0)
    return refuse(
      'E_UPLOAD_NO_WEIGHTS',
      `${shown(file.path)} cannot be used: it holds no weights.`,
      'Check that it is the file that you meant.',
    );
  const some = [...shapes]
    .slice(0, 6)
    .map(([name, shape]) => `${shown(name)} [${shape.join(', ')}]`);
  if (pickled)
    return refuse(
      'E_UPLOAD_WHOLE_MODEL',
      `${shown(file.path)} cannot be used: it pickles a whole model, whose program is not run, and what the file says beside it does not suffice: ${why}`,
      exportAdvice(shapes),
    );
  return refuse(
    'E_UPLOAD_UNKNOWN_NET',
    `${shown(file.path)} holds weights by name but not the network that they belong to, and their names are of no network that is known: ${some.join(', ')}${shapes.size > some.length ? ', …' : ''}. ${why}`,
    exportAdvice(shapes),
  );
}
