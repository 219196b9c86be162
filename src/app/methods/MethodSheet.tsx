import { useEffect, useMemo, useRef } from 'react';
import type { MethodEntry, Student } from '../../recipe/recipe';
import { useApp } from '../context';
import ui from '../ui/ui.module.css';
import { cardsOf, GROUPS } from '../words/cards';
import type { Card, Kind } from '../words/cards';
import { needsOf } from '../words/methods';
import { MethodCard } from './MethodCard';
import styles from './methods.module.css';

const KINDS = Object.keys(GROUPS) as readonly Kind[];

/** Every card in a list by its kind, and the chosen one; on narrow screens one of the two. */
export default function MethodSheet({
  chosen,
  choose,
}: {
  /** The chosen card's key; null for the overview. */
  chosen: string | null;
  choose: (key: string | null) => void;
}) {
  const catalogue = useApp((state) => state.catalogue);
  const cards = useMemo(() => (catalogue ? cardsOf(catalogue) : null), [catalogue]);
  const students = useApp((state) => state.draft.students);
  const list = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(chosen);
  const card = cards?.find(({ key }) => key === chosen);
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    // What was pressed is gone where only one of list and card is shown: the focus goes to what took its place.
    if (before.current === chosen) return;
    const last = before.current;
    before.current = chosen;
    if (chosen === null) list.current?.querySelector<HTMLElement>(`[data-card="${last}"]`)?.focus();
    else if (!list.current?.checkVisibility()) heading.current?.focus();
  }, [chosen]);
  if (!cards || !catalogue) return null;
  return (
    <div className={`${styles.body} ${card ? styles.one : ''}`}>
      <div className={styles.list} ref={list}>
        {KINDS.map((kind) => (
          <section key={kind} aria-label={GROUPS[kind]}>
            <h3 className={styles.group}>{GROUPS[kind]}</h3>
            <ul>
              {cards
                .filter((one) => one.kind === kind)
                .map(({ key, title, oneLine }) => (
                  <li key={key}>
                    <button
                      type="button"
                      className={styles.item}
                      data-card={key}
                      aria-current={key === chosen ? 'true' : undefined}
                      onClick={() => choose(key)}
                    >
                      <b>{title}</b>
                      <span className={ui.soft}>{oneLine}</span>
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
      {card ? (
        <div className={styles.pane} key={card.key}>
          <button
            type="button"
            className={`${ui.button} ${styles.back}`}
            onClick={() => choose(null)}
          >
            All methods
          </button>
          <MethodCard
            card={card}
            heading={heading}
            students={students.flatMap((student) => (has(student, card) ? [student.name] : []))}
          />
        </div>
      ) : (
        <section
          className={`${styles.pane} ${styles.hint}`}
          aria-label="Overview"
          // Longer than its place, and scrolled from the keyboard too.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
        >
          <Overview methods={catalogue.methods} />
        </section>
      )}
    </div>
  );
}

/** Whether a student has what a card tells of. */
function has(student: Student, { kind, id }: Card): boolean {
  return student[kind]?.id === id;
}

/** What the methods need and cost, side by side; a card tells the rest. */
function Overview({ methods: known }: { methods: readonly MethodEntry[] }) {
  const methods = known.toSorted((a, b) => a.title.localeCompare(b.title, 'en-GB'));
  return (
    <table className={styles.overview}>
      <thead>
        <tr>
          <th scope="col">Method</th>
          <th scope="col">Needs</th>
          <th scope="col">Trained beside the student</th>
          <th scope="col">Teacher passes for each step</th>
        </tr>
      </thead>
      <tbody>
        {methods.map((method) => (
          <tr key={method.id}>
            <th scope="row">{method.title}</th>
            <td>{needsOf(method).join('; ')}</td>
            <td>{method.costs.parameters}</td>
            <td>{method.costs.passes}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
