import { lineKey, type CurveRow } from './curves';
import styles from './CurveTable.module.css';
import type { Identity } from './identity';

/** A curve's points as a table: for screen readers, for reading off, and for tests. */
export function CurveTable({
  rows,
  looks,
  fraction,
}: {
  rows: readonly CurveRow[];
  looks: readonly Identity[];
  /** Values are shares and shown as percentages. */
  fraction: boolean;
}) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">step</th>
          {looks.map((look) => (
            <th scope="col" key={look.name}>
              {look.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.step} data-step={row.step}>
            <th scope="row">{row.step}</th>
            {looks.map((look, student) => (
              <td key={look.name} data-arm={look.name} data-value={row[lineKey(student)] ?? ''}>
                {cell(row[lineKey(student)], fraction)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cell(value: number | null | undefined, fraction: boolean): string {
  if (value === null || value === undefined) return '–';
  return fraction ? (value * 100).toFixed(1) : value.toFixed(3);
}
