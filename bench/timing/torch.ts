import { spawnSync } from 'node:child_process';
import type { TimedPlace } from './job';

/** A Python with PyTorch, and where it computes. */
export interface Torch {
  readonly python: string;
  readonly script: string;
  readonly device: 'cpu' | 'cuda';
  readonly threads: number;
  readonly version: string;
}

/** Debian's package belongs to the system's own Python, which need not be the first on the path. */
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];
const PROBE =
  'import json, torch; print(json.dumps([torch.__version__, torch.cuda.is_available()]))';

/**
 * Finds PyTorch: the Python that the variable PYTHON names, or the first that has it. Beside WebGPU on a real GPU it
 * computes by CUDA, beside WebAssembly on the processor with as many threads as that has.
 *
 * @returns a sentence where there is none
 */
export function findTorch(place: TimedPlace, threads: number, script: string): Torch | string {
  const named = process.env['PYTHON'];
  for (const python of named === undefined ? PYTHONS : [named]) {
    const { status, stdout } = spawnSync(python, ['-c', PROBE], { encoding: 'utf8' });
    if (status !== 0) continue;
    const [version, cuda] = JSON.parse(stdout) as [string, boolean];
    const found = { python, script, threads, version };
    if (place === 'wasm') return { ...found, device: 'cpu' };
    if (cuda) return { ...found, device: 'cuda' };
    return 'PyTorch is here, and finds no CUDA.';
  }
  return 'No Python here has PyTorch (PYTHON can name one).';
}
