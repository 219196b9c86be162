import { useId } from 'react';
import styles from './Slider.module.css';

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
  const toTrack = (v: number) => (log ? Math.log(v / min) / Math.log(max / min) : v);
  const fromTrack = (t: number) => {
    const raw = log ? min * (max / min) ** t : t;
    return Math.min(max, Math.max(min, Number((Math.round(raw / step) * step).toFixed(6))));
  };
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
        step={log ? 0.005 : step}
        value={toTrack(value)}
        disabled={disabled || max <= min}
        aria-valuetext={text}
        title={help}
        onChange={(event) => onChange(fromTrack(Number(event.target.value)))}
      />
    </div>
  );
}
