import { reduce, type Action, type AppState } from './state';

export interface Store {
  get(): AppState;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
}

/** Holds the state outside React, so that a panel is drawn again only when the part that it reads has changed. */
export function createStore(initial: AppState): Store {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
