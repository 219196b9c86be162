import { lazy, Suspense, useState } from 'react';
import { useApp } from './context';
import { MethodCards } from './methods/MethodCards';
import { OwnDialogs } from './own/Dialogs';
import { Knobs } from './rail/Knobs';
import { StudentsPanel } from './rail/StudentsPanel';
import { TaskPanel } from './rail/TaskPanel';
import { TeacherPanel } from './rail/TeacherPanel';
import { Compression } from './results/Compression';
import { Curves } from './results/Curves';
import { Results } from './results/Results';
import { SettingsButton } from './settings/SettingsDialog';
import { Stage } from './stage/Stage';
import { Notices } from './states/Notices';
import { TopBar } from './top/TopBar';
import ui from './ui/ui.module.css';
import styles from './App.module.css';

/** Fetched when it is chosen. */
const Faults = lazy(async () => import('./anomaly/Faults'));

/** The page: settings, what is asked, and what comes of it, side by side. */
export function App() {
  const faults = useApp((state) => state.anomaly !== null);
  return (
    <MethodCards>
      <div className={styles.page}>
        <TopBar />
        {faults ? (
          <Suspense fallback={<main className={styles.columns} />}>
            <Faults />
          </Suspense>
        ) : (
          <Classes />
        )}
        <Notices />
      </div>
      <OwnDialogs />
    </MethodCards>
  );
}

function Classes() {
  const [open, setOpen] = useState(false);
  return (
    <main className={styles.columns}>
      <div className={`${styles.rail} ${open ? styles.open : ''}`}>
        <button
          type="button"
          className={`${ui.button} ${styles.toggle}`}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Hide the settings' : 'Task, teacher, students and settings'}
        </button>
        <div className={styles.panels}>
          <TaskPanel />
          <TeacherPanel />
          <StudentsPanel />
          <Knobs />
          <SettingsButton />
        </div>
      </div>
      <Stage />
      <div className={styles.results}>
        <Results />
        <Curves />
        <Compression />
      </div>
    </main>
  );
}
