import { createContext, use, useSyncExternalStore, type ReactNode } from 'react';
import type { StageSample } from '../worker/protocol';
import type { InputKind } from '../recipe/recipe';
import type { PanelData } from './panels';
import type { RunView } from './run';
import type { Session } from './session';
import { asksValues, kindShown, shownRun, type AppState } from './state';
import type { Store } from './store';

interface Page {
  readonly store: Store;
  readonly session: Session;
}

const PageContext = createContext<Page | null>(null);

export function PageProvider({ page, children }: { page: Page; children: ReactNode }) {
  return <PageContext value={page}>{children}</PageContext>;
}

function usePage(): Page {
  const page = use(PageContext);
  if (!page) throw new Error('a panel was drawn outside the page');
  return page;
}

export function useSession(): Session {
  return usePage().session;
}

export function useDispatch(): Store['dispatch'] {
  return usePage().store.dispatch;
}

/** A part of the state. The selector must give the same object as long as that part is the same. */
export function useApp<T>(select: (state: AppState) => T): T {
  const { store } = usePage();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** A part of the run that the panels show; null where there is none. */
export function useRun<T>(select: (run: RunView) => T): T | null {
  return useApp((state) => {
    const run = shownRun(state);
    return run ? select(run) : null;
  });
}

/** What kind of inputs the task on the page has; null where that is not known yet. */
export function useTaskKind(): InputKind | null {
  return useApp(kindShown);
}

/** Whether that task asks for real values and not for classes. */
export function useAsksValues(): boolean {
  return useApp(asksValues);
}

/** Curves and board of the run that the panels show. */
export function usePanelData(): PanelData {
  const { session } = usePage();
  const showing = useApp((state) => state.showing);
  return showing === 'recorded' ? session.recorded : session.live;
}

/** The sampled questions on the board, newest first. */
export function useBoard(): readonly StageSample[] {
  const { feed } = usePanelData();
  return useSyncExternalStore(feed.subscribe, feed.snapshot);
}
