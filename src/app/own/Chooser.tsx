import { useState, type ReactNode } from 'react';
import ui from '../ui/ui.module.css';
import { chosenFiles, type Chosen } from './files';
import styles from './own.module.css';

/** Where files or a folder are chosen or dropped. What is dropped is taken by the page, wherever it falls. */
export function Chooser({
  label,
  small,
  onChoose,
  children,
}: {
  label: string;
  /** Something is there already: other files may be given. */
  small: boolean;
  onChoose: (files: readonly Chosen[]) => void;
  children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  return (
    // The file fields inside serve keyboards; dropping is an addition to them.
    <div
      role="presentation"
      className={`${styles.zone} ${small ? styles.small : ''} ${over ? styles.over : ''}`}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={() => setOver(false)}
    >
      {children}
      <div className={styles.choices}>
        <Field text={small ? 'Other files' : 'Choose files'} name={`${label}: files`}>
          <input
            type="file"
            multiple
            className={ui.hidden}
            // No filter: data sets come without an ending (train-images-idx3-ubyte), and readers say what a file is.
            onChange={({ target }) => {
              onChoose(chosenFiles(target.files));
              // So that the same file can be chosen again after it was refused.
              target.value = '';
            }}
          />
        </Field>
        <Field text={small ? 'Other folder' : 'Choose a folder'} name={`${label}: folder`}>
          <input
            type="file"
            className={ui.hidden}
            // The attribute by which browsers choose folders is in no standard.
            ref={(input) => input?.setAttribute('webkitdirectory', '')}
            onChange={({ target }) => {
              onChoose(chosenFiles(target.files));
              target.value = '';
            }}
          />
        </Field>
      </div>
    </div>
  );
}

function Field({ text, name, children }: { text: string; name: string; children: ReactNode }) {
  return (
    <label className={`${ui.button} ${styles.choose}`} title={name}>
      {text}
      {children}
    </label>
  );
}
