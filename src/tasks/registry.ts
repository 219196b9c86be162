import { registryOf } from '../recipe/registry';
import type { Task } from './contract';

/** Every task under src/tasks: a new file is enough. */
export const tasks = registryOf<Task>(
  'task',
  import.meta.glob<{ default?: Task }>(['./*.ts', '!./contract.ts', '!./registry.ts'], {
    eager: true,
  }),
);
