import { shown } from '../../refuse';

/** What wrappers of models put before every name: parallel training, compilation, training frameworks, averages. */
const PREFIXES = ['module.', '_orig_mod.', 'model.', 'net.', 'network.', 'backbone.'] as const;

/** Beside the weights, what an averaged model counts. */
const COUNTERS: ReadonlySet<string> = new Set(['n_averaged']);

/**
 * Names without the prefixes that all of them share.
 *
 * @returns the file's names by ours, and what was done, a sentence for each prefix
 */
export function unwrapped(names: readonly string[]): {
  readonly names: ReadonlyMap<string, string>;
  readonly repairs: readonly string[];
} {
  let found = names.filter((name) => !COUNTERS.has(name)).map((name) => [name, name] as const);
  const repairs: string[] = [];
  for (let depth = 0; depth < 4 && found.length > 0; depth++) {
    const prefix = PREFIXES.find((start) => found.every(([name]) => name.startsWith(start)));
    if (!prefix) break;
    found = found.map(([name, own]) => [name.slice(prefix.length), own]);
    repairs.push(`Every name began with "${shown(prefix)}", which was left out.`);
  }
  return { names: new Map(found), repairs };
}
