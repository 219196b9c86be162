import { UserError } from './errors';

/** Things found in a folder, by id. Throws at load on two with one id, or on one without an id. */
export function registryOf<T extends { readonly id: string }>(
  kind: string,
  modules: Readonly<Record<string, { default?: T }>>,
): { all(): readonly T[]; get(id: string): T } {
  const byId = new Map<string, T>();
  for (const [path, module] of Object.entries(modules)) {
    const entry = module.default;
    if (!entry?.id) throw new Error(`${path} has no default export with an id`);
    if (byId.has(entry.id)) throw new Error(`${path}: a ${kind} named ${entry.id} exists already`);
    byId.set(entry.id, entry);
  }
  return {
    all: () => [...byId.values()],
    get(id) {
      const found = byId.get(id);
      if (found) return found;
      throw new UserError(
        'E_UNKNOWN_ID',
        `There is no ${kind} named "${id}".`,
        `Known are: ${[...byId.keys()].join(', ')}.`,
      );
    },
  };
}
