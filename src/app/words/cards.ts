import type { Fields } from '../../recipe/fields';
import type {
  Catalogue,
  Citation,
  CompressionEntry,
  MethodEntry,
  SamplerEntry,
} from '../../recipe/recipe';
import { costsOf, LETTERS, needsOf } from './methods';

/** What a card may tell of: how a student learns, where its questions come from, how it is made smaller. */
export type Kind = 'method' | 'sampler' | 'compression';

/** A card as text. Ids are one kind's own: two kinds may share one. */
export interface Card {
  readonly key: string;
  readonly kind: Kind;
  readonly id: string;
  readonly title: string;
  readonly oneLine: string;
  readonly formula: { readonly latex: string; readonly letters: string } | null;
  /** Names with a sentence or more each. */
  readonly facts: readonly (readonly [name: string, sentences: readonly string[]])[];
  readonly params: Fields;
  readonly cite: readonly Citation[];
}

export const keyOf = (kind: Kind, id: string): string => `${kind}:${id}`;

export const GROUPS: Readonly<Record<Kind, string>> = {
  method: 'Methods',
  sampler: 'Questions',
  compression: 'Compression',
};

const WEIGHT_LETTERS =
  'W are the weights of a layer, W with a tilde what takes their place; b is the number of bits.';

/** All cards of a catalogue, kind by kind, each in the order of its titles. */
export function cardsOf({ methods, samplers, compressions }: Catalogue): readonly Card[] {
  const sorted = (cards: readonly Card[]) =>
    cards.toSorted((a, b) => a.title.localeCompare(b.title, 'en-GB'));
  return [
    ...sorted(methods.map(methodCard)),
    ...sorted(samplers.map(samplerCard)),
    ...sorted(compressions.filter(({ id }) => id !== 'none').map(compressionCard)),
  ];
}

function methodCard(method: MethodEntry): Card {
  const { id, title, oneLine, formula, known, reading, params, cite } = method;
  return {
    key: keyOf('method', id),
    kind: 'method',
    id,
    title,
    oneLine,
    formula: { latex: formula, letters: LETTERS },
    facts: [
      ['Needs', [sentence(needsOf(method))]],
      ['Costs', costsOf(method)],
      ['Known', [known]],
      ...ourReading(reading),
    ],
    params,
    cite,
  };
}

const LABELS: Readonly<Record<SamplerEntry['labels'], string>> = {
  kept: 'Its inputs keep their labels.',
  mixed: 'Its inputs have a mix of two labels.',
  none: 'Its inputs have no label: only the teacher can say what they are.',
};

const INPUTS = { image: 'images', plane: 'points on the plane', line: 'numbers' } as const;

function samplerCard({
  id,
  title,
  oneLine,
  labels,
  byClass,
  inputs,
  params,
  cite,
}: SamplerEntry): Card {
  const drawn = inputs.map((input) => INPUTS[input]).join(', ');
  return {
    key: keyOf('sampler', id),
    kind: 'sampler',
    id,
    title,
    oneLine,
    formula: null,
    facts: [
      ['Labels', [LABELS[labels]]],
      ['Draws', [`For ${drawn}${byClass ? ' of tasks that have classes' : ''}.`]],
    ],
    params,
    cite,
  };
}

const WHEN: Readonly<Record<CompressionEntry['kind'], string>> = {
  none: 'Never.',
  during: 'In training, from some step on.',
  after: 'After the last step of training.',
  rebuild: 'Training goes on with a smaller network.',
};

function compressionCard(entry: CompressionEntry): Card {
  const { id, title, oneLine, kind, formula, known, reading, costs, params, cite } = entry;
  return {
    key: keyOf('compression', id),
    kind: 'compression',
    id,
    title,
    oneLine,
    formula: { latex: formula, letters: WEIGHT_LETTERS },
    facts: [
      ['When', [WHEN[kind]]],
      ['Stored', [`Bytes: ${costs.bytes}.`, `Arithmetic: ${costs.macs}.`]],
      ['Known', [known]],
      ...ourReading(reading),
    ],
    params,
    cite,
  };
}

const ourReading = (reading: string | null): Card['facts'] =>
  reading === null ? [] : [['Our reading', [reading]]];

/** Phrases as one sentence: its first letter is a capital, its end a full stop. */
function sentence(phrases: readonly string[]): string {
  const text = phrases.length > 0 ? phrases.join('; ') : 'nothing beside the inputs';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
