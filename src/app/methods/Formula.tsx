import { createElement, Fragment, useMemo, type ReactNode } from 'react';
import { linesOf, mathOf, type MathPart } from './mathml';
import styles from './methods.module.css';

/** A formula in LaTeX, typeset as MathML; as it was written where it cannot be read. */
export function Formula({ latex }: { latex: string }) {
  const lines = useMemo(() => readable(latex), [latex]);
  if (!lines) return <code className={styles.formula}>{latex}</code>;
  return (
    // What is wider than its place even when broken is scrolled, from the keyboard too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.formula} role="group" aria-label="Formula" tabIndex={0}>
      {lines.map(({ text, pieces }) => (
        <p key={text}>
          {pieces.map((piece, index) => (
            <Fragment key={`${text} ${index + 1}`}>
              {index > 0 && <wbr />}
              {drawn(piece, 0)}
            </Fragment>
          ))}
        </p>
      ))}
    </div>
  );
}

function readable(latex: string) {
  try {
    return linesOf(latex).map((text) => ({ text, pieces: mathOf(text) }));
  } catch {
    return null;
  }
}

function drawn(part: MathPart, key: number): ReactNode {
  if (typeof part === 'string') return part;
  const { tag, attributes, style, children } = part;
  return createElement(
    tag,
    { ...attributes, style, key },
    ...children.map((child, index) => drawn(child, index)),
  );
}
