import { useApp, useDispatch } from '../context';
import { Offer } from '../own/Offer';
import type { Notice } from '../state';
import ui from '../ui/ui.module.css';
import styles from './Notices.module.css';
import { Trouble } from './Trouble';

/**
 * Sentences that concern the whole page, each until it is closed, and what went wrong. They have a strip of their own at the
 * foot of the page, so that nothing moves when they come and go; more than fit there lie over the page, whose columns can be
 * scrolled past them.
 */
export function Notices() {
  const notices = useApp((state) => state.notices);
  const dialog = useApp((state) => state.own.dialog !== null);
  return (
    <div className={styles.strip}>
      <div ref={measure} className={styles.list}>
        <Trouble />
        <div role="log" aria-label="Notices">
          {notices.map((notice) => (
            <NoticeLine key={notice.key} notice={notice} />
          ))}
          {!dialog && <Offer />}
        </div>
      </div>
    </div>
  );
}

/** Keeps the height by which what is measured is higher than its strip where the page's styles find it: in `--covered`. */
function measure(list: HTMLElement | null): (() => void) | undefined {
  if (list === null) return undefined;
  const { style } = document.documentElement;
  const watch = new ResizeObserver(() => {
    const strip = list.parentElement?.clientHeight ?? 0;
    style.setProperty('--covered', `${Math.max(0, list.offsetHeight - strip)}px`);
  });
  watch.observe(list);
  return () => {
    watch.disconnect();
    style.removeProperty('--covered');
  };
}

function NoticeLine({ notice }: { notice: Notice }) {
  const dispatch = useDispatch();
  const more = notice.more ?? [];
  // A single reason stands beside its sentence; several are folded, unless they are about a mistake.
  const [only] = more.length === 1 && notice.tone === 'warning' ? more : [];
  return (
    <div className={`${styles.notice} ${notice.tone === 'warning' ? styles.warning : ''}`}>
      <div className={styles.text}>
        <p>
          {notice.sentence} {only}
        </p>
        {more.length > 0 && only === undefined && (
          <details open={notice.tone === 'warning'}>
            <summary>details</summary>
            <ul>
              {more.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <button
        type="button"
        className={ui.plain}
        aria-label="Close this notice"
        onClick={() => dispatch({ type: 'dismiss', key: notice.key })}
      >
        ✕
      </button>
    </div>
  );
}
