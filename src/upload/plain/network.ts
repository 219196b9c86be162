import { layerName } from '../../recipe/layers';
import type { LayerPart, Layers } from '../../recipe/layers';
import type { Format, Plain, ReadNetwork } from '../given';
import { titleOf } from '../names';
import type { Values } from '../net/builder';
import { shown } from '../refuse';
import { turned } from '../torch/architectures/layers';
import { exportAdvice } from './advice';
import { built } from './build';
import { chainOf } from './chain';
import type { Chain } from './chain';
import { NO_HINTS } from './hints';
import type { Hints } from './hints';
import { partsOf } from './parts';
import { geometriesOf, layersOf, usualFor } from './solve';

/** A plan for a file whose tensors follow one another. */
export interface PlainPlan {
  readonly parts: readonly LayerPart[];
  /** Null where the file's own word says how they follow. */
  readonly chain: Chain | null;
  readonly ways?: readonly Layers[];
  readonly known: Plain['known'];
  readonly hints: Hints;
  readonly layers: Layers;
  /** Tensors that are no part of a layer. */
  readonly unused: readonly string[];
}

/** How many ways are looked at before any example is. */
const FEW = 12;

/**
 * Whether a file's tensors are layers one behind the other, and how they may be put together.
 *
 * @returns a plan, or a sentence that names what does not fit
 */
export function plainPlan(
  shapes: ReadonlyMap<string, readonly number[]>,
  hints: Hints = NO_HINTS,
): PlainPlan | string {
  const { parts, strange, figures } = partsOf(shapes);
  if (strange.length > 0) {
    const some = strange.slice(0, 3).map((name) => shown(name));
    return `${some.join(', ')}${strange.length > some.length ? ` and ${strange.length - some.length} more` : ''} ${strange.length > 1 ? 'belong' : 'belongs'} to no convolution, dense layer or batch norm.`;
  }
  const chain = chainOf(parts);
  if (typeof chain === 'string') return chain;
  const [geometry] = geometriesOf(chain, hints, null, FEW);
  if (!geometry) return 'No size of its input leads through its layers.';
  return {
    parts,
    chain,
    hints,
    layers: layersOf(chain, hints, geometry, usualFor(hints)),
    known: null,
    unused: figures,
  };
}

/**
 * The plan of a pickled model that says its layers itself.
 *
 * @param ways the same layers over images of every side that fits, at least one
 */
export function saidPlan(
  shapes: ReadonlyMap<string, readonly number[]>,
  ways: readonly Layers[],
  { hints, by }: { readonly hints: Hints; readonly by: 'sequence' | 'definition' },
): PlainPlan | string {
  const { parts, figures } = partsOf(shapes);
  const [layers] = ways;
  if (!layers) return 'No size of its input leads through its layers.';
  return { parts, chain: null, hints, layers, ways, known: by, unused: figures };
}

/** The weights of layers in the order of axes that graphs have. */
function plainTensors(loaded: ReadonlyMap<string, Values>): ReadonlyMap<string, Values> {
  const turn = (value: Values): Values => {
    if (value.shape.length === 4) return turned(value, [2, 3, 1, 0]);
    return value.shape.length === 2 ? turned(value, [1, 0]) : value;
  };
  return new Map([...loaded].map(([name, value]) => [name, turn(value)]));
}

const SAID = {
  sequence:
    'It is a pickled model of standard layers one behind the other, which say themselves what they are: it was read without running anything.',
  definition:
    'It is a pickled model. Nothing of its program was run: its sequences of standard layers were taken to be called in the order in which it defines them, and an image to be flattened before a dense layer.',
} as const;

/** The network of a plan. @param loaded tensors as the file has them, by the names of the plan */
export function plainNetwork(
  path: string,
  format: Format,
  plan: PlainPlan,
  loaded: ReadonlyMap<string, Values>,
  said: { readonly repairs: readonly string[]; readonly remarks: readonly string[] },
): ReadNetwork {
  const { parts, chain, hints, layers, unused, known, ways } = plan;
  const tensors = plainTensors(loaded);
  const plain: Plain = { parts, chain, hints, layers, tensors, known, ...(ways && { ways }) };
  const { graph, weights, output } = built(shown(path), layers, plain);
  const names = (chain?.links ?? []).map(({ part }) => shown(layerName(part.name), 40));
  const some = names.length > 8 ? [...names.slice(0, 7), '…', names.at(-1)] : names;
  const shapes = new Map([...loaded].map(([name, { shape }]) => [name, shape]));
  return {
    format,
    title: titleOf(path),
    graph,
    weights,
    outputs: [output],
    layout: layers.input.length === 3 ? 'NCHW' : 'none',
    layers: parts.length,
    classes: null,
    plain,
    repairs: said.repairs,
    remarks: [
      known === null
        ? `It holds weights by name, and not how they are put together. They were read as layers one behind the other, ${some.join(', ')}, because their sizes follow one another so; shortcuts around layers, if it has any, are not seen in a file.`
        : SAID[known],
      ...(chain?.reordered ? ['The file has them in another order.'] : []),
      ...said.remarks,
      ...(unused.length > 0
        ? [
            `Not used: ${unused
              .slice(0, 4)
              .map((name) => shown(name))
              .join(', ')}.`,
          ]
        : []),
      ...(known === 'sequence' ? [] : [`To have it exactly as it was: ${exportAdvice(shapes)}`]),
    ],
  };
}
