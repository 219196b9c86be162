import { useId } from 'react';
import styles from './Slider.module.css';
import { LOG_STEP, movedTo, toTrack } from './track';

/** A named slider with its value in words and a line of help. Log sliders move in equal ratios. */
export function Slider({
  label,
  value,
  min,
  max,
  step,
  log = false,
  text,
  help,
  disabled = false,
  onChange,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  log?: boolean;
  text: string;
  help?: string;
  disabled?: boolean;
  onChange: (value: number) => void;
}) {
  const id = useId();
  const scale = { min, max, step, log };
  return (
    <div className={styles.slider}>
      <div className={styles.head}>
        <label htmlFor={id}>{label}</label>
        <span className={styles.value}>{text}</span>
      </div>
      <input
        id={id}
        type="range"
        min={log ? 0 : min}
        max={log ? 1 : max}
        step={log ? LOG_STEP : step}
        value={toTrack(value, scale)}
        disabled={disabled || max <= min}
        aria-valuetext={text}
        title={help}
        onChange={(event) => onChange(movedTo(Number(event.target.value), value, scale))}
      />
    </div>
  );
}
