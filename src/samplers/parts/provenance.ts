import type { PoolName } from './pool';

/**
 * Where a sampled row comes from: enough to rebuild its pixels from the data set alone. Everything here was drawn on the
 * CPU, so that the same seed draws the same rows on every backend.
 */

/** How a row of the data set was looked at: shifted by (top, left) out of a zero-padded image, and mirrored. */
export interface View {
  readonly top: number;
  readonly left: number;
  readonly flip: boolean;
}

export type Mix =
  | { readonly kind: 'real' }
  | {
      /** share * first + (1 - share) * partner, in normalised units. */
      readonly kind: 'interpolation';
      readonly partner: number;
      readonly partnerView: View | null;
      readonly share: number;
    }
  | {
      /** The partner's pixels inside the box [top, left, bottom, right); share = the first's part of the area. */
      readonly kind: 'cutmix';
      readonly partner: number;
      readonly partnerView: View | null;
      readonly share: number;
      readonly box: readonly [number, number, number, number];
    }
  | {
      /** N(0, sigma^2) added in normalised units, from a stream of this seed. */
      readonly kind: 'noise';
      readonly seed: number;
      readonly sigma: number;
    }
  | {
      /** An input of a pool (parts/pool.ts) in the row's place. It has no label. */
      readonly kind: 'other';
      readonly pool: PoolName;
      readonly item: number;
    }
  | {
      /** An input that a generator makes of a code (parts/latent.ts), in the row's place. It has no label. */
      readonly kind: 'generator';
      readonly code: Code;
      /** The code that it is mixed with: share * code + (1 - share) * this; null where it is not mixed. */
      readonly second: (Code & { readonly share: number }) | null;
    };

/** A class, and the seed of a stream from which a standard normal latent comes. */
export interface Code {
  readonly seed: number;
  readonly label: number;
}

/** What becomes of a row's label: see SamplerEntry.labels. */
export function labelOf({ kind }: Mix): 'kept' | 'mixed' | 'none' {
  if (kind === 'other' || kind === 'generator') return 'none';
  return kind === 'interpolation' || kind === 'cutmix' ? 'mixed' : 'kept';
}

/** One row: a data set row, how it was looked at, and what was mixed into it. */
export interface RowPlan {
  readonly row: number;
  readonly view: View | null;
  readonly mix: Mix;
}
