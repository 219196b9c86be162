import { shown } from '../../refuse';

/** What wrappers of models put before every name: parallel training, compilation, training frameworks, averages. */
const PREFIXES = ['module.', '_orig_mod.', 'model.', 'net.', 'network.', 'backbone.'] as const;

/** Beside the weights, what an averaged model counts. */
const COUNTERS: ReadonlySet<string> = new Set(['n_averaged']);

/** Some of a file's names as a family may know them. */
export interface Unwrapped {
  /** The file's names by ours. */
  readonly names: ReadonlyMap<string, string>;
  /** What was done, a sentence for each prefix. */
  readonly repairs: readonly string[];
}

/**
 * The ways in which a file's names may be meant, the likeliest first: all of them without the prefixes that they share, or
 * those under one prefix where it also holds others, such as an average or a loss with weights.
 */
export function unwrapped(all: readonly string[]): readonly Unwrapped[] {
  const names = all.filter((name) => !COUNTERS.has(name));
  const some = PREFIXES.map(
    (prefix) => [prefix, names.filter((name) => name.startsWith(prefix))] as const,
  )
    .filter(([, found]) => found.length > 0 && found.length < names.length)
    .map(([prefix, found]) => {
      const { names: inner, repairs } = without(found);
      return {
        names: inner,
        repairs: [`Only names that begin with "${prefix}" were read.`, ...repairs],
      };
    });
  return [without(names), ...some];
}

/** Names without the prefixes that all of them share. */
function without(names: readonly string[]): Unwrapped {
  let found = names.map((name) => [name, name] as const);
  const repairs: string[] = [];
  for (let depth = 0; depth < 4 && found.length > 0; depth++) {
    const prefix = PREFIXES.find((start) => found.every(([name]) => name.startsWith(start)));
    if (!prefix) break;
    found = found.map(([name, own]) => [name.slice(prefix.length), own]);
    repairs.push(`Every name began with "${shown(prefix)}", which was left out.`);
  }
  return { names: new Map(found), repairs };
}
