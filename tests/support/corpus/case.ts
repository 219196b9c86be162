import type { Part } from '../files/tiny';

/** Bad files and what they are called; the sentence that each is refused with stands in sentences.json. */
export interface BadCase {
  readonly name: string;
  readonly parts: readonly Part[];
}

export const bad = (name: string, ...parts: readonly Part[]): BadCase => ({ name, parts });

export const part = (name: string, content: string | Uint8Array): Part => ({
  name,
  bytes: typeof content === 'string' ? Buffer.from(content) : Buffer.from(content),
});

export const hex = (digits: string) => Buffer.from(digits.padEnd(128, '0'), 'hex');

/** The parts with their first one cut to a share of its length. */
export function cut([first, ...rest]: readonly Part[], share = 0.5): Part[] {
  if (!first) return [];
  return [
    { ...first, bytes: first.bytes.subarray(0, Math.floor(share * first.bytes.length)) },
    ...rest,
  ];
}

/** A value with one place of it changed; undefined takes the place away. */
export function changed(value: unknown, path: string, to: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let at: Record<string, unknown> = copy;
  for (const step of steps) at = at[step] as Record<string, unknown>;
  // Written as a file would have it, where even "__proto__" is a key.
  Object.defineProperty(at, last, {
    value: to,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}
