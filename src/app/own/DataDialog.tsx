import { useId } from 'react';
import { FieldList } from '../settings/Group';
import { useApp, useSession } from '../context';
import ui from '../ui/ui.module.css';
import { whole } from '../words/format';
import { Chooser } from './Chooser';
import { Counts } from './data/Counts';
import { Kept } from './data/Kept';
import { OWN_TASK } from './desk';
import { Progress, Refusal, Sentences, Why } from './Progress';
import { Sheet } from './Sheet';
import styles from './own.module.css';

/** A person's own images: given, looked at, divided, and used as the task. */
export default function DataDialog() {
  const session = useSession();
  const { desk } = session;
  const { reading, request, summary, params, fault } = useApp((state) => state.own.data);
  const fields = useApp(
    (state) => state.catalogue?.tasks.find(({ id }) => id === OWN_TASK)?.params,
  );
  const why = useId();
  const missing =
    reading !== null || request !== null
      ? 'Wait until they are read.'
      : summary === null
        ? 'Give images first.'
        : null;
  return (
    <Sheet
      title="Your own images"
      about="Read on this computer; nothing is sent."
      foot={
        <>
          <button
            type="button"
            className={ui.filled}
            disabled={missing !== null}
            title={missing ?? undefined}
            aria-describedby={why}
            onClick={() => desk.takeData()}
          >
            Use these images
          </button>
          <button
            type="button"
            className={ui.button}
            disabled={summary === null || reading !== null}
            title={missing ?? 'In a private folder of this browser, until it is deleted here'}
            onClick={() => summary && desk.keepData(summary.title)}
          >
            Keep on this computer
          </button>
          <Why id={why} text={missing} />
        </>
      }
    >
      <Chooser
        label="Images"
        small={summary !== null || reading !== null || fault !== null}
        onChoose={(files) => void session.dropFiles(files)}
      >
        {summary === null && reading === null && fault === null && <Forms />}
      </Chooser>
      <Kept />
      {fault && <Refusal fault={fault} />}
      {reading && <Progress doing={reading} onCancel={() => desk.cancel()} />}
      {summary && (
        <div aria-busy={request !== null} className={styles.report}>
          <div>
            <section aria-label="Images" className={styles.part}>
              <p>
                <b>{summary.title}</b> <span className={ui.tag}>{summary.format}</span>{' '}
                {whole(summary.count)} images of {summary.classes.length} classes,{' '}
                {summary.shape[1]} × {summary.shape[0]},{' '}
                {summary.shape[2] === 1 ? 'grey' : 'in colour'}; read on this computer, nothing was
                sent.
              </p>
              <Counts summary={summary} />
            </section>
          </div>
          <div>
            <Sentences of={summary.warnings} name="Warnings" tone="warning" />
            <Sentences of={summary.remarks} name="What the reader says" />
            {fields && (
              <fieldset className={styles.part}>
                <legend className={ui.heading}>Shape and shares</legend>
                <FieldList
                  fields={fields}
                  hidden={
                    new Set([
                      ...(summary.declared.validation ? ['validation'] : []),
                      ...(summary.declared.test ? ['test'] : []),
                    ])
                  }
                  values={params}
                  change={(key, value) => desk.viewData({ ...params, [key]: value })}
                />
              </fieldset>
            )}
          </div>
        </div>
      )}
    </Sheet>
  );
}

function Forms() {
  return (
    <>
      <p className={styles.lead}>Drop labelled images here: a folder, files or a zip.</p>
      <ul className={styles.forms}>
        <li>
          Folders: one for each class, with <code>.png</code>, <code>.jpg</code> or{' '}
          <code>.webp</code> files
        </li>
        <li>
          Arrays: <code>.npz</code>, or a pair of <code>.npy</code> files
        </li>
        <li>IDX files, as of MNIST</li>
        <li>
          Images with a <code>.csv</code> table of their labels
        </li>
      </ul>
    </>
  );
}
