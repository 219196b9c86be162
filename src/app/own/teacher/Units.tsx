import { useState } from 'react';
import type { Inspection } from '../../../recipe/inspection';
import type { Spread, ValueAnswers } from '../../../recipe/meaning';
import ui from '../../ui/ui.module.css';
import { measured } from '../../words/format';
import styles from '../own.module.css';

/** How real values come to the task's units, and how good they then are. */
export function Units({
  report,
  answers,
  change,
}: {
  report: Inspection;
  answers: ValueAnswers;
  change: (answers: ValueAnswers) => void;
}) {
  const { taskClasses, values } = report;
  const put = (key: 'scale' | 'shift', at: number, value: number) =>
    change({ ...answers, [key]: answers[key].map((old, i) => (i === at ? value : old)) });
  return (
    <>
      <table className={styles.classes}>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Output times</th>
            <th scope="col">plus</th>
            <th scope="col">R²</th>
            <th scope="col">RMSE</th>
          </tr>
        </thead>
        <tbody>
          {taskClasses.map((name, i) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <NumberField
                  label={`Factor for ${name}`}
                  value={answers.scale[i] ?? 1}
                  allowed={(value) => value !== 0}
                  onChange={(value) => put('scale', i, value)}
                />
              </td>
              <td>
                <NumberField
                  label={`Summand for ${name}`}
                  value={answers.shift[i] ?? 0}
                  allowed={() => true}
                  onChange={(value) => put('shift', i, value)}
                />
              </td>
              <td>{measured(values?.r2[i] ?? NaN)}</td>
              <td>{measured(values?.rmse[i] ?? NaN)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <SpreadField
        report={report}
        spread={answers.spread}
        change={(spread) => change({ ...answers, spread })}
      />
    </>
  );
}

/** Taken over when the field is left or Enter is pressed; what is no number is undone. */
function NumberField({
  label,
  value,
  allowed,
  onChange,
}: {
  label: string;
  value: number;
  allowed: (value: number) => boolean;
  onChange: (value: number) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = () => {
    const number = Number((typed ?? '').replace(',', '.'));
    if (typed !== null && typed.trim() !== '' && Number.isFinite(number) && allowed(number))
      onChange(number);
    setTyped(null);
  };
  return (
    <input
      className={ui.input}
      inputMode="decimal"
      aria-label={label}
      value={typed ?? String(Number(value.toPrecision(6)))}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={take}
      onKeyDown={({ key }) => key === 'Enter' && take()}
    />
  );
}

const KINDS = [
  ['log-variance', 'log-variances'],
  ['variance', 'variances'],
  ['deviation', 'standard deviations'],
] as const;

function SpreadField({
  report: { outputs, values, taskClasses },
  spread,
  change,
}: {
  report: Inspection;
  spread: Spread;
  change: (spread: Spread) => void;
}) {
  const targets = taskClasses.length;
  const able = outputs.filter(({ size }) => size === targets || size >= 2 * targets);
  const choices = able.flatMap(({ name }) =>
    KINDS.map(([kind, text]) => ({ kind, output: name, text: `${text} from ${name}` })),
  );
  const id = ({ kind, output }: { kind: string; output?: string }) => `${kind} ${output ?? ''}`;
  // Of standardised values, one is as much as not knowing anything.
  const constant: Spread =
    spread.kind === 'constant'
      ? spread
      : {
          kind: 'constant',
          logVariance: taskClasses.map((_, i) =>
            Math.log(Math.min(1, Math.max(1e-4, 1 - (values?.r2[i] ?? 0)))),
          ),
        };
  return (
    <label className={styles.field}>
      How sure it is
      <select
        className={ui.select}
        value={spread.kind === 'constant' ? 'constant' : id(spread)}
        onChange={({ target }) => {
          const found = choices.find((choice) => id(choice) === target.value);
          change(found ? { kind: found.kind, output: found.output } : constant);
        }}
      >
        <option value="constant">it does not say</option>
        {choices.map((choice) => (
          <option key={id(choice)} value={id(choice)}>
            {choice.text}
          </option>
        ))}
      </select>
    </label>
  );
}
