import { useApp, useSession } from '../../context';
import ui from '../../ui/ui.module.css';
import { measured, whole } from '../../words/format';
import styles from '../own.module.css';
import { Refusal } from '../Progress';

/** Images that this browser keeps: opened again, or deleted. */
export function Kept() {
  const { desk } = useSession();
  const { kept, keptFault } = useApp((state) => state.own.data);
  return (
    <>
      {keptFault && <Refusal fault={keptFault} />}
      {kept !== null && kept.length > 0 && (
        <section aria-label="Kept on this computer" className={styles.part}>
          <h3 className={ui.heading}>Kept on this computer</h3>
          <ul className={styles.kept}>
            {kept.map(({ id, name, count, classes, bytes, savedAt }) => (
              <li key={id}>
                <span>
                  <b>{name}</b>{' '}
                  <span className={ui.soft}>
                    {whole(count)} images of {classes} classes, {measured(bytes / 1e6)} MB,{' '}
                    {new Date(savedAt).toLocaleDateString('en-GB')}
                  </span>
                </span>
                <button
                  type="button"
                  className={ui.button}
                  aria-label={`Open ${name}`}
                  onClick={() => desk.loadKept(id)}
                >
                  Open
                </button>
                <button
                  type="button"
                  className={ui.button}
                  aria-label={`Delete ${name}`}
                  onClick={() => desk.forgetKept(id)}
                >
                  Delete
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
