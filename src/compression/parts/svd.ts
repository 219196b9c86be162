/** A = U diag(s) V^T with s falling; U is [rows, count], V [columns, count], row by row; count = min(rows, columns). */
export interface Svd {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly v: Float64Array;
  readonly count: number;
}

const SWEEPS = 40;
const TOLERANCE = 1e-12;

/**
 * Singular values by one-sided Jacobi rotations: columns are turned against each other until all are orthogonal; their
 * lengths are then the singular values (Hestenes 1958).
 *
 * @param a [rows, columns], row by row
 */
export function svd(a: ArrayLike<number>, rows: number, columns: number): Svd {
  if (columns > rows) {
    const { u, s, v, count } = svd(transposed(a, rows, columns), columns, rows);
    return { u: v, s, v: u, count };
  }
  // Column by column, so that what is turned lies together.
  const work = transposed(a, rows, columns);
  const turns = new Float64Array(columns * columns);
  for (let j = 0; j < columns; j++) turns[j * columns + j] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let turned = false;
    for (let p = 0; p < columns - 1; p++)
      for (let q = p + 1; q < columns; q++) {
        const [pp, qq, pq] = products(work, rows, p, q);
        if (Math.abs(pq) <= TOLERANCE * Math.sqrt(pp * qq) || pq === 0) continue;
        turned = true;
        const zeta = (qq - pp) / (2 * pq);
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const cosine = 1 / Math.hypot(1, t);
        turn(work, rows, p, q, cosine, cosine * t);
        turn(turns, columns, p, q, cosine, cosine * t);
      }
    if (!turned) break;
  }
  const lengths = Float64Array.from({ length: columns }, (_, j) =>
    Math.hypot(...work.subarray(j * rows, (j + 1) * rows)),
  );
  const order = [...lengths.keys()].toSorted(
    (i, j) => (lengths[j] as number) - (lengths[i] as number),
  );
  const u = new Float64Array(rows * columns);
  const v = new Float64Array(columns * columns);
  order.forEach((from, to) => {
    const length = lengths[from] as number;
    for (let i = 0; i < rows; i++)
      u[i * columns + to] = length > 0 ? (work[from * rows + i] as number) / length : 0;
    for (let i = 0; i < columns; i++) v[i * columns + to] = turns[from * columns + i] as number;
  });
  return { u, s: Float64Array.from(order, (from) => lengths[from] as number), v, count: columns };
}

/** [rows, columns] as [columns, rows]. */
export function transposed(a: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j] as number;
  return out;
}

function products(
  work: Float64Array,
  rows: number,
  p: number,
  q: number,
): [number, number, number] {
  let [pp, qq, pq] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const a = work[p * rows + i] as number;
    const b = work[q * rows + i] as number;
    pp += a * a;
    qq += b * b;
    pq += a * b;
  }
  return [pp, qq, pq];
}

function turn(
  work: Float64Array,
  rows: number,
  p: number,
  q: number,
  cosine: number,
  sine: number,
): void {
  for (let i = 0; i < rows; i++) {
    const a = work[p * rows + i] as number;
    const b = work[q * rows + i] as number;
    work[p * rows + i] = cosine * a - sine * b;
    work[q * rows + i] = sine * a + cosine * b;
  }
}
