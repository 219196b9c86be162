import { defineConfig } from 'vitest/config';

/** Parts of the suite. Those with a GPU or a browser run one file at a time: both are slow and share two cores. */
const serial = { fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
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
          testTimeout: 180_000,
          hookTimeout: 120_000,
          ...serial,
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['tests/cli/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          ...serial,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/e2e/support/site.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          ...serial,
        },
      },
    ],
  },
});
