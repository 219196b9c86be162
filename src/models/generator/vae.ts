import { UserError } from '../../recipe/errors';
import { drawWeights } from '../net/draw';
import type { Weights } from '../net/draw';
import { GraphBuilder, sizeOf } from '../net/graph';
import type { Graph } from '../net/graph';

/** What a conditional variational autoencoder is made of. */
export interface GeneratorModel {
  /** Numbers of a latent. */
  readonly latent: number;
  /** Images: channels at a quarter, half and whole side. The plane: units of the hidden layers. */
  readonly widths: readonly number[];
}

/** The architecture by the shape of an input. */
export function defaultGenerator(shape: readonly number[]): GeneratorModel {
  return shape.length === 3 ? { latent: 32, widths: [16, 16, 8] } : { latent: 1, widths: [16, 16] };
}

/**
 * The decoder: [latent + classes] (a latent and one-hot classes, or a mixture of two such codes) -> an input of the task
 * in normalised units. For images a dense layer to a quarter of the side, two upsampling convolutions, and one to the
 * channels; the output is linear, since the likelihood is Gaussian.
 *
 * @throws UserError where the sides of the images cannot be halved twice
 */
export function decoderOf(
  shape: readonly number[],
  classes: number,
  { latent, widths }: GeneratorModel,
): Graph {
  const b = new GraphBuilder();
  const input = [latent + classes];
  if (shape.length !== 3) {
    let at = 'input';
    for (const [i, units] of widths.entries())
      at = b.activate('tanh', `hidden${i + 1}.out`, b.dense(`hidden${i + 1}`, at, units));
    return { input, nodes: b.nodes, output: b.dense('out', at, sizeOf(shape)), taps: {} };
  }
  const [height, width, channels] = shape as [number, number, number];
  if (height % 4 !== 0 || width % 4 !== 0)
    throw new UserError(
      'E_GENERATOR',
      `A generator cannot make images of ${width} by ${height} pixels: their sides must be multiples of four.`,
      'Choose another sampler.',
    );
  const [first = 16, second = 16, third = 16] = widths;
  const quarter = [height / 4, width / 4, first];
  let at = b.activate('relu', 'start.out', b.dense('start', 'input', sizeOf(quarter)));
  at = b.reshape('quarter', at, quarter);
  for (const [name, filters] of [
    ['half', second],
    ['whole', third],
  ] as const) {
    const conv = b.conv(`${name}.conv`, b.upsample(`${name}.up`, at), filters, 3, 1);
    at = b.activate('relu', `${name}.out`, b.norm(`${name}.norm`, conv));
  }
  return { input, nodes: b.nodes, output: b.conv('out', at, channels, 3, 1), taps: {} };
}

/** The encoder, which is dropped after training: an input -> means and log variances of its latents, [2 latent]. */
export function encoderOf(shape: readonly number[], { latent, widths }: GeneratorModel): Graph {
  const b = new GraphBuilder();
  let at = 'input';
  if (shape.length !== 3) {
    for (const [i, units] of widths.entries())
      at = b.activate('tanh', `hidden${i + 1}.out`, b.dense(`hidden${i + 1}`, at, units));
    return { input: shape, nodes: b.nodes, output: b.dense('head', at, 2 * latent), taps: {} };
  }
  let [height, width] = shape as [number, number, number];
  const filters = [...widths].reverse();
  for (const [i, count] of filters.entries()) {
    const conv = b.conv(`layer${i + 1}.conv`, at, count, 3, 2);
    at = b.activate('relu', `layer${i + 1}.out`, b.norm(`layer${i + 1}.norm`, conv));
    height = Math.ceil(height / 2);
    width = Math.ceil(width / 2);
  }
  at = b.reshape('flat', at, [height * width * (filters.at(-1) as number)]);
  return { input: shape, nodes: b.nodes, output: b.dense('head', at, 2 * latent), taps: {} };
}

/**
 * Initial weights. The last layers start small: latents near the prior's, outputs near the mean of the data, which is
 * what an untrained network should answer.
 */
export function drawSmall(graph: Graph, seed: number): Weights {
  const weights = new Map(drawWeights(graph, seed));
  const name = `${graph.output}.weight`;
  weights.set(
    name,
    (weights.get(name) as Float32Array).map((value) => 0.1 * value),
  );
  return weights;
}
