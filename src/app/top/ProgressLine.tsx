import { useEffect, useRef, useState } from 'react';
import type { AnomalyView } from '../anomaly/view';
import { useApp } from '../context';
import type { RunView } from '../run';
import { comingOf, lacksFiles, RECORDED, shownRun, type AppState } from '../state';
import ui from '../ui/ui.module.css';
import type { Speed } from '../../worker/protocol';
import { percent, secondsLeft, timeLeft, whole } from '../words/format';
import styles from './ProgressLine.module.css';

/** Spoken progress comes at most so often; changes of state are spoken at once. */
const SPEAK_MS = 5000;

/** How far the run is: a counter to look at, and the same in words for a screen reader, less often. */
export function ProgressLine() {
  const state = useApp(stateWords);
  const planned = useApp((app) => app.draft.steps);
  const total = useApp((app) => stepsOf(shownOf(app))) ?? planned;
  const step = useApp((app) => shownOf(app)?.progress?.step) ?? 0;
  const left = useApp((app) => leftOf(shownOf(app), app.speed));
  const share = useApp((app) => shareOf(shownOf(app)));
  useTitle(step, total);
  return (
    <div className={styles.line}>
      <div
        role="status"
        aria-live="off"
        aria-label="Step counter"
        className={styles.counter}
        data-step={step}
        data-steps={total}
      >
        <span className={ui.soft}>step</span> <b>{whole(step)}</b>{' '}
        <span className={ui.soft}>/ {whole(total)}</span>
      </div>
      <div className={`${ui.meter} ${styles.meter}`} aria-hidden="true">
        <div style={{ width: `${share * 100}%` }} />
      </div>
      <span className={styles.left} title={left || state.visible}>
        {left || state.visible}
      </span>
      <Spoken
        state={state.spoken}
        text={`Step ${whole(step)} of ${whole(total)}${left ? `, ${left}` : ''}.`}
      />
    </div>
  );
}

type Shown = RunView | AnomalyView | null;

/** The run that the page shows, of either kind. */
function shownOf(state: AppState): Shown {
  return state.anomaly ?? shownRun(state);
}

function stepsOf(run: Shown): number | null {
  if (run === null) return null;
  const { recipe } = run;
  return 'arms' in recipe ? recipe.student.steps + recipe.segmentation.steps : recipe.steps;
}

function leftOf(run: Shown, speed: Speed): string {
  const going = run?.phase === 'running' && run.working === null && run.id !== RECORDED;
  return going && run.progress ? timeLeft(secondsLeft(run.progress, speed)) : '';
}

function shareOf(run: Shown): number {
  if (run === null) return 0;
  if (run.working) return run.working.share;
  return run.progress ? run.progress.step / run.progress.steps : 0;
}

const words = new Map<string, { visible: string; spoken: string }>();

/** One object for each pair of words, so that an unchanged state draws nothing again. */
function stateWords(state: AppState): { visible: string; spoken: string } {
  const [visible, spoken] = sayState(state);
  const key = `${visible}\n${spoken}`;
  const known = words.get(key) ?? { visible, spoken };
  words.set(key, known);
  return known;
}

/** The page's state in a few words: beside the counter, and as it is spoken. */
export function sayState(state: AppState): [string, string] {
  if (state.worker === 'lost') return ['stopped', 'Training stopped.'];
  const run = shownOf(state);
  if (state.showing === 'recorded') return ['recorded', 'Showing a recorded run.'];
  if (state.worker === 'starting')
    return state.intent
      ? ['starts after the device check', 'Training starts after the device check.']
      : ['checking the device', 'Checking which device can train here.'];
  const coming = comingOf(state);
  if (!run) return coming ? sayWork(coming) : sayNoRun(state);
  switch (run.phase) {
    case 'preparing':
      return run.working ? sayWork(run.working) : ['Preparing', 'Preparing.'];
    case 'ready':
      return ['ready', 'Ready.'];
    case 'running':
      return run.working ? sayWork(run.working) : ['', 'Training.'];
    case 'paused':
      return run.progress && run.progress.step > 0 ? ['paused', 'Paused.'] : ['ready', 'Ready.'];
    case 'done':
      return ['done', 'Done.'];
    case 'stopped':
      return ['stopped', 'Stopped.'];
    case 'failed':
      return ['failed', 'The run failed.'];
  }
}

/** What is said before there is a run. */
function sayNoRun(state: AppState): [string, string] {
  return lacksFiles(state) ? ['waits for files', 'Waits for files.'] : ['ready', 'Ready.'];
}

function sayWork({
  what,
  share,
  secondsLeft = null,
}: {
  readonly what: string;
  readonly share: number;
  readonly secondsLeft?: number | null;
}): [string, string] {
  const left = timeLeft(secondsLeft);
  return [`${what} ${percent(share, 0)}${left && `, ${left}`}`, `${what}.`];
}

function Spoken({ state, text }: { state: string; text: string }) {
  const [said, setSaid] = useState('');
  const latest = useRef('');
  useEffect(() => {
    latest.current = `${state} ${text}`;
  }, [state, text]);
  useEffect(() => {
    const say = () => setSaid(latest.current);
    say();
    const timer = setInterval(say, SPEAK_MS);
    return () => clearInterval(timer);
  }, [state]);
  return (
    <p role="status" aria-label="Status" className={ui.hidden}>
      {said}
    </p>
  );
}

/** Progress in the tab's title, for when the tab is not in front. */
function useTitle(step: number, total: number): void {
  useEffect(() => {
    document.title =
      step > 0 && step < total ? `${step}/${total} · Extracurricular` : 'Extracurricular';
  }, [step, total]);
}
