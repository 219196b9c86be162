import type { Adapter } from '../support/adapter';
import { findAdapter } from '../support/adapter';
import type { Place } from '../support/cells';
import { provideGpu } from '../support/node-gpu';
import { startNode } from './contestant';
import type { Contestant, Exchange } from './contestant';
import type { Peer, Task, TimedPlace, Way } from './job';

/** Where implementations in JavaScript run: processes of Node, or pages of a browser. */
export interface Venue {
  /** Versions beyond those of the packages. */
  readonly versions: Readonly<Record<string, string>>;
  /** What a place computes on here, or null where it is not to be had. */
  adapter(place: TimedPlace): Promise<Adapter | null>;
  /** @throws Error where an implementation does not start */
  begin(task: Task, peer: Peer | Way, place: Place): Promise<Contestant>;
  close(): Promise<void>;
}

/** Each implementation is a process of this Node. */
export function nodeVenue(exchange: Exchange): Venue {
  return {
    versions: {},
    async adapter(place) {
      if (place === 'webgl') return null;
      if (place === 'wasm') return findAdapter(place);
      try {
        await provideGpu();
        return await findAdapter(place);
      } catch {
        return null;
      }
    },
    begin: (task, peer, place) => startNode(task, peer, place, exchange),
    close: () => Promise.resolve(),
  };
}
