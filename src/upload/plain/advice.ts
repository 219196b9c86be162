import type { LayerPart } from '../../recipe/layers';
import { partsOf } from './parts';

/**
 * How a network is exported with its operations, with an input of *this* file: its channels and the likely side, or the
 * count of its numbers. PyTorch has images with their channels first.
 *
 * @param shapes of the file's tensors by name
 */
export function exportAdvice(shapes: ReadonlyMap<string, readonly number[]>): string {
  const input = inputOf(partsOf(shapes).parts);
  const axes = input ?? [1, 3, 32, 32];
  const what = axes.length === 2 ? 'the count of its inputs' : 'the side of its images';
  const unsure =
    input === null
      ? ', with the shape of one of its inputs in place of 1, 3, 32, 32'
      : axes.length === 2
        ? ''
        : `, with ${what} in place of ${axes[2]}`;
  return `Export the network with its operations from Python: model.eval(); torch.onnx.export(model, torch.zeros(${axes.join(', ')}), "model.onnx")${unsure}; give model.onnx here.`;
}

/** What is advised where nothing of a network could be read: a way that never ends in another refusal comes first. */
export const EXPORT = `${exportAdvice(new Map())} Weights alone, torch.save(model.state_dict(), "weights.pth"), are enough where its layers follow one another, or where its names are those of a known network.`;

/** The shape of one input in PyTorch's order, as far as the first layer shows it. */
function inputOf(parts: readonly LayerPart[]): readonly number[] | null {
  const first = parts.find(({ op }) => op === 'conv' || op === 'dense');
  if (first?.op === 'dense') return [1, first.features];
  if (first?.op !== 'conv') return null;
  // The first of a file is that of the network in all but a few; what reads one or three channels is it surely.
  const entry =
    parts.find((part) => part.op === 'conv' && (part.within === 1 || part.within === 3)) ?? first;
  const channels = entry.op === 'conv' ? entry.within : 3;
  const side = channels === 1 ? 28 : 32;
  return [1, channels, side, side];
}
