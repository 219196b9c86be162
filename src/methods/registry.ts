import { registryOf } from '../recipe/registry';
import type { Method } from './contract';

/** Every distillation method under src/methods: a new file is enough. */
export const methods = registryOf<Method>(
  'method',
  import.meta.glob<{ default?: Method }>(['./*.ts', '!./contract.ts', '!./registry.ts'], {
    eager: true,
  }),
);
