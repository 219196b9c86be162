import type { Inspection, Tap } from '../../../recipe/inspection';
import type { Meaning } from '../../../recipe/meaning';
import ui from '../../ui/ui.module.css';
import styles from '../own.module.css';

/** Which inner values are compared with which of the student. */
export function Taps({
  report,
  correct,
}: {
  report: Inspection;
  correct: (part: Partial<Meaning>) => void;
}) {
  const { taps, meaning } = report;
  if (taps.student.length === 0 || taps.all.length === 0) return null;
  const put = (name: string, value: string) => {
    const { [name]: _, ...others } = meaning.taps;
    // In the student's order of depth.
    const next = { ...others, ...(value !== '' && { [name]: value }) };
    correct({
      taps: Object.fromEntries(
        taps.student.flatMap((tap) => {
          const chosen = next[tap.name];
          return chosen === undefined ? [] : [[tap.name, chosen]];
        }),
      ),
    });
  };
  return (
    <details className={styles.part}>
      <summary>Inner values for methods that look inside</summary>
      <table className={styles.classes}>
        <thead>
          <tr>
            <th scope="col">Of the student</th>
            <th scope="col">Of this teacher</th>
          </tr>
        </thead>
        <tbody>
          {taps.student.map((tap) => (
            <tr key={tap.name}>
              <th scope="row">{named(tap)}</th>
              <td>
                <select
                  className={ui.select}
                  aria-label={`Teacher’s value for ${tap.name}`}
                  value={meaning.taps[tap.name] ?? ''}
                  onChange={({ target }) => put(tap.name, target.value)}
                >
                  <option value="">none</option>
                  {taps.all.map((one) => (
                    <option key={one.name} value={one.name}>
                      {named(one)}
                    </option>
                  ))}
                </select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function named({ name, shape }: Tap): string {
  return `${name} (${shape.join(' × ')})`;
}
