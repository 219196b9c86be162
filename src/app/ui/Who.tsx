import { Fragment } from 'react';
import { MarkerShape } from '../../charts/Glyph';
import type { Identity } from '../../charts/identity';
import ui from './ui.module.css';
import styles from './Who.module.css';

/** Where a long word of a name may go on in a second line, if it has to. */
const BREAK = /(?<=Extra)(?=curricular)/;

/**
 * Whose a row, a column or a picture is: a student's mark and name.
 *
 * @param brief the mark alone, where there is no room for names; the name stays for screen readers and the pointer
 * @param narrow a long word may go on in a second line
 */
export function Who({
  look,
  brief = false,
  narrow = false,
}: {
  look: Identity;
  brief?: boolean;
  narrow?: boolean;
}) {
  return (
    <span className={styles.who} title={look.name}>
      <svg width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">
        <MarkerShape look={look} x={5.5} y={5.5} radius={4} />
      </svg>
      <span className={brief ? ui.hidden : styles.name}>
        {look.name.split(BREAK).map((part, index) => (
          <Fragment key={part}>
            {index > 0 && narrow && <wbr />}
            {part}
          </Fragment>
        ))}
      </span>
    </span>
  );
}
