/** Figures of scores against truth: 1 is a fault, 0 is none. Ties count as they should, by groups of equal scores. */

/** Indices from the highest score to the lowest. */
function descending(scores: Float32Array): Uint32Array {
  return Uint32Array.from(scores, (_, i) => i).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
}

/** Calls `group` for each run of equal scores, highest first, with how many of them are faults and how many are not. */
function byScore(
  scores: Float32Array,
  truth: Uint8Array,
  group: (faults: number, others: number) => void,
): void {
  const order = descending(scores);
  let faults = 0;
  let others = 0;
  order.forEach((index, rank) => {
    if (truth[index] === 1) faults += 1;
    else others += 1;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[index]) return;
    group(faults, others);
    faults = 0;
    others = 0;
  });
}

/**
 * Area under the receiver operating curve: how likely a fault scores higher than something without one, equal scores
 * counting half (Mann and Whitney 1947). NaN where one of the two is missing.
 */
export function rocAuc(scores: Float32Array, truth: Uint8Array): number {
  let above = 0;
  let wins = 0;
  let total = 0;
  byScore(scores, truth, (faults, others) => {
    wins += others * (above + faults / 2);
    above += faults;
    total += others;
  });
  return wins / (above * total);
}

/** Average precision: the sum over thresholds of precision times gain of recall. NaN without a fault. */
export function averagePrecision(scores: Float32Array, truth: Uint8Array): number {
  let found = 0;
  let seen = 0;
  let sum = 0;
  byScore(scores, truth, (faults, others) => {
    found += faults;
    seen += faults + others;
    sum += (faults * found) / seen;
  });
  return sum / found;
}

/** The mean of the `top` highest values, of all where there are fewer. */
export function topMean(values: Float32Array, top: number): number {
  const highest = values.slice().sort().subarray(-top);
  return highest.reduce((sum, value) => sum + value, 0) / highest.length;
}
