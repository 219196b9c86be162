import { useState } from 'react';
import type { Inspection, LayersFound, TriedLayers } from '../../../recipe/inspection';
import type { Layers } from '../../../recipe/layers';
import type { Meaning } from '../../../recipe/meaning';
import ui from '../../ui/ui.module.css';
import { measured, percent } from '../../words/format';
import styles from '../own.module.css';
import { Steps } from './Steps';

const BY: Readonly<Record<LayersFound['by'], string>> = {
  file: 'The file says them itself; only the side of its images is taken from the task.',
  definition:
    'As the file defines them; its program, which is not run, may call them in another way.',
  sizes: 'The file holds weights alone. Their sizes leave one usual way to put them together.',
  trying:
    'The file holds weights alone. Of the ways that their sizes allow, the first fits labelled examples best; the scores are those on other examples.',
  person: 'As you say.',
};

/** How the weights of a file are put together as layers: what was tried with its scores, and a form for any other way. */
export function Assembly({
  report,
  found,
  ways,
  correct,
}: {
  report: Inspection;
  found: LayersFound;
  /** Every way that was tried: a report on a correction knows only that one. */
  ways: readonly TriedLayers[];
  correct: (part: Partial<Meaning>) => void;
}) {
  const { layers } = report.meaning;
  if (!layers) return null;
  const own = JSON.stringify(layers);
  return (
    <fieldset className={styles.part}>
      <legend className={ui.heading}>Layers</legend>
      <p className={ui.soft}>
        {BY[found.by]}
        {found.alike.length > 0 &&
          ` About as good: ${found.alike.join('; ')}. The most usual one was taken.`}
      </p>
      {ways.length > 1 && (
        <div className={styles.tried}>
          {ways.map((one) => (
            <label key={JSON.stringify(one.layers)}>
              <input
                type="radio"
                name="layers"
                checked={JSON.stringify(one.layers) === own}
                onChange={() => correct({ layers: one.layers })}
              />
              <span>{one.what}</span>
              <span className={styles.bar} aria-hidden="true">
                <span style={{ width: `${Math.max(0, Math.min(1, one.score)) * 100}%` }} />
              </span>
              <span className={styles.score}>
                {report.values ? measured(one.score) : percent(one.score)}
              </span>
            </label>
          ))}
        </div>
      )}
      <Order key={own} layers={layers} found={found} correct={correct} />
    </fieldset>
  );
}

/** The form, with what is changed in it until it is used. */
function Order({
  layers,
  found,
  correct,
}: {
  layers: Layers;
  found: LayersFound;
  correct: (part: Partial<Meaning>) => void;
}) {
  const [draft, setDraft] = useState(layers);
  return (
    <details open={!found.verified}>
      <summary>Order the layers</summary>
      <Steps
        layers={draft}
        parts={found.parts}
        change={setDraft}
        use={() => correct({ layers: draft })}
        changed={draft !== layers}
      />
    </details>
  );
}
