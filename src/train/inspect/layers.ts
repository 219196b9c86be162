import { countMacs, sizeOf, shapesOf } from '../../models/net/graph';
import type { LayersFound } from '../../recipe/inspection';
import { activationName, layersWords } from '../../recipe/layers';
import type { Layers } from '../../recipe/layers';
import type { InputRange, Meaning } from '../../recipe/meaning';
import type { TaskData } from '../../tasks/contract';
import type { Plain, ReadNetwork } from '../../upload/given';
import { rangesFor } from '../../upload/inspect/ranges';
import { clearlyBetter } from '../../upload/inspect/scores';
import { formed } from '../../upload/plain/build';
import type { Chain } from '../../upload/plain/chain';
import type { ActivationStep } from '../../upload/plain/hints';
import { geometriesOf, layersOf, ONLY_FITS, usualFor } from '../../upload/plain/solve';
import type { Geometry, Manner } from '../../upload/plain/solve';
import { shown } from '../../upload/refuse';
import { Body } from './body';
import { ClassReading } from './classes';
import { onePart } from './examples';
import type { Examples, TwoParts } from './examples';
import { nearest, sorted } from './tries';
import type { Fitness, Judge } from './tries';
import { ValueReading } from './values';

/** Multiply-adds that trying ways to put layers together may take: a number, so that no machine finds another way. */
const MOST_MACS = 4e10;
/** Tries that a search takes, about, and the fewest examples of one. */
const ABOUT = 60;
const FEWEST = 20;
/** Ways through the sizes that are tried, and other ways that are shown. */
const GEOMETRIES = 6;
const SHOWN = 8;
/** Ways that are so much less usual than the first are not tried. */
const UNUSUAL = 3.7;
/** Times that the choices are gone through, each with those of the others. */
const ROUNDS = 2;

/** What is asked of a network's answers whatever its layers are. */
type Reading = Judge & { readonly wanted: readonly string[] };

/** A network whose layers have been put together, and what is known of that. */
export interface Assembled {
  readonly net: ReadNetwork;
  readonly layers: LayersFound | null;
  /** What a person has to decide, as sentences. */
  readonly open: readonly string[];
  readonly warnings: readonly string[];
}

interface Around {
  progress(what: string, share: number): void;
  pause(): Promise<void>;
}

/**
 * Puts the weights of a file together that does not say how: as a person says, as the file's sizes decide, and for the
 * rest as fits the examples that it is tried on best. Scores are those of the others.
 *
 * @param given networks that say it themselves stay as they are
 * @throws UserError where a person's layers do not fit the file
 */
export async function assemble(
  given: ReadNetwork,
  data: TaskData,
  corrections: Partial<Meaning>,
  how: Pick<Meaning, 'resize' | 'flatten'>,
  { tried: fitted, judged }: TwoParts,
  around: Around,
): Promise<Assembled> {
  const { plain } = given;
  if (!plain) {
    const net = formed(given, corrections.layers);
    return { net, layers: null, open: [], warnings: [] };
  }
  const search = new Search(given, plain, data, corrections, how, fitted, around);
  const found = corrections.layers
    ? {
        way: { layers: corrections.layers, what: 'as you say' },
        others: [],
        input: await search.inputFor(corrections.layers),
      }
    : await search.best();
  const { way, others } = found;
  const input = found.input ?? (search.inputs[0] as InputRange);
  const tried = [];
  for (const [i, one] of [way, ...others].entries()) {
    around.progress('Comparing ways to put it together', i / (1 + others.length));
    const fitness = await search.fitness(one.layers, input, judged, judged.count);
    tried.push({ ...one, images: judged.count, ...fitness });
  }
  const [own, ...rest] = tried;
  const verified = own !== undefined && speaksFor(own, data, judged.count);
  const near = own ? nearest(tried).filter((one) => one !== own) : [];
  const only = 'rank' in way && way.rank >= ONLY_FITS;
  const by = corrections.layers
    ? 'person'
    : plain.known
      ? ({ sequence: 'file', definition: 'definition' } as const)[plain.known]
      : others.length > 0
        ? 'trying'
        : 'sizes';
  return {
    net: formed(given, way.layers),
    layers: {
      parts: plain.parts,
      by,
      tried: [...(own ? [own] : []), ...rest.toSorted((a, b) => b.score - a.score)].map((one) => ({
        layers: one.layers,
        what: one.what,
        images: one.images,
        score: one.score,
        logLikelihood: data.targets ? null : one.logLikelihood,
      })),
      alike: by === 'trying' ? near.map(({ what }) => what) : [],
      verified,
    },
    open: only
      ? [
          'No usual padding, stride or pool leads to the sizes that its dense layers take: put its layers in order, and say the side of its images.',
        ]
      : [],
    warnings: verified
      ? []
      : [
          `Not verified: put together so, ${shown(layersWords(way.layers), 1200)}, it does not answer the labelled examples clearly better than guessing does. Another padding, pool or activation may be the cause, or another task.`,
        ],
  };
}

