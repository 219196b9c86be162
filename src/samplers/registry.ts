import { registryOf } from '../recipe/registry';
import type { Sampler } from './contract';

/** Every sampler under src/samplers: a new file is enough. */
export const samplers = registryOf<Sampler>(
  'sampler',
  import.meta.glob<{ default?: Sampler }>(['./*.ts', '!./contract.ts', '!./registry.ts'], {
    eager: true,
  }),
);
