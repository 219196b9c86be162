import { registryOf } from '../recipe/registry';
import type { Compression } from './contract';

/** Every compression under src/compression: a new file is enough. */
export const compressions = registryOf<Compression>(
  'compression',
  import.meta.glob<{ default?: Compression }>(['./*.ts', '!./contract.ts', '!./registry.ts'], {
    eager: true,
  }),
);
