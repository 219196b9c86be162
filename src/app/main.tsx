import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { BackendName } from '../recipe/device';
import { defaultPreset } from '../recipe/presets';
import { startWorker } from '../worker/client';
import { App } from './App';
import { PageProvider } from './context';
import { droppedFiles } from './own/files';
import { Session } from './session';
import { initialState } from './state';
import { ErrorBoundary } from './states/ErrorBoundary';
import { createStore } from './store';
import { DROP_UNREAD } from './words/notices';

const BACKENDS: readonly BackendName[] = ['webgpu', 'webgl', 'wasm', 'cpu'];

/** The worker asks the GPU thoroughly; this guess only decides which recorded run is shown meanwhile. */
async function guessDevice(): Promise<'gpu' | 'cpu'> {
  const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), 400));
  try {
    const adapter = await Promise.race([navigator.gpu?.requestAdapter(), patience]);
    return adapter && !adapter.info.isFallbackAdapter ? 'gpu' : 'cpu';
  } catch {
    return 'cpu';
  }
}

function askedBackend(): BackendName | null {
  const asked = new URLSearchParams(location.search).get('backend');
  return BACKENDS.find((name) => name === asked) ?? null;
}

/** How often a replayed step is taken both ways, where the address asks for it: ?audit=100 (docs/engine.md). */
function askedAudit(): { audit?: number } {
  const asked = Number(new URLSearchParams(location.search).get('audit') ?? 0);
  return Number.isSafeInteger(asked) && asked > 0 ? { audit: asked } : {};
}

const store = createStore(initialState(defaultPreset('gpu').recipe));
const session = new Session(store, {
  connect: startWorker,
  reader: async () => {
    const { readInWorker } = await import('../worker/client-reading');
    return (files, kind, progress) => readInWorker(files, kind, { progress });
  },
  backend: askedBackend(),
  ...askedAudit(),
  base: new URL('.', document.baseURI).href,
  lessMotion: matchMedia('(prefers-reduced-motion: reduce)').matches,
  setHash: (hash) => history.replaceState(null, '', `#${hash}`),
});

// A file that misses its place must not replace the page, and is taken all the same.
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer)
    void droppedFiles(event.dataTransfer).then(
      (files) => session.dropFiles(files),
      () => store.dispatch({ type: 'notice', notice: DROP_UNREAD }),
    );
});
addEventListener('hashchange', () => session.openLink(location.hash));

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root element');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <PageProvider page={{ store, session }}>
        <App />
      </PageProvider>
    </ErrorBoundary>
  </StrictMode>,
);
void guessDevice().then((guess) => session.begin(location.hash, guess));
