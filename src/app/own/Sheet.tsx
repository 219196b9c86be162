import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { useSession } from '../context';
import ui from '../ui/ui.module.css';
import { Offer } from './Offer';
import styles from './own.module.css';

/** The frame of both dialogs: open as long as it is drawn; Escape and the button close it. */
export function Sheet({
  title,
  about,
  foot,
  children,
}: {
  title: string;
  about: string;
  /** Buttons at the bottom, always in view. */
  foot: ReactNode;
  children: ReactNode;
}) {
  const session = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closed before it is taken off the page, it gives the focus back to where it was.
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        session.desk.close();
      }}
    >
      <div className={styles.sheet}>
        <header className={styles.head}>
          <h2>{title}</h2>
          <p className={ui.soft}>{about}</p>
        </header>
        <Offer />
        <div className={styles.body}>{children}</div>
        <footer className={styles.foot}>
          {foot}
          <button
            type="button"
            className={`${ui.button} ${styles.close}`}
            onClick={() => session.desk.close()}
          >
            Close
          </button>
        </footer>
      </div>
    </dialog>
  );
}
