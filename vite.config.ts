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
 * What the worker takes of TensorFlow.js: operations, gradients and the backend in plain JavaScript. The umbrella package
 * would also bring layers, converter, data and WebGL, which say that they have side effects and cannot be left out; WebGL
 * is loaded where it is started (src/gpu/backend.ts), and so has to be what else is needed once.
 */
function leanTensorFlow(): Plugin {
  const id = '\0tensorflow';
  return {
    name: 'lean-tensorflow',
    enforce: 'pre',
    resolveId: (source) => (source === '@tensorflow/tfjs' ? id : null),
    load: (found) =>
      found === id
        ? [
            "import '@tensorflow/tfjs-core/dist/register_all_gradients';",
            "import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';",
            "import '@tensorflow/tfjs-backend-cpu';",
            "export * from '@tensorflow/tfjs-core';",
          ].join('\n')
        : null,
  };
}

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
    plugins: () => [leanTensorFlow()],
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[name].worker-[hash].js',
        // Else what WebGL shares with the rest would go to WebGL's file, which would then be loaded at once.
        codeSplitting: {
          groups: [
            { name: 'core', test: /@tensorflow[\\/]tfjs-(core|backend-cpu)[\\/]/, priority: 2 },
            { name: 'webgl', test: /@tensorflow[\\/]tfjs-backend-webgl[\\/]/, priority: 1 },
          ],
        },
      },
    },
  },
  // The worker is named by its address, which the search for packages to bundle does not follow.
  optimizeDeps: { entries: ['index.html', 'src/worker/worker.ts'] },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
});
