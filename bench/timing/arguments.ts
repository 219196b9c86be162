import { parseArgs } from 'node:util';
import { UserError } from '../../src/recipe/errors';
import { ARMS, MODELS } from '../support/cells';
import { PEERS, PLACES } from './job';
import type { TimedPlace, Wanted } from './job';

export const USAGE = `npm run bench -- [--device webgpu|wasm|webgl ...] [--model NAME ...] [--arm NAME ...] [--batch N]
               [--peers A,B,...] [--rounds N] [--threads N] [--kernels | --page] [--out FILE.json]`;

export interface Options {
  readonly places: readonly TimedPlace[];
  readonly wanted: Wanted;
  /** Timed rounds; null leaves it to the device. */
  readonly rounds: number | null;
  /** Threads that PyTorch gets on the processor. */
  readonly threads: number;
  /** Lone kernels instead of training steps. */
  readonly kernels: boolean;
  /** In Chromium instead of Node. */
  readonly page: boolean;
  readonly out: string | null;
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        device: { type: 'string', multiple: true },
        model: { type: 'string', multiple: true },
        arm: { type: 'string', multiple: true },
        batch: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string' },
        threads: { type: 'string', default: '1' },
        kernels: { type: 'boolean', default: false },
        page: { type: 'boolean', default: false },
        out: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    throw new UserError('E_USAGE', (cause as Error).message, `Usage: ${USAGE}`, { cause });
  }
}

/** @throws UserError on an argument that is not allowed */
export function optionsOf(args: string[]): Options {
  const { device, model, arm, batch, peers, rounds, threads, kernels, page, out } = parse(args);
  if (out !== undefined && !out.endsWith('.json'))
    throw new UserError('E_USAGE', `--out is "${out}", allowed is a name that ends with .json.`);
  if (kernels && (model ?? arm) !== undefined)
    throw new UserError('E_USAGE', 'Lone kernels (--kernels) have no --model and no --arm.');
  if (kernels && page)
    throw new UserError('E_USAGE', 'Lone kernels (--kernels) are timed under Node, not in a page.');
  const places = known('--device', device, PLACES);
  if (places?.includes('webgl') && !page)
    throw new UserError('E_USAGE', 'WebGL is there in a browser alone: add --page.');
  return {
    places: places ?? PLACES.filter((place) => page || place !== 'webgl'),
    wanted: {
      models: known('--model', model, MODELS),
      arms: known('--arm', arm, ARMS),
      batch: count('--batch', batch, 512),
      peers: known('--peers', peers?.split(','), PEERS),
    },
    rounds: count('--rounds', rounds, 100),
    threads: count('--threads', threads, 1024) ?? 1,
    kernels,
    page,
    out: out ?? null,
  };
}

function known<T extends string>(
  option: string,
  given: readonly string[] | undefined,
  allowed: readonly T[],
): readonly T[] | null {
  if (given === undefined) return null;
  const unknown = given.find((name) => !allowed.some((other) => other === name));
  if (unknown === undefined) return allowed.filter((name) => given.includes(name));
  throw new UserError('E_USAGE', `${option} is "${unknown}", allowed is ${allowed.join(', ')}.`);
}

function count(option: string, given: string | undefined, most: number): number | null {
  if (given === undefined) return null;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UserError('E_USAGE', `${option} is "${given}", allowed is 1 to ${most}.`);
}
