import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** What was measured on, with which versions. */
export interface Environment {
  /** Day of the run, UTC. */
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Others' work on the machine: mean number of running processes over the minute before, at the start. */
  readonly load: number;
}

const PACKAGES = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-webgpu',
  '@tensorflow/tfjs-backend-wasm',
  'webgpu',
  '@jax-js/jax',
] as const;

export function environment(): Environment {
  const require = createRequire(import.meta.url);
  const versions = PACKAGES.map((name): [string, string] => [name, versionOf(require, name)]);
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    system: `${os.type()} ${os.arch()}`,
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(versions),
    },
    load: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** The version of an installed package: some do not let their package.json be imported, so that it is looked for. */
function versionOf(require: NodeJS.Require, name: string): string {
  try {
    let folder = path.dirname(require.resolve(name));
    for (; folder !== path.dirname(folder); folder = path.dirname(folder)) {
      const file = path.join(folder, 'package.json');
      if (!existsSync(file)) continue;
      const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
      if (found.name === name) return found.version ?? 'unknown';
    }
  } catch {
    // Not installed.
  }
  return 'absent';
}
