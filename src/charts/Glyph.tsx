import type { Identity, Marker } from './identity';

/** Outlines of the markers in a square from -1 to 1. */
const PATHS: Readonly<Record<Marker, string>> = {
  circle: 'M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z',
  square: 'M-.9 -.9H.9V.9H-.9Z',
  triangle: 'M0 -1.1L1.1 .9H-1.1Z',
  diamond: 'M0 -1.25L1.25 0L0 1.25L-1.25 0Z',
  cross: 'M-1.1 -.4H-.4V-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1Z',
  ring: 'M-1.1 0A1.1 1.1 0 1 1 1.1 0A1.1 1.1 0 1 1 -1.1 0ZM-.55 0A.55 .55 0 1 0 .55 0A.55 .55 0 1 0 -.55 0Z',
  bar: 'M-1.3 -.5H1.3V.5H-1.3Z',
  star: 'M0 -1.3L.35 -.4L1.25 -.4L.55 .2L.8 1.1L0 .55L-.8 1.1L-.55 .2L-1.25 -.4L-.35 -.4Z',
};

/** A student's marker inside an SVG, at a place and with a radius in pixels. */
export function MarkerShape({
  look,
  x,
  y,
  radius,
}: {
  look: Pick<Identity, 'marker' | 'colour'>;
  x: number;
  y: number;
  radius: number;
}) {
  return (
    <path
      d={PATHS[look.marker]}
      transform={`translate(${x} ${y}) scale(${radius})`}
      fill={look.colour}
    />
  );
}

/** A student's line with its marker, as it stands in legends and lists. Decoration: the name stands beside it. */
export function LineKey({ look, width = 34 }: { look: Identity; width?: number }) {
  return (
    <svg width={width} height="14" viewBox={`0 0 ${width} 14`} aria-hidden="true" focusable="false">
      <line
        x1="1"
        x2={width - 1}
        y1="7"
        y2="7"
        stroke={look.colour}
        strokeWidth="2"
        strokeDasharray={look.dash}
      />
      <MarkerShape look={look} x={width / 2} y={7} radius={4.5} />
    </svg>
  );
}
