import { describe, expect, test } from 'vitest';
import { arrowProblem } from '../../scripts/lint/arrows.mjs';

describe('the import arrows', () => {
  test.each([
    ['src/app/main.tsx', '../worker/client'],
    ['src/app/main.tsx', '../recipe/fields'],
    ['src/app/panels/Results.tsx', '../../charts/Curves'],
    ['src/app/main.tsx', 'react-dom/client'],
    ['src/app/main.tsx', './app.css'],
    ['src/charts/decimate.ts', '../worker/protocol'],
    ['src/worker/client.ts', './worker.ts?worker&url'],
    ['src/worker/client-reading.ts', './reader.ts?worker&url'],
    ['src/worker/protocol-reading.ts', '../upload/given'],
    ['src/worker/reading.ts', '../upload/read'],
    ['src/worker/host.ts', '../train/run'],
    ['src/train/run.ts', '../methods/registry'],
    ['src/methods/kd.ts', '../gpu/ops/losses'],
    ['src/gpu/device.ts', '@tensorflow/tfjs'],
    ['src/recipe/schema.ts', 'valibot'],
    ['cli/distill.ts', '../src/train/run'],
  ])('%s may import %s', (file, specifier) => {
    expect(arrowProblem(file, specifier)).toBeNull();
  });

  test.each([
    ['src/app/main.tsx', '../train/run'],
    ['src/app/main.tsx', '../worker/host'],
    ['src/app/main.tsx', '@tensorflow/tfjs'],
    ['src/charts/Curves.tsx', '../gpu/device'],
    ['src/lessons/first.ts', '../app/state'],
    ['src/worker/client.ts', './host'],
    ['src/worker/client-reading.ts', '../upload/read'],
    ['src/upload/read.ts', '../worker/reading'],
    ['src/upload/read.ts', '../tasks/registry'],
    ['src/worker/client.ts', '../train/run'],
    ['src/worker/protocol.ts', '../train/events'],
    ['src/train/run.ts', '../worker/host'],
    ['src/train/run.ts', 'react'],
    ['src/methods/kd.ts', '../samplers/cutmix'],
    ['src/gpu/device.ts', '../train/run'],
    ['src/tasks/spiral.ts', '@tensorflow/tfjs'],
    ['src/recipe/schema.ts', '../tasks/contract'],
    ['src/train/run.ts', 'node:fs'],
  ])('%s must not import %s', (file, specifier) => {
    expect(arrowProblem(file, specifier)).toContain('must not');
  });
});
