/**
 * Which rows of a table to draw so that no line has more than `limit` points and every peak stays: in each of a row of
 * buckets of equal width the rows with the smallest and the largest value of every column are kept, and the first and
 * last row always.
 *
 * @param columns values by row, all of one length; NaN is ignored
 * @returns indices of rows, rising; all of them where they are no more than the limit
 */
export function thinRows(columns: readonly ArrayLike<number>[], limit: number): number[] {
  const count = columns[0]?.length ?? 0;
  if (count <= limit) return Array.from({ length: count }, (_, row) => row);
  const buckets = Math.max(1, Math.floor((limit - 2) / (2 * columns.length)));
  const kept = new Set([0, count - 1]);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * count) / buckets);
    const to = Math.floor(((bucket + 1) * count) / buckets);
    for (const column of columns) {
      const [low, high] = extremes(column, from, to);
      if (low >= 0) kept.add(low);
      if (high >= 0) kept.add(high);
    }
  }
  return [...kept].sort((a, b) => a - b);
}

/** Rows of the smallest and largest value in [from, to), or -1 where there is none. */
function extremes(column: ArrayLike<number>, from: number, to: number): [number, number] {
  let low = -1;
  let high = -1;
  for (let row = from; row < to; row += 1) {
    const value = column[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    if (low < 0 || value < (column[low] ?? NaN)) low = row;
    if (high < 0 || value > (column[high] ?? NaN)) high = row;
  }
  return [low, high];
}
