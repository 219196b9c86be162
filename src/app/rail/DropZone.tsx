import { useId, useState } from 'react';
import type { TaskEntry } from '../../recipe/recipe';
import { useApp, useSession } from '../context';
import { chosenFiles } from '../own/files';
import type { FileState } from '../state';
import ui from '../ui/ui.module.css';
import { percent } from '../words/format';
import styles from './DropZone.module.css';
import { AFTER_CHECK } from './Knobs';

/** Where the files of a task are dropped or chosen; says how far they are read and why they are refused. */
export function DropZone({ task }: { task: TaskEntry }) {
  const session = useSession();
  const files = useApp((state) => state.files[task.id]);
  const loaded = useApp((state) => state.loaded[task.id]);
  const ready = useApp((state) => state.worker === 'ready');
  const [over, setOver] = useState(false);
  const input = useId();
  return (
    // The file field inside serves keyboards; dropping is an addition to it.
    <div
      role="presentation"
      className={`${styles.zone} ${over ? styles.over : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      // What is dropped is taken by the page, which finds out what it is.
      onDrop={() => setOver(false)}
    >
      {loaded === undefined ? (
        <p>
          {task.asks === 'values' ? (
            'Drop the files here.'
          ) : (
            <>
              Drop the archive (<code>.tar.gz</code>) or its <code>.bin</code> files here.
            </>
          )}{' '}
          They are read on this computer and go nowhere.
        </p>
      ) : (
        <p className={styles.good}>{loaded}</p>
      )}
      <label htmlFor={input} className={`${ui.button} ${styles.choose}`}>
        {loaded === undefined ? 'Choose files' : 'Other files'}
        <input
          id={input}
          type="file"
          multiple
          className={ui.hidden}
          disabled={!ready}
          title={ready ? undefined : AFTER_CHECK}
          onChange={(event) => {
            void session.dropFiles(chosenFiles(event.target.files));
            // So that the same file can be chosen again after it was refused.
            event.target.value = '';
          }}
        />
      </label>
      {files && <FileLine files={files} />}
    </div>
  );
}

/** How far files are read, or why they are refused. */
export function FileLine({ files }: { files: FileState }) {
  switch (files.phase) {
    case 'reading':
      return (
        <div role="status" aria-label="Files">
          <p>
            {files.what} {percent(files.share, 0)}
          </p>
          <div className={ui.meter} aria-hidden="true">
            <div style={{ width: `${files.share * 100}%` }} />
          </div>
        </div>
      );
    case 'refused':
      return (
        <p role="alert" className={styles.refused}>
          <b>{files.fault.message}</b> {files.fault.hint}
        </p>
      );
    case 'read':
      return null;
  }
}
