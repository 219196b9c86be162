import { shapesOf, sizeOf } from '../../models/net/graph';
import type { Catalogue } from '../../recipe/recipe';
import { presets } from '../../recipe/presets';
import type { ReadNetwork } from '../../upload/given';
import { fitOf } from '../../upload/inspect/shape';

/** Most presets that are offered. */
const MOST = 3;

/**
 * Presets whose task could ask a network: its inputs can be brought to the network, and one of its outputs has a place
 * for each class or value. Those with inputs of the very same shape come first; whether it has learnt their task only
 * examples can tell.
 *
 * @returns ids, at most three
 */
export function fittingPresets(net: ReadNetwork, catalogue: Catalogue): readonly string[] {
  const { graph } = net;
  const shapes = shapesOf(graph);
  const sizes = net.outputs.map((name) => sizeOf(shapes.get(name) ?? []));
  const found = presets.flatMap(({ id, recipe }) => {
    const task = catalogue.tasks.find((entry) => entry.id === recipe.task.id);
    if (!task?.form) return [];
    const { shape, outputs } = task.form;
    const values = task.asks === 'values';
    if (!sizes.some((size) => size === outputs || (values && size === 2 * outputs))) return [];
    if (!readsInputs(graph.input, shape)) return [];
    return [{ id, task: JSON.stringify(recipe.task), same: String(shape) === String(graph.input) }];
  });
  // One preset for each task: the others differ in what the students do.
  const first = found.filter(({ task }, at) => found.findIndex((one) => one.task === task) === at);
  return first
    .toSorted((a, b) => Number(b.same) - Number(a.same))
    .slice(0, MOST)
    .map(({ id }) => id);
}

function readsInputs(wanted: readonly number[], shape: readonly number[]): boolean {
  const channels = Array.from({ length: shape.at(-1) ?? 1 }, () => 0);
  try {
    fitOf('', wanted, {
      shape,
      classes: [],
      normalisation: { scale: 1, mean: channels, std: channels },
    });
    return true;
  } catch {
    return false;
  }
}
