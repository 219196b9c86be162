/**
 * Where one line comes to lie below another and stays there to the end.
 *
 * @param steps of the rows, rising
 * @param hold how many rows it must have stayed below, so that one noisy row is not called a crossing
 * @returns the first step of the lasting stretch, or null where there is none or it was below from the first row on
 */
export function crossingBelow(
  steps: ArrayLike<number>,
  line: ArrayLike<number>,
  other: ArrayLike<number>,
  hold = 3,
): number | null {
  let row = steps.length - 1;
  while (row >= 0 && (line[row] ?? NaN) < (other[row] ?? NaN)) row -= 1;
  const first = row + 1;
  if (row < 0 || steps.length - first < hold) return null;
  return steps[first] ?? null;
}
