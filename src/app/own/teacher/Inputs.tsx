import type { Inspection, Tried } from '../../../recipe/inspection';
import type { Meaning } from '../../../recipe/meaning';
import ui from '../../ui/ui.module.css';
import { measured, percent, whole } from '../../words/format';
import styles from '../own.module.css';

const BY = {
  file: 'The file says it itself.',
  person: 'As you say.',
} as const;

/** In which numbers the inputs are given: all that were tried with their scores, and the chosen one. */
export function Inputs({
  report,
  tried,
  correct,
}: {
  report: Inspection;
  tried: readonly Tried[];
  correct: (part: Partial<Meaning>) => void;
}) {
  const { meaning, values, normalisationBy } = report;
  return (
    <fieldset className={styles.part}>
      <legend className={ui.heading}>Numbers that it is given</legend>
      <p className={ui.soft}>
        {normalisationBy === 'trying' ? chosenWords(report, tried) : BY[normalisationBy]}
      </p>
      <div className={styles.tried}>
        {tried.map(({ input, score }) => (
          <label key={input.name}>
            <input
              type="radio"
              name="normalisation"
              checked={input.name === meaning.input.name}
              onChange={() => correct({ input })}
            />
            <span>{input.name}</span>
            <span className={styles.bar} aria-hidden="true">
              <span style={{ width: `${Math.max(0, Math.min(1, score)) * 100}%` }} />
            </span>
            <span className={styles.score}>{values ? measured(score) : percent(score)}</span>
          </label>
        ))}
      </div>
      <Selects meaning={meaning} report={report} correct={correct} />
    </fieldset>
  );
}

/** Why the first of those that were tried was taken, and on which examples their figures are. */
export function chosenWords(
  { alike, chosenOn, images }: Pick<Inspection, 'alike' | 'chosenOn' | 'images'>,
  tried: readonly Tried[],
): string {
  const [taken] = tried;
  const best = taken !== undefined && tried.every(({ score }) => score <= taken.score);
  const why =
    alike.length > 0
      ? `About as good: ${alike.join('; ')}. The most usual one was taken.`
      : best
        ? 'The first fits best.'
        : 'The first was taken, though another has a higher figure: on how many examples each was tried, and the order of the outputs, count too.';
  const on =
    chosenOn === null
      ? `Tried on the same ${whole(images)} labelled examples or fewer.`
      : `Tried on up to ${whole(chosenOn)} labelled examples, others than those of the figure above.`;
  return `${why} ${on}`;
}

function Selects({
  meaning,
  report,
  correct,
}: {
  meaning: Meaning;
  report: Inspection;
  correct: (part: Partial<Meaning>) => void;
}) {
  return (
    <>
      {report.inputShape.length >= 2 && report.fits.length > 0 && (
        <label className={styles.field}>
          Resizing
          <select
            className={ui.select}
            value={meaning.resize}
            onChange={({ target }) => correct({ resize: target.value as Meaning['resize'] })}
          >
            <option value="bilinear">smooth (bilinear)</option>
            <option value="nearest">nearest pixel</option>
          </select>
        </label>
      )}
      {report.inputShape.length === 1 && report.fits.length > 0 && (
        <label className={styles.field}>
          Order of the numbers
          <select
            className={ui.select}
            value={meaning.flatten}
            onChange={({ target }) => correct({ flatten: target.value as Meaning['flatten'] })}
          >
            <option value="pixels">pixel by pixel</option>
            <option value="colours">one colour after the other</option>
          </select>
        </label>
      )}
    </>
  );
}
