import { classColour, classMark } from './classes';

/** A class's mark as it stands on the plane. */
export function ClassMark({ label }: { label: number }) {
  return (
    <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true" focusable="false">
      <polygon
        points={classMark(label).join(' ')}
        transform="scale(4.5)"
        fill={`var(${classColour(label)})`}
        stroke="#1b1d22"
        strokeWidth="0.22"
      />
    </svg>
  );
}
