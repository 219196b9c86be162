import type { Teacher } from '../../recipe/recipe';
import { useApp, useSession } from '../context';
import rail from '../rail/rail.module.css';
import ui from '../ui/ui.module.css';
import { measured, percent, short } from '../words/format';
import styles from './Bring.module.css';

/** The teacher panel's lines about a network from a file. */
export function OwnTeacher({ teacher }: { teacher: Extract<Teacher, { source: 'file' }> }) {
  const { desk } = useSession();
  const report = useApp((state) => state.own.held[teacher.sha256]);
  const given = useApp((state) => state.own.given.includes(teacher.sha256));
  return (
    <>
      <p>
        <b>{teacher.name}</b> <span className={ui.soft}>from a file</span>
      </p>
      {report ? (
        <>
          <p className={`${ui.soft} ${rail.facts}`}>
            <span>{short(report.parameters)} weights, frozen</span>
            <span title="multiply-adds for one input">{short(report.macs)} MACs</span>
          </p>
          <p title={`SHA-256 ${teacher.sha256}`}>
            {report.accuracy === null
              ? `R² ${(report.values?.r2 ?? []).map(measured).join(', ')}`
              : percent(report.accuracy)}{' '}
            <span className={ui.soft}>on {report.images} examples, when it was read</span>
          </p>
        </>
      ) : (
        <p>
          {given
            ? 'Its file was given: it is read before the next run.'
            : 'Its file is not here: bring it again.'}
        </p>
      )}
      <button type="button" className={styles.back} onClick={() => desk.backToPreset()}>
        Back to the preset’s teacher
      </button>
    </>
  );
}