/** Standard deviations of guessing that an accuracy has to lie above chance, and the least R² of real values. */
const SURE = 3;
const LEAST_R2 = 0.1;

/** Whether answers to some examples are clearly better than guesses, be it with the classes in another order. */
function speaksFor(
  { score, reordered }: Pick<Fitness, 'score' | 'reordered'>,
  { targets, classes }: TaskData,
  images: number,
): boolean {
  if (targets) return score > LEAST_R2;
  const chance = 1 / classes.length;
  const spread = Math.sqrt((chance * (1 - chance)) / images);
  return (
    score > chance + SURE * spread ||
    (reordered !== null && clearlyBetter(reordered.score, score, chance))
  );
}

interface Way {
  readonly layers: Layers;
  readonly what: string;
}

interface Choice extends Way {
  readonly geometry: Geometry;
  readonly manner: Manner;
}

/** Where norms may stand, the usual place first. */
const NORM_PLACES = ['before', 'after', 'last'] as const;

/** Goes through the ways in which layers can be put together. */
class Search {
  /** Normalisations, the most usual first. */
  readonly inputs: readonly InputRange[];
  private readonly given: ReadNetwork;
  private readonly plain: Plain;
  private readonly data: TaskData;
  private readonly corrections: Partial<Meaning>;
  private readonly how: Pick<Meaning, 'resize' | 'flatten'>;
  private readonly around: Around;
  private readonly fitted: Examples;
  private readonly seen = new Map<string, Way & Fitness & { readonly images: number }>();
  private images = 0;
  private spent = 0;
  private done = 0;

  constructor(
    given: ReadNetwork,
    plain: Plain,
    data: TaskData,
    corrections: Partial<Meaning>,
    how: Pick<Meaning, 'resize' | 'flatten'>,
    fitted: Examples,
    around: Around,
  ) {
    const { input } = given.graph;
    this.given = given;
    this.plain = plain;
    this.data = data;
    this.corrections = corrections;
    this.how = how;
    this.around = around;
    this.fitted = fitted;
    const own = given.normalisation && {
      name: 'as the file says',
      order: 'rgb' as const,
      perImage: false,
      ...given.normalisation,
    };
    const channels = input.length === 3 ? (input[2] ?? null) : data.shape.length === 3 ? 1 : null;
    this.inputs = corrections.input ? [corrections.input] : own ? [own] : rangesFor(channels, data);
  }

