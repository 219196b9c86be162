import { registryOf } from '../recipe/registry';
import type { Model } from './contract';

/** Every architecture under src/models: a new file is enough. */
export const models = registryOf<Model>(
  'model',
  import.meta.glob<{ default?: Model }>(['./*.ts', '!./contract.ts', '!./registry.ts'], {
    eager: true,
  }),
);
