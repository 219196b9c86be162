import {
  lazy,
  Suspense,
  useId,
  useMemo,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { CurveTable } from '../../charts/CurveTable';
import { curveRows, isFraction, type Columns, type CurveName } from '../../charts/curves';
import { crossingBelow } from '../../charts/crossing';
import { LineKey } from '../../charts/Glyph';
import type { Identity } from '../../charts/identity';
import { FIGURES, type FigureName, type Figures } from '../../recipe/figures';
import type { Recipe } from '../../recipe/recipe';
import type { TaskReport } from '../../worker/protocol';
import { useAsksValues, usePanelData, useRun } from '../context';
import { Panel } from '../ui/Panel';
import { RunMark } from '../ui/RunMark';
import ui from '../ui/ui.module.css';
import { valueColumns } from '../words/figures';
import { parts } from '../words/results';
import styles from './Curves.module.css';

const CurveChart = lazy(async () => import('../../charts/CurveChart'));

interface Tab {
  readonly name: CurveName;
  readonly title: string;
  readonly note: string;
}

const LOSS: Tab = {
  name: 'loss',
  title: 'Loss',
  note: 'in training; each method has its own loss, so compare no two of them',
};

const CLASSES: readonly Tab[] = [
  {
    name: 'kl',
    title: 'KL to teacher',
    note: 'nats, validation: lower is closer',
  },
  { name: 'accuracy', title: 'Accuracy', note: 'right answers, validation' },
  {
    name: 'agreement',
    title: 'Agreement',
    note: 'same first answer as the teacher, validation',
  },
  LOSS,
];

const figureTab = (name: FigureName, unit: string): Tab => ({
  name,
  title: FIGURES[name].short,
  note: `${unit === '' ? '' : `${unit}, `}validation: ${FIGURES[name].note}`,
});

/** The tabs for what a task asks for: real values or classes; which error and unit these have is known with a run's report. */
function tabsOf(report: TaskReport | null, values: boolean): readonly Tab[] {
  if (!values) return CLASSES;
  const [error = 'rmse'] = valueColumns(report?.teacher.validation ?? null);
  const unit = error === 'angle' ? '°' : (report?.targets?.unit ?? '');
  return [
    figureTab('kl', 'nats'),
    figureTab(error, unit),
    figureTab('nll', 'nats'),
    figureTab('within90', ''),
    LOSS,
  ];
}

/** Most points that a line is drawn with. */
const POINTS = 300;
const SMOOTHING = 0.6;
const NO_LOOKS: readonly Identity[] = [];

/** The figures over the steps, one tab each; as lines or as a table. */
export function Curves() {
  const [chosen, setTab] = useState<CurveName>('kl');
  const report = useRun((run) => run.report);
  const values = useAsksValues();
  const tabs = useMemo(() => tabsOf(report, values), [report, values]);
  // A tab that the last run had and this one has not.
  const tab = tabs.some(({ name }) => name === chosen) ? chosen : 'kl';
  const [log, setLog] = useState(false);
  const [smooth, setSmooth] = useState(true);
  const [table, setTable] = useState(false);
  const panel = useId();
  const scaled = tab === 'kl' || tab === 'loss';
  const note = tabs.find(({ name }) => name === tab)?.note;
  return (
    <Panel name="Curves" className={styles.curves} aside={<RunMark />}>
      <div className={`${ui.card} ${styles.card}`}>
        <Tabs tabs={tabs} tab={tab} panel={panel} choose={setTab} />
        <div className={styles.head}>
          <p className={`${ui.soft} ${styles.note}`}>{note}</p>
          <div className={styles.switches}>
            {scaled && <Switch label="log" on={log} set={setLog} />}
            {tab === 'loss' && <Switch label="smooth" on={smooth} set={setSmooth} />}
            <Switch label="table" on={table} set={setTable} />
          </div>
        </div>
        <div
          id={panel}
          role="tabpanel"
          tabIndex={0}
          aria-labelledby={`${panel}-${tab}`}
          className={styles.panel}
        >
          <Body
            curve={tab}
            log={scaled && log}
            smoothing={tab === 'loss' && smooth ? SMOOTHING : 0}
            table={table}
          />
        </div>
      </div>
    </Panel>
  );
}

function Body({
  curve,
  log,
  smoothing,
  table,
}: {
  curve: CurveName;
  log: boolean;
  smoothing: number;
  table: boolean;
}) {
  const looks = useRun((run) => run.looks) ?? NO_LOOKS;
  const recipe = useRun((run) => run.recipe);
  const teacher = useRun((run) => run.report?.teacher.validation ?? null);
  const { log: metrics } = usePanelData();
  useSyncExternalStore(metrics.subscribe, () => metrics.version(curve));
  const columns = metrics.columns(curve);
  if (columns.steps.length === 0)
    return (
      <p className={styles.empty}>
        The first points appear a few steps after Play; every{' '}
        {recipe ? `${recipe.evaluation.every} steps` : 'few steps'} all students are evaluated.
      </p>
    );
  const rows = curveRows(columns, { smoothing, log, limit: POINTS });
  if (table) return <CurveTable rows={rows} looks={looks} fraction={isFraction(curve)} />;
  return (
    <>
      <Legend
        looks={looks}
        averaged={columns.averaged !== null}
        teacher={isDrawable(teacherLevel(curve, teacher), log)}
      />
      <div className={styles.chart}>
        <Suspense fallback={<Empty>Drawing the curves.</Empty>}>
          <CurveChart
            rows={rows}
            looks={looks}
            curve={curve}
            log={log}
            raw={smoothing > 0}
            averaged={columns.averaged !== null}
            steps={recipe?.steps ?? 0}
            teacher={teacherLevel(curve, teacher)}
            crossing={curve === 'kl' && recipe ? crossingOf(recipe, columns, looks) : null}
          />
        </Suspense>
      </div>
    </>
  );
}

function Empty({ children }: { children: ReactNode }) {
  return <p className={styles.empty}>{children}</p>;
}

/** Whether a level can be drawn: a logarithmic axis has no zero. */
function isDrawable(level: number | null, log: boolean): boolean {
  return level !== null && !(log && level <= 0);
}

/** Where the teacher itself lies; a loss has no such place. */
function teacherLevel(curve: CurveName, teacher: Figures | null): number | null {
  switch (curve) {
    case 'kl':
      return 0;
    case 'agreement':
      return 1;
    case 'loss':
      return null;
    default:
      return teacher?.[curve] ?? null;
  }
}

/** Where Extracurricular's line goes below KD's and stays there. */
function crossingOf(
  recipe: Recipe,
  columns: Columns,
  looks: readonly Identity[],
): { step: number; text: string } | null {
  const { xcl, kd } = parts(recipe);
  const step = crossingBelow(columns.steps, columns.values[xcl] ?? [], columns.values[kd] ?? []);
  const [name, other] = [looks[xcl]?.name, looks[kd]?.name];
  if (step === null || name === undefined || other === undefined) return null;
  return { step, text: `step ${step}: below ${other}` };
}

function Legend({
  looks,
  averaged,
  teacher,
}: {
  looks: readonly Identity[];
  averaged: boolean;
  teacher: boolean;
}) {
  return (
    <ul className={styles.legend}>
      {looks.map((look) => (
        <li key={look.name}>
          <LineKey look={look} /> {look.name}
        </li>
      ))}
      {averaged && <li className={ui.soft}>thin: average of the weights</li>}
      {teacher && (
        <li>
          <span className={styles.teacherKey} aria-hidden="true" /> Teacher
        </li>
      )}
    </ul>
  );
}

function Switch({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label className={styles.switch}>
      <input type="checkbox" checked={on} onChange={(event) => set(event.target.checked)} />
      {label}
    </label>
  );
}

/** Tabs as the ARIA pattern has them: one tab stop, arrows go around. */
function Tabs({
  tabs,
  tab,
  panel,
  choose,
}: {
  tabs: readonly Tab[];
  tab: CurveName;
  panel: string;
  choose: (tab: CurveName) => void;
}) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex(({ name }) => name === tab);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (!next) return;
    choose(next.name);
    document.getElementById(`${panel}-${next.name}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="Curve" tabIndex={-1} className={styles.tabs} onKeyDown={move}>
      {tabs.map(({ name, title }) => (
        <button
          key={name}
          id={`${panel}-${name}`}
          type="button"
          role="tab"
          aria-selected={name === tab}
          aria-controls={panel}
          tabIndex={name === tab ? 0 : -1}
          className={styles.tab}
          onClick={() => choose(name)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
