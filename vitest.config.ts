import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { findChromium, softwareVulkan } from './scripts/lib/chromium.mjs';

/** Parts of the suite. Those with a GPU or a browser run one file at a time: both are slow and share two cores. */
const serial = { fileParallelism: false, maxWorkers: 1, hookTimeout: 120_000 };

/** What tests are told: the folder of real data, the browser, and its software Vulkan driver for WebGPU in Node. */
async function environment() {
  const data = path.resolve(process.env['DATA_DIR'] ?? '../shared/data');
  const chromium = await findChromium();
  return {
    ...(existsSync(data) && { DATA_DIR: data }),
    ...(chromium && { CHROMIUM_PATH: chromium }),
    ...(process.env['VK_DRIVER_FILES'] === undefined && softwareVulkan(chromium)),
  };
}

export default defineConfig({
  test: {
    env: await environment(),
    // Advice to install another package, printed by every file that uses the cpu backend.
    onConsoleLog: (log) => !log.includes('running TensorFlow.js in Node.js'),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/{unit,contract,golden}/**/*.test.{ts,tsx}'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['tests/gpu/**/*.test.ts'],
          setupFiles: ['tests/support/webgpu-globals.ts'],
          testTimeout: 180_000,
          ...serial,
        },
      },
      {
        extends: true,
        test: { name: 'cli', include: ['tests/cli/**/*.test.ts'], testTimeout: 300_000, ...serial },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/e2e/support/site.ts'],
          testTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
          ...serial,
        },
      },
    ],
  },
});
