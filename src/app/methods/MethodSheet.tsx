import { useEffect, useMemo, useRef } from 'react';
import type { MethodEntry } from '../../recipe/recipe';
import { useApp } from '../context';
import ui from '../ui/ui.module.css';
import { needsOf } from '../words/methods';
import { MethodCard } from './MethodCard';
import styles from './methods.module.css';

/** Every method in a list, and the card of the chosen one; on narrow screens one of the two. */
export default function MethodSheet({
  chosen,
  choose,
}: {
  chosen: string | null;
  choose: (id: string | null) => void;
}) {
  const known = useApp((state) => state.catalogue?.methods);
  const methods = useMemo(
    () => known?.toSorted((a, b) => a.title.localeCompare(b.title, 'en-GB')),
    [known],
  );
  const students = useApp((state) => state.draft.students);
  const list = useRef<HTMLUListElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(chosen);
  const method = methods?.find(({ id }) => id === chosen);
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    // What was pressed is gone where only one of list and card is shown: the focus goes to what took its place.
    if (before.current === chosen) return;
    const last = before.current;
    before.current = chosen;
    if (chosen === null)
      list.current?.querySelector<HTMLElement>(`[data-method="${last}"]`)?.focus();
    else if (!list.current?.checkVisibility()) heading.current?.focus();
  }, [chosen]);
  if (!methods) return null;
  return (
    <div className={`${styles.body} ${method ? styles.one : ''}`}>
      <ul className={styles.list} ref={list} aria-label="All methods">
        {methods.map(({ id, title, oneLine }) => (
          <li key={id}>
            <button
              type="button"
              className={styles.item}
              data-method={id}
              aria-current={id === chosen ? 'true' : undefined}
              onClick={() => choose(id)}
            >
              <b>{title}</b>
              <span className={ui.soft}>{oneLine}</span>
            </button>
          </li>
        ))}
      </ul>
      {method ? (
        <div className={styles.pane} key={method.id}>
          <button
            type="button"
            className={`${ui.button} ${styles.back}`}
            onClick={() => choose(null)}
          >
            All methods
          </button>
          <MethodCard
            method={method}
            heading={heading}
            students={students.flatMap((student) =>
              student.method.id === method.id ? [student.name] : [],
            )}
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
          <Overview methods={methods} />
        </section>
      )}
    </div>
  );
}

/** What the methods need and cost, side by side; a card tells the rest. */
function Overview({ methods }: { methods: readonly MethodEntry[] }) {
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
