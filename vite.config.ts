import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Connect, Plugin } from 'vite';
import { securityHeaders } from './src/security-headers.ts';

/** Puts the security headers on every response, the ones for missing files included. */
function withSecurityHeaders(): Plugin {
  const use = (middlewares: Connect.Server, mode: 'dev' | 'production') => {
    const headers = new Map(Object.entries(securityHeaders(mode)));
    middlewares.use((_request, response, next) => {
      response.setHeaders(headers);
      next();
    });
  };
  return {
    name: 'security-headers',
    configureServer: ({ middlewares }) => use(middlewares, 'dev'),
    configurePreviewServer: ({ middlewares }) => use(middlewares, 'production'),
  };
}

/**
 * Parts of TensorFlow.js that are left out of the worker unless something of them is used: they do not say so
 * themselves. Whoever loads a layers model has to take the layers back in, which register themselves when loaded; the
 * WebGL backend is loaded where it is started (gpu/backend.ts).
 */
const UNUSED_TFJS = {
  test: /@tensorflow[\\/]tfjs-(layers|converter|data|backend-webgl)[\\/]/,
  sideEffects: false,
};

export default defineConfig({
  // Relative addresses: the build may be put into any folder.
  base: './',
  // A file that is not there is a 404, not the page.
  appType: 'mpa',
  plugins: [react(), withSecurityHeaders()],
  build: {
    target: 'es2022',
    // No data: scripts and no inline polyfill, which the Content-Security-Policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ }],
        },
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: { entryFileNames: 'assets/[name].worker-[hash].js' },
      treeshake: { moduleSideEffects: [UNUSED_TFJS] },
    },
  },
  // The worker is named by its address, which the search for packages to bundle does not follow.
  optimizeDeps: { entries: ['index.html', 'src/worker/worker.ts'] },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
});
