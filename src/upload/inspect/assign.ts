/**
 * The assignment of rows to different columns with the largest sum (the Hungarian method with potentials, in
 * O(rows² columns)).
 *
 * @param gain row-major [rows, columns], rows <= columns
 * @returns each row's column
 */
function assignRows(gain: Float64Array, rows: number, columns: number): number[] {
  // Places count from 1: 0 is the row or column that stands for none.
  const u = new Float64Array(rows + 1);
  const v = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const from = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    let at = 0;
    const least = new Float64Array(columns + 1).fill(Infinity);
    const used = new Uint8Array(columns + 1);
    do {
      used[at] = 1;
      const own = rowOf[at] as number;
      let delta = Infinity;
      let next = 0;
      for (let column = 1; column <= columns; column++) {
        if (used[column]) continue;
        const cost = -(gain[(own - 1) * columns + column - 1] as number);
        const reduced = cost - (u[own] as number) - (v[column] as number);
        if (reduced < (least[column] as number)) {
          least[column] = reduced;
          from[column] = at;
        }
        if ((least[column] as number) < delta) {
          delta = least[column] as number;
          next = column;
        }
      }
      for (let column = 0; column <= columns; column++)
        if (used[column]) {
          const mine = rowOf[column] as number;
          u[mine] = (u[mine] as number) + delta;
          v[column] = (v[column] as number) - delta;
        } else least[column] = (least[column] as number) - delta;
      at = next;
    } while (rowOf[at] !== 0);
    while (at !== 0) {
      const before = from[at] as number;
      rowOf[at] = rowOf[before] as number;
      at = before;
    }
  }
  const out = Array<number>(rows).fill(0);
  for (let column = 1; column <= columns; column++)
    if (rowOf[column]) out[(rowOf[column] as number) - 1] = column - 1;
  return out;
}

/**
 * Which output stands best for which class: every class gets an output of its own, as long as there are any.
 *
 * @param counts [classes, outputs]: how often an output was the highest on a class's examples
 * @returns for each class its output; null where the outputs do not suffice
 */
export function bestOutputs(
  counts: Float64Array,
  classes: number,
  outputs: number,
): (number | null)[] {
  if (classes <= outputs) return assignRows(counts, classes, outputs);
  const turned = new Float64Array(counts.length);
  for (let c = 0; c < classes; c++)
    for (let o = 0; o < outputs; o++) turned[o * classes + c] = counts[c * outputs + o] as number;
  const out = Array<number | null>(classes).fill(null);
  assignRows(turned, outputs, classes).forEach((c, o) => (out[c] = o));
  return out;
}