  /** The way that fits best, and others. */
  async best(): Promise<{
    readonly way: Way & { readonly rank?: number };
    readonly others: readonly Way[];
    readonly input: InputRange | undefined;
  }> {
    const { plain, data } = this;
    const { chain } = plain;
    if (plain.known || !chain) {
      const way = this.known();
      return { way, others: [], input: await this.inputFor(way.layers) };
    }
    const found = geometriesOf(chain, plain.hints, data.shape, GEOMETRIES);
    const [first] = found;
    const geometries = found.filter(({ rank }) => rank <= (first?.rank ?? 0) + UNUSUAL);
    if (!first) return { way: this.known(), others: [], input: this.inputs[0] };
    const choice = (geometry: Geometry, manner: Manner): Choice => ({
      geometry,
      manner,
      layers: layersOf(chain, plain.hints, geometry, manner),
      what: wordsOf(chain, geometry, manner),
    });
    const usual = usualFor(plain.hints);
    let current = choice(first, usual);
    let input = this.inputs[0] as InputRange;
    this.images = this.imagesFor(current.layers);
    const quick =
      this.inputs.length < 4 ? this.inputs : [...this.inputs.slice(0, 2), ...this.own()];
    const pairs = geometries.flatMap((geometry) =>
      quick.map((range) => ({ choice: choice(geometry, usual), range })),
    );
    const start = await this.among(pairs);
    if (start) [current, input] = [start.choice, start.range];
    for (let round = 0; round < ROUNDS; round++) {
      const before = JSON.stringify([current.layers, input]);
      const take = async (all: readonly Choice[]) => {
        const best = await this.among(all.map((one) => ({ choice: one, range: input })));
        if (best) current = best.choice;
      };
      const ranges = await this.among(this.inputs.map((range) => ({ choice: current, range })));
      if (ranges) input = ranges.range;
      const { geometry } = current;
      const manner = (change: Partial<Manner>) =>
        choice(current.geometry, { ...current.manner, ...change });
      // Together: where the norms stand decides which activation fits, and the other way round.
      const kinds = current.layers.steps.some(({ op }) => op === 'activation')
        ? activations(plain)
        : [current.manner.activation];
      const places = plain.parts.some(({ op }) => op === 'norm')
        ? NORM_PLACES
        : [current.manner.norm];
      if (kinds.length * places.length > 1)
        await take(
          kinds.flatMap((activation) => places.map((norm) => manner({ activation, norm }))),
        );
      if (geometry.pools.length > 0 && plain.hints.pools.length === 0)
        await take((['max', 'mean'] as const).map((poolKind) => manner({ poolKind })));
      await take(geometries.map((other) => choice(other, current.manner)));
      if (JSON.stringify([current.layers, input]) === before) break;
    }
    const key = JSON.stringify(current.layers);
    const ranked = sorted(
      [...this.seen.values()].map((one, place) => ({ ...one, place })),
      this.speaksForOther,
    );
    const others = ranked
      .filter((one, i, all) => {
        const own = JSON.stringify(one.layers);
        return own !== key && all.findIndex((other) => JSON.stringify(other.layers) === own) === i;
      })
      .slice(0, SHOWN - 1);
    return { way: { ...current, rank: current.geometry.rank }, others, input };
  }

  /** The normalisation under which layers that somebody says fit best. */
  async inputFor(layers: Layers): Promise<InputRange | undefined> {
    const [first] = this.inputs;
    if (this.inputs.length < 2) return first;
    this.images = this.imagesFor(layers);
    const trials = [];
    for (const [place, input] of this.inputs.entries()) {
      this.around.progress(`Trying ${input.name}`, place / this.inputs.length);
      const { images, fitted } = this;
      trials.push({ input, place, images, ...(await this.fitness(layers, input, fitted, images)) });
    }
    return sorted(trials, this.speaksForOther)[0]?.input ?? first;
  }

  /** What a file that says its layers leaves open is the side of its images: the task's, where that fits. */
  private known(): Way {
    const { ways = [], layers } = this.plain;
    const own = ways.find(({ input }) => String(input) === String(this.data.shape));
    return {
      layers: own ?? layers,
      what: this.plain.known === 'definition' ? 'as the file defines it' : 'as the file says',
    };
  }

  /** As where normalisations are tried: classes in another order must not hide which way is right. */
  private readonly speaksForOther = (own: number, reordered: number): boolean =>
    this.data.targets === undefined && clearlyBetter(reordered, own, 1 / this.data.classes.length);

  private own(): readonly InputRange[] {
    return this.inputs.filter(({ name }) => name.startsWith('as our own'));
  }

  /** Of several the one that fits best; of those that fit about as well the first. */
  private async among(
    all: readonly { readonly choice: Choice; readonly range: InputRange }[],
  ): Promise<{ readonly choice: Choice; readonly range: InputRange } | null> {
    if (all.length < 2) return null;
    const trials = [];
    for (const [place, one] of all.entries()) {
      if (this.spent > MOST_MACS) break;
      this.done += 1;
      this.around.progress(`Trying ${one.choice.what}`, Math.min(0.95, this.done / (2 * ABOUT)));
      const key = JSON.stringify([one.choice.layers, one.range]);
      const known = this.seen.get(key);
      const fitness =
        known ?? (await this.fitness(one.choice.layers, one.range, this.fitted, this.images));
      const { score, logLikelihood, reordered } = fitness;
      const own = { score, logLikelihood, reordered, images: this.images };
      this.seen.set(key, { layers: one.choice.layers, what: one.choice.what, ...own });
      trials.push({ ...one, ...own, place });
    }
    return sorted(trials, this.speaksForOther)[0] ?? null;
  }

