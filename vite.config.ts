import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { securityHeaders } from './src/security-headers';

export default defineConfig({
  // Relative addresses: the build may be put into any folder.
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    // No data: scripts and no inline polyfill, which the Content-Security-Policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ }],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', headers: securityHeaders('dev') },
  preview: { host: '127.0.0.1', headers: securityHeaders('production') },
});
