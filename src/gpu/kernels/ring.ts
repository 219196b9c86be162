import { bindings } from './launch';
import type { Program } from './launch';

/** Scalars that one launch takes: with cursor and ring they are the eight buffers that every device allows. */
export const RING_SCALARS = 6;

/** ring[cursor, at + i] = scalar i. Bindings: cursor [1], the scalars, ring [rows, columns]. */
export function ringWrite(count: number, columns: number, at: number): Program {
  const names = Array.from({ length: count }, (_, i) => `s${i}`);
  return {
    kernel: {
      key: `ring ${count}`,
      code: () => `
${bindings(['cursor', ...names, '=ring'], ['columns', 'at'])}
@compute @workgroup_size(1)
fn main() {
  let first = i32(cursor[0]) * n.columns + n.at;
  ${names.map((name, i) => `ring[first + ${i}] = ${name}[0];`).join('\n  ')}
}`,
    },
    groups: [1, 1],
    numbers: [columns, at],
  };
}
