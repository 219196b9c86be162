import { useMemo } from 'react';
import type { DataSummary } from '../../../recipe/own-data';
import { PixelCanvas } from '../../stage/PixelCanvas';
import ui from '../../ui/ui.module.css';
import { whole } from '../../words/format';
import styles from '../own.module.css';

/** Every class with some of its images and their numbers in each split. */
export function Counts({ summary }: { summary: DataSummary }) {
  return (
    // Longer than its place, and scrolled from the keyboard too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={styles.scroll} aria-label="Classes" tabIndex={0}>
      <table className={styles.counts}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Training images</th>
            <th scope="col">train</th>
            <th scope="col">valid.</th>
            <th scope="col">test</th>
          </tr>
        </thead>
        <tbody>
          {summary.classes.map(({ name, train, validation, test }, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Strip sheet={summary.sheet} row={row} name={name} />
              </td>
              <td className={styles.number}>{whole(train)}</td>
              <td className={styles.number}>{whole(validation)}</td>
              <td className={styles.number}>{whole(test)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={ui.soft}>Up to {summary.sheet.columns} training images of each class.</p>
    </section>
  );
}

function Strip({ sheet, row, name }: { sheet: DataSummary['sheet']; row: number; name: string }) {
  const { rgba, width, tile } = sheet;
  const pixels = useMemo(() => {
    const bytes = 4 * width * tile;
    return rgba.subarray(row * bytes, (row + 1) * bytes);
  }, [rgba, width, tile, row]);
  return (
    <PixelCanvas
      pixels={pixels}
      shape={[tile, width, 4]}
      className={styles.strip}
      label={`Images of ${name}`}
    />
  );
}
