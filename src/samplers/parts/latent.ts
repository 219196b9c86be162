import { Random } from '../../recipe/random';
import type { Code, Mix } from './provenance';

type Generated = Extract<Mix, { kind: 'generator' }>;

/** Draws a class and a latent's seed. */
export function drawCode(random: Random, classes: number): Code {
  return { seed: random.integer(2 ** 32), label: random.integer(classes) };
}

/**
 * What a generator is given for some rows, [rows, latent + classes]: a standard normal latent and the one-hot class, or a
 * weighted sum of two such codes. Rebuilt from the seeds, the same on every machine.
 */
export function codesOf(
  mixes: readonly Generated[],
  latent: number,
  classes: number,
): Float32Array<ArrayBuffer> {
  const columns = latent + classes;
  const out = new Float32Array(mixes.length * columns);
  mixes.forEach(({ code, second }, row) => {
    const target = out.subarray(row * columns, (row + 1) * columns);
    addCode(target, code, second?.share ?? 1, latent);
    if (second) addCode(target, second, 1 - second.share, latent);
  });
  return out;
}

function addCode(target: Float32Array, { seed, label }: Code, share: number, latent: number): void {
  const random = new Random(seed);
  for (let i = 0; i < latent; i++) target[i] = (target[i] as number) + share * random.normal();
  target[latent + label] = (target[latent + label] as number) + share;
}
