import type { ReactNode, Ref } from 'react';
import type { MethodEntry } from '../../recipe/recipe';
import ui from '../ui/ui.module.css';
import { costsOf, LETTERS, needsOf, rangeOf, sourceOf } from '../words/methods';
import { Formula } from './Formula';
import styles from './methods.module.css';

/** All that is told of a method: what it minimises, needs and costs, what is known of it, and where it is from. */
export function MethodCard({
  method,
  students,
  heading,
}: {
  method: MethodEntry;
  /** Names of the students that learn by it in the present settings. */
  students: readonly string[];
  heading: Ref<HTMLHeadingElement>;
}) {
  const fields = Object.entries(method.params);
  return (
    <article className={styles.card} aria-labelledby="method-card-title">
      <header>
        <h3 id="method-card-title" ref={heading} tabIndex={-1} className={styles.title}>
          {method.title}
        </h3>
        {students.length > 0 && (
          <p className={`${ui.soft} ${styles.small}`}>In these settings: {students.join(', ')}</p>
        )}
      </header>
      <p>{method.oneLine}</p>
      <div>
        <Formula latex={method.formula} />
        <p className={`${ui.soft} ${styles.small}`}>{LETTERS}</p>
      </div>
      <dl className={styles.facts}>
        <Fact name="Needs">{sentence(needsOf(method))}</Fact>
        <Fact name="Costs">
          {costsOf(method).map((cost) => (
            <p key={cost}>{cost}</p>
          ))}
        </Fact>
        <Fact name="Known">{method.known}</Fact>
        {method.reading !== null && <Fact name="Our reading">{method.reading}</Fact>}
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
        {method.cite.length > 0 && (
          <Fact name="Source">
            <ul>
              {method.cite.map((citation) => (
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

/** Phrases as one sentence: its first letter is a capital, its end a full stop. */
function sentence(phrases: readonly string[]): string {
  const text = phrases.length > 0 ? phrases.join('; ') : 'nothing beside the inputs';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
