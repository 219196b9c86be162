import type { ReactElement } from 'react';
import {
  CartesianGrid,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { MarkerShape } from './Glyph';
import type { Identity } from './identity';

/** A student's size and how often it is right. */
export interface SizedStudent {
  readonly look: Identity;
  readonly size: number;
  readonly accuracy: number;
}

const TICK = { fill: 'var(--soft)', fontSize: 11 };
const MARGIN = { top: 8, right: 18, bottom: 0, left: 0 };

/** Accuracy against size, a mark for each student; size on a logarithmic axis. */
export default function SizeChart({
  students,
  unit,
}: {
  readonly students: readonly SizedStudent[];
  readonly unit: 'bytes' | 'MACs';
}) {
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  const sizes = students.map(({ size }) => size);
  const [low, high] = [Math.min(...sizes) * 0.8, Math.max(...sizes) * 1.25];
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ScatterChart margin={MARGIN} accessibilityLayer>
        <CartesianGrid stroke="var(--line)" />
        <XAxis
          dataKey="size"
          name={unit}
          type="number"
          scale="log"
          domain={[low, high]}
          ticks={[...ticksIn(low, high)]}
          tick={TICK}
          tickFormatter={shortNumber}
          stroke="var(--edge)"
          tickLine={false}
        />
        <YAxis
          dataKey="accuracy"
          name="accuracy"
          type="number"
          domain={['auto', 'auto']}
          tick={TICK}
          tickFormatter={percent}
          stroke="var(--edge)"
          tickLine={false}
          axisLine={false}
          width={44}
        />
        <Tooltip
          isAnimationActive={false}
          formatter={(value, name) =>
            name === 'accuracy'
              ? `${(Number(value) * 100).toFixed(1)} %`
              : shortNumber(Number(value))
          }
        />
        {students.map((student) => (
          <Scatter
            key={student.look.name}
            name={student.look.name}
            data={[{ size: student.size, accuracy: student.accuracy }]}
            isAnimationActive={false}
            shape={markOf(student.look)}
          />
        ))}
      </ScatterChart>
    </ResponsiveContainer>
  );
}

/** A student's own mark. */
function markOf(look: Identity) {
  return ({ cx, cy }: { cx?: number | undefined; cy?: number | undefined }): ReactElement => (
    <MarkerShape look={look} x={Number(cx)} y={Number(cy)} radius={6} />
  );
}

/** 1, 2 and 5 times the powers of ten that lie between; with 3 or more powers only those. */
export function ticksIn(low: number, high: number): readonly number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const steps = last - first > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
    .flatMap((power) => steps.map((step) => step * power))
    .filter((tick) => tick >= low && tick <= high);
}

/** 612 -> "612", 5004 -> "5 k", 123456 -> "123 k". */
function shortNumber(value: number): string {
  if (value < 1000) return String(Math.round(value));
  return value < 1e6
    ? `${Number((value / 1e3).toPrecision(3))} k`
    : `${Number((value / 1e6).toPrecision(3))} M`;
}
