import { useMemo, type ReactElement } from 'react';
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type DotItemDotProps,
} from 'recharts';
import { extentOf, linearAxis, logAxis, type Axis } from './axis';
import { averageKey, isFraction, lineKey, rawKey, type CurveName, type CurveRow } from './curves';
import { MarkerShape } from './Glyph';
import type { Identity } from './identity';

export interface CurveChartProps {
  readonly rows: readonly CurveRow[];
  readonly looks: readonly Identity[];
  readonly curve: CurveName;
  readonly log: boolean;
  /** The rows hold raw values beside the smoothed ones. */
  readonly raw: boolean;
  /** The rows hold values of averaged weights. */
  readonly averaged: boolean;
  /** Steps of the whole run: the right end of the axis. */
  readonly steps: number;
  /** Where the teacher lies, or null. */
  readonly teacher: number | null;
  readonly crossing: { readonly step: number; readonly text: string } | null;
}

const TICK = { fill: 'var(--soft)', fontSize: 11 };
const MARGIN = { top: 8, right: 18, bottom: 0, left: 0 };
const BOX = {
  background: 'var(--card)',
  border: '1px solid var(--line)',
  borderRadius: 8,
  padding: '6px 10px',
};
/** Markers stand on about so many points of a line, and on its last. */
const MARKERS = 8;

/** Lines over the steps of a run. Loaded when it is first needed, for its library is large. */
export default function CurveChart(props: CurveChartProps) {
  const { rows, looks, curve, log, raw, averaged, steps, teacher, crossing } = props;
  const fraction = isFraction(curve);
  const dots = useMemo(
    () => looks.map((look) => markerDots(look, rows.length)),
    [looks, rows.length],
  );
  const axis = valueAxis(props);
  const say = (value: number) =>
    fraction ? `${(value * 100).toFixed(1)} %` : value.toPrecision(3);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={rows as CurveRow[]} margin={MARGIN} accessibilityLayer>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="step"
          type="number"
          domain={[0, steps]}
          ticks={stepTicks(steps)}
          interval={0}
          tick={TICK}
          stroke="var(--edge)"
          tickLine={false}
          height={22}
        />
        <YAxis
          type="number"
          scale={log ? 'log' : 'auto'}
          domain={[...axis.domain]}
          ticks={[...axis.ticks]}
          interval={0}
          allowDataOverflow={log}
          tick={TICK}
          tickFormatter={fraction ? wholePercent : shortNumber}
          stroke="var(--edge)"
          tickLine={false}
          axisLine={false}
          width={44}
        />
        <Tooltip
          isAnimationActive={false}
          contentStyle={BOX}
          labelFormatter={(step) => `step ${String(step)}`}
          formatter={(value) => say(Number(value))}
        />
        {teacher !== null && !(log && teacher <= 0) && (
          <ReferenceLine y={teacher} stroke="var(--teacher)" strokeWidth={2} />
        )}
        {crossing && (
          <ReferenceLine
            x={crossing.step}
            stroke="var(--soft)"
            strokeDasharray="3 3"
            label={{
              value: crossing.text,
              position: crossing.step > steps / 2 ? 'insideTopRight' : 'insideTopLeft',
              fill: 'var(--soft)',
              fontSize: 11,
            }}
          />
        )}
        {raw &&
          looks.map((look, student) => thinLine(rawKey(student), look, 0.35, `${look.name}, raw`))}
        {averaged &&
          looks.map((look, student) =>
            thinLine(averageKey(student), look, 0.8, `${look.name}, average`),
          )}
        {looks.map((look, student) => (
          <Line
            key={lineKey(student)}
            dataKey={lineKey(student)}
            name={look.name}
            stroke={look.colour}
            strokeWidth={2}
            strokeDasharray={look.dash}
            dot={dots[student] ?? false}
            isAnimationActive={false}
            connectNulls
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}

function thinLine(key: string, look: Identity, opacity: number, name: string): ReactElement {
  return (
    <Line
      key={key}
      dataKey={key}
      name={name}
      stroke={look.colour}
      strokeOpacity={opacity}
      strokeWidth={1}
      dot={false}
      activeDot={false}
      isAnimationActive={false}
      connectNulls
    />
  );
}

/** Draws a student's marker on some of its points, so that lines differ without colour. */
function markerDots(look: Identity, count: number): (props: DotItemDotProps) => ReactElement {
  const every = Math.max(1, Math.round(count / MARKERS));
  return ({ cx, cy, index }) => {
    const shown = (index % every === 0 && index > 0) || index === count - 1;
    if (!shown || !Number.isFinite(cx) || !Number.isFinite(cy)) return <g key={index} />;
    return <MarkerShape key={index} look={look} x={Number(cx)} y={Number(cy)} radius={4} />;
  };
}

/** The axis of values: percentages up to 100 %, numbers from zero, but for likelihoods, which may be below it. */
function valueAxis({ rows, looks, curve, log, teacher }: CurveChartProps): Axis {
  const [least, largest] = extentOf(rows, looks.length) ?? [log ? 0.1 : 0, 1];
  if (log) return logAxis(least, largest);
  if (isFraction(curve)) return linearAxis(Math.min(least, teacher ?? 1), 1);
  const all = [least, largest, ...(teacher === null ? [] : [teacher])];
  return linearAxis(curve === 'nll' ? Math.min(...all) : 0, Math.max(...all));
}

/** Round numbers from 0 up to the last step, at most six. */
function stepTicks(steps: number): number[] {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, steps)));
  const every = [0.2, 0.25, 0.5, 1, 2].map((part) => part * size).find((by) => steps / by <= 5);
  const by = Math.max(1, every ?? size);
  return Array.from({ length: Math.floor(steps / by) + 1 }, (_, at) => at * by);
}

function wholePercent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

function shortNumber(value: number): string {
  if (Math.abs(value) >= 1e5) return value.toExponential(0).replace('e+', 'e');
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}
