import type { Random } from '../recipe/random';
import type { AnyValues } from '../recipe/fields';
import type { SamplerEntry } from '../recipe/recipe';
import type { Mix, View } from './parts/provenance';

/** What a sampler may look at when it draws. */
export interface DrawContext {
  readonly random: Random;
  readonly params: AnyValues;
  /** Rows of the transfer set. */
  readonly count: number;
  readonly classes: number;
  /** Shape of one input. */
  readonly shape: readonly number[];
  /** A partner for a row, by the sampler's pair policy, and how it is looked at. */
  partner(row: number): { readonly row: number; readonly view: View | null };
}

/**
 * A source of inputs. It decides inputs, never losses: `draw` says what is mixed into a row, `render` (parts/render.ts)
 * makes the pixels. The common parameters (share, select, augment, pad) are in parts/fields.ts.
 */
export interface Sampler extends SamplerEntry {
  draw(row: number, context: DrawContext): Mix;
}