  /** How well layers fit some examples. */
  async fitness(
    layers: Layers,
    input: InputRange,
    examples: Examples,
    images: number,
  ): Promise<Fitness> {
    const net = formed(this.given, layers);
    const reading = this.reading(net, examples);
    const body = new Body(net, reading.wanted);
    try {
      this.spent += images * countMacs(net.graph);
      const answers = await body.answers(
        examples,
        0,
        images,
        this.data,
        { ...this.how, input },
        () => this.around.pause(),
      );
      return reading.judge(answers, images);
    } finally {
      body.dispose();
    }
  }

  private reading(net: ReadNetwork, examples: Examples): Reading {
    const { data, corrections } = this;
    const parts = onePart(examples);
    const { output } = net.graph;
    const size = sizeOf(shapesOf(net.graph).get(output) ?? []);
    return data.targets
      ? new ValueReading(output, new Map([[output, size]]), data.targets, parts, corrections)
      : new ClassReading(net, output, size, data.classes, parts, corrections);
  }

  private imagesFor(layers: Layers): number {
    const macs = Math.max(1, countMacs(formed(this.given, layers).graph));
    const affordable = Math.floor(MOST_MACS / (ABOUT * macs));
    return Math.min(this.fitted.count, Math.max(FEWEST, affordable));
  }
}

const plainActivation = (kind: ActivationStep['kind'], alpha = 0.01): ActivationStep => ({
  op: 'activation',
  kind,
  alpha,
});

/** Activations that are tried, the most usual first: those that the file holds as layers, where it does. */
function activations({ hints }: Plain): readonly ActivationStep[] {
  if (hints.activations.length > 0) return hints.activations;
  return [
    usualFor(hints).activation,
    plainActivation('tanh'),
    plainActivation('sigmoid'),
    plainActivation('leakyRelu'),
    plainActivation('leakyRelu', 0.1),
    plainActivation('leakyRelu', 0.2),
    plainActivation('elu', 1),
    plainActivation('gelu'),
    plainActivation('silu'),
  ];
}

/** A way in words, as far as it could be another one. */
function wordsOf(chain: Chain, geometry: Geometry, manner: Manner): string {
  const convs = chain.links.flatMap(({ part }) => (part.op === 'conv' ? [part] : []));
  const named = (places: readonly number[]) =>
    places.length === convs.length && places.length > 1
      ? 'every convolution'
      : places.map((i) => convs[i]?.name).join(', ');
  const with_ = (what: (place: number) => readonly number[], none: number) =>
    convs.map((_, i) => i).filter((i) => what(i).some((n) => n !== none));
  const padded = with_((i) => geometry.convs[i]?.padding ?? [], 0);
  const strided = with_((i) => geometry.convs[i]?.stride ?? [], 1);
  const [size] = geometry.pool.size;
  const { end, input } = geometry;
  const norms = chain.links.some((link) => link.norms.length > 0);
  return [
    input.length === 1 ? `${input[0]} numbers` : input.join(' x '),
    ...(convs.length > 0 ? [padded.length > 0 ? `padding in ${named(padded)}` : 'no padding'] : []),
    ...(strided.length > 0 ? [`stride in ${named(strided)}`] : []),
    ...(convs.length === 0
      ? []
      : geometry.pools.length > 0
        ? [`${manner.poolKind} pool ${size}x${size} behind ${named(geometry.pools)}`]
        : ['no pools']),
    ...(end === 'mean' || end === 'max' ? [`${end} over the image`] : []),
    ...(chain.links.length > 1
      ? [activationName(manner.activation.kind, manner.activation.alpha)]
      : []),
    ...(norms && manner.norm !== 'before'
      ? [manner.norm === 'after' ? 'norms behind the activation' : 'norms behind the pool']
      : []),
  ].join(', ');
}
