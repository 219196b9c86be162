import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import { layersWords } from '../../src/recipe/layers';
import type { Meaning } from '../../src/recipe/meaning';
import type { TaskData } from '../../src/tasks/contract';
import { tasks } from '../../src/tasks/registry';
import { twoParts } from '../../src/train/inspect/examples';
import { inspect } from '../../src/train/inspect/inspect';
import { Teacher } from '../../src/train/teacher';
import { fromBytes } from '../../src/upload/bytes';
import type { ReadNetwork } from '../../src/upload/given';
import { adapt } from '../../src/upload/inspect/adapt';
import { readSafetensorsFile } from '../../src/upload/safetensors/read';
import { turned } from '../../src/upload/torch/architectures/layers';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, student } from '../support/recipes';

beforeAll(useCpu);

const recipe = recipeOf([student(choose('method', 'kd'))]);
const quiet = { progress: () => undefined, pause: () => Promise.resolve() };
const asked = (net: ReadNetwork, data: TaskData, corrections: Partial<Meaning> = {}) =>
  inspect(net, 'ab'.repeat(32), data, recipe, corrections, quiet);

/** The spiral's teacher, with tanh between its layers, as a state dict whose names say nothing. */
function nameless(): Promise<ReadNetwork> {
  const { tensors } = readSafetensors(readFileSync('public/teachers/spiral.safetensors'), 'spiral');
  const renamed = [...tensors].map(([name, tensor]) => {
    const own = tensor.shape.length === 2 ? turned(tensor, [1, 0]) : tensor;
    return [name.replace('hidden', 'part').replace('head', 'last'), own] as const;
  });
  const bytes = writeSafetensors({ tensors: new Map(renamed), metadata: {} });
  return readSafetensorsFile(fromBytes('nameless.safetensors', bytes), [], quiet);
}

async function spiral(): Promise<TaskData> {
  return tasks
    .get('spiral')
    .load({ points: 300, noise: 0.16 }, { trainCount: 300, seed: 1, sources: [], ...quiet });
}

describe('weights that say nothing of what stands between them', () => {
  it('get the activation that labelled examples speak for; its score is that of others', async () => {
    const [net, data] = [await nameless(), await spiral()];
    expect(layersWords(net.plain!.layers)).toContain('part1 → ReLU');
    const report = await asked(net, data);
    const { by, tried, verified, parts } = report.assembly!;
    expect([by, verified]).toEqual(['trying', true]);
    expect(layersWords(report.meaning.layers!)).toContain('part1 → tanh → part2 → tanh → last');
    expect(tried[0]!.layers).toEqual(report.meaning.layers);
    expect(tried.length).toBeGreaterThan(3);
    expect(parts.map(({ name }) => name)).toEqual(['part1', 'part2', 'last']);
    const { judged } = twoParts(data);
    expect([tried[0]!.images, report.images]).toEqual([judged.count, judged.count]);
    expect(tried[0]!.score).toBe(report.accuracy);
    expect(report.accuracy).toBeGreaterThan(0.9);
  });

  it('are put together the same way again by what stands in a recipe', async () => {
    const [net, data] = [await nameless(), await spiral()];
    const { meaning, accuracy } = await asked(net, data);
    const again = await asked(net, data, { layers: meaning.layers! });
    expect([again.assembly!.by, again.accuracy]).toEqual(['person', accuracy]);
    const { graph, weights } = adapt(net, data, JSON.parse(JSON.stringify(meaning)) as Meaning);
    const teacher = new Teacher('again', graph, weights);
    const examples = twoParts(data).judged;
    const logits = teacher.ask(examples.inputs(0, examples.count)).arraySync() as number[][];
    const right = logits.filter((row, i) => row.indexOf(Math.max(...row)) === examples.labels[i]);
    expect(right.length / examples.count).toBe(again.accuracy);
    teacher.dispose();
  });

  it('that answer nothing are said not to be verified, with what was taken', async () => {
    const [net, data] = [await nameless(), await spiral()];
    const y = data.validation.y.map((label) => 1 - label);
    const weights = new Map(
      [...net.plain!.tensors].map(([name, { shape, values }]) => [
        name,
        { shape, values: name === 'last.weight' ? values.map(() => 0) : values },
      ]),
    );
    const dull = { ...net, plain: { ...net.plain!, tensors: weights } };
    const report = await asked(dull, { ...data, validation: { ...data.validation, y } });
    expect(report.assembly!.verified).toBe(false);
    expect(report.warnings[0]).toMatch(/^Not verified: put together so, 2 → part1 → /);
  });

  it('a person’s layers that do not fit are refused before anything is tried', async () => {
    const [net, data] = [await nameless(), await spiral()];
    const { layers } = net.plain!;
    const short = { ...layers, steps: layers.steps.slice(0, 2) };
    await expect(asked(net, data, { layers: short })).rejects.toThrow(/part2 is not used/);
  });

  it('halves of the examples share none', async () => {
    const data = await spiral();
    const rows = (half: 'tried' | 'judged') => {
      const examples = twoParts(data)[half];
      return new Set((examples.inputs(0, examples.count).arraySync() as number[][]).map(String));
    };
    const fitted = rows('tried');
    expect([...rows('judged')].filter((row) => fitted.has(row))).toEqual([]);
  });
});
