import type { WeightSpread } from '../worker/protocol';

/** A layer's weights at one evaluation. */
export interface SpreadAt {
  readonly step: number;
  readonly spread: WeightSpread;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [340, 150, 40, 18];

/**
 * What a layer computes with over the steps of a run: a column for each evaluation, dark where many weights lie. Values
 * that would be stored are ticks at the right.
 */
export function WeightMap({
  columns,
  steps,
  colour,
}: {
  readonly columns: readonly SpreadAt[];
  /** Of the whole run. */
  readonly steps: number;
  readonly colour: string;
}) {
  const most = Math.max(1e-12, ...columns.map(({ spread }) => spread.high));
  const x = (step: number) => LEFT + (step / Math.max(1, steps)) * (WIDTH - LEFT - 8);
  const y = (value: number) => (0.5 - value / most / 2) * (HEIGHT - BOTTOM);
  const last = columns.at(-1);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width="100%"
      role="img"
      aria-label={last ? said(last) : 'No weights yet'}
    >
      {columns.map(({ step, spread }, i) => {
        const { used, low, high } = spread;
        const from = x(i === 0 ? 0 : (columns[i - 1] as SpreadAt).step);
        const bin = (high - low) / used.length;
        const full = Math.max(1, ...used);
        return used.map((count, at) => {
          if (count === 0) return null;
          const top = low + (at + 1) * bin;
          return (
            <rect
              key={`${step}/${top}`}
              x={from}
              y={y(top)}
              width={Math.max(1, x(step) - from)}
              height={y(top - bin) - y(top)}
              fill={colour}
              // The root, so that a few weights between the peaks can still be seen.
              opacity={Math.sqrt(count / full)}
            />
          );
        });
      })}
      {last?.spread.levels.map((level) => (
        <line
          key={level}
          x1={x(last.step)}
          x2={x(last.step) + 7}
          y1={y(level)}
          y2={y(level)}
          stroke="var(--ink)"
          strokeWidth={1.5}
        />
      ))}
      {[most, 0, -most].map((value) => (
        <text
          key={value}
          x={LEFT - 4}
          y={Math.min(HEIGHT - BOTTOM, Math.max(9, y(value) + 4))}
          textAnchor="end"
          fontSize={11}
          fill="var(--soft)"
        >
          {value === 0 ? '0' : value.toPrecision(2)}
        </text>
      ))}
      <text x={LEFT} y={HEIGHT - 4} fontSize={11} fill="var(--soft)">
        step 0
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 4} textAnchor="end" fontSize={11} fill="var(--soft)">
        step {steps}
      </text>
    </svg>
  );
}

function said({ step, spread }: SpreadAt): string {
  const { layer, levels } = spread;
  const stored =
    levels.length === 0
      ? 'many stored values'
      : `${levels.length} stored values: ${levels.join(', ')}`;
  return `Weights of ${layer} over the steps; at step ${step} ${stored}`;
}
