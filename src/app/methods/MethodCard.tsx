import type { ReactNode, Ref } from 'react';
import ui from '../ui/ui.module.css';
import type { Card } from '../words/cards';
import { rangeOf, sourceOf } from '../words/methods';
import { Formula } from './Formula';
import styles from './methods.module.css';

/** All that is told of a method, a source of questions or a compression. */
export function MethodCard({
  card,
  students,
  heading,
}: {
  card: Card;
  /** Names of the students that have it in the present settings. */
  students: readonly string[];
  heading: Ref<HTMLHeadingElement>;
}) {
  const fields = Object.entries(card.params);
  return (
    <article className={styles.card} aria-labelledby="method-card-title">
      <header>
        <h3 id="method-card-title" ref={heading} tabIndex={-1} className={styles.title}>
          {card.title}
        </h3>
        {students.length > 0 && (
          <p className={`${ui.soft} ${styles.small}`}>In these settings: {students.join(', ')}</p>
        )}
      </header>
      <p>{card.oneLine}</p>
      {card.formula && (
        <div>
          <Formula latex={card.formula.latex} />
          <p className={`${ui.soft} ${styles.small}`}>{card.formula.letters}</p>
        </div>
      )}
      <dl className={styles.facts}>
        {card.facts.map(([name, sentences]) => (
          <Fact name={name} key={name}>
            {sentences.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </Fact>
        ))}
        {fields.length > 0 && (
          <Fact name="Parameters">
            <ul className={styles.params}>
              {fields.map(([key, field]) => (
                <li key={key}>
                  <b>{field.label}</b> <span className={ui.soft}>{rangeOf(field)}</span>
                  <p>{field.help}</p>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {card.cite.length > 0 && (
          <Fact name="Source">
            <ul>
              {card.cite.map((citation) => (
                <li key={citation.url}>
                  <p>
                    <a href={citation.url} target="_blank" rel="noopener noreferrer">
                      {citation.title}
                      <span className={ui.hidden}> (opens in a new tab)</span>
                    </a>
                    . {sourceOf(citation)}
                  </p>
                </li>
              ))}
            </ul>
          </Fact>
        )}
      </dl>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
