import {
  createContext,
  use,
  useCallback,
  useRef,
  useState,
  type ComponentType,
  type ReactNode,
} from 'react';
import { useApp } from '../context';
import ui from '../ui/ui.module.css';
import { keyOf } from '../words/cards';
import styles from './methods.module.css';

type Sheet = ComponentType<{ chosen: string | null; choose: (key: string | null) => void }>;

/** Opens the dialog on a card by its key, or on the list of all. */
const ShowContext = createContext<(key: string | null) => void>(() => undefined);

/** Keeps the one dialog of the methods; its contents are fetched when it is first opened. */
export function MethodCards({ children }: { children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [chosen, choose] = useState<string | null>(null);
  const [sheet, setSheet] = useState<{ readonly Sheet: Sheet } | null>(null);
  const [failed, setFailed] = useState(false);
  const show = useCallback((key: string | null) => {
    choose(key);
    setFailed(false);
    dialog.current?.showModal();
    import('./MethodSheet').then(
      (module) => setSheet({ Sheet: module.default }),
      () => setFailed(true),
    );
  }, []);
  return (
    <ShowContext value={show}>
      {children}
      <dialog ref={dialog} className={styles.dialog} aria-label="Methods">
        <div className={styles.sheet}>
          <header className={styles.head}>
            <h2>Methods</h2>
            <p className={ui.soft}>
              How a student may learn, by which questions, and how it is made smaller: what is
              needed and known, and where it is from.
            </p>
            <button type="button" className={ui.filled} onClick={() => dialog.current?.close()}>
              Close
            </button>
          </header>
          {sheet && <sheet.Sheet chosen={chosen} choose={choose} />}
          {failed && (
            <p role="alert" className={styles.hint}>
              The cards could not be fetched. Close this, look after the connection, and try again.
            </p>
          )}
        </div>
      </dialog>
    </ShowContext>
  );
}

/** Opens the list of all methods. */
export function MethodsButton() {
  const show = use(ShowContext);
  const ready = useApp((state) => state.catalogue !== null);
  return (
    <button
      type="button"
      className={styles.all}
      disabled={!ready}
      title={
        ready ? 'What each method minimises, needs and costs' : 'Available after the device check'
      }
      onClick={() => show(null)}
    >
      Methods
    </button>
  );
}

/** Opens the card of one method. */
export function AboutMethod({ id, whose }: { id: string; whose: string }) {
  const show = use(ShowContext);
  const title = useApp(
    (state) => state.catalogue?.methods.find((method) => method.id === id)?.title,
  );
  return (
    <button
      type="button"
      className={styles.about}
      disabled={title === undefined}
      aria-label={`How ${whose} learns: ${title ?? 'its method'}`}
      title={title === undefined ? undefined : `About ${title}`}
      onClick={() => show(keyOf('method', id))}
    >
      <svg width="13" height="13" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
        <circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" />
        <path d="M6.3 6h1.4v4.5H6.3zM6.3 3.5h1.4v1.4H6.3z" fill="currentColor" />
      </svg>
    </button>
  );
}
