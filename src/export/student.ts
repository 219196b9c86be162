import type { Weights } from '../models/net/draw';
import { weightsOf } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import { writeSafetensors } from '../models/net/safetensors';
import type { FileStudent } from '../recipe/meaning';
import type { Choice } from '../recipe/recipe';
import type { TaskSide } from '../recipe/task-side';

/** The form of the text beside the weights. */
export const STUDENT_VERSION = 1;

/** What has to be known of the data that it learnt from. */
type TaughtData = Omit<TaskSide, 'shape'>;

/** A trained student, with what somebody has to know who uses it elsewhere. */
export interface TrainedStudent {
  readonly name: string;
  readonly model: Choice;
  /** The network from a file in the model's place. */
  readonly file?: FileStudent;
  readonly task: Choice;
  readonly method: Choice;
  /** The network as it stands: not the model's own where a compression has rebuilt it. */
  readonly graph: Graph;
  readonly weights: Weights;
  readonly data: TaughtData;
}

/**
 * A student as safetensors bytes. Weights are in this project's layouts: [height, width, channels in, filters] of a
 * convolution, [features, units] of a dense layer. Everything else is JSON in the metadata: model and parameters (or the file that it is from), task,
 * method, shape of an input, normalisation, names of the classes or the targets, and the graph itself.
 *
 * @throws Error where a weight is missing
 */
export function studentFile({
  name,
  model,
  file,
  task,
  method,
  graph,
  weights,
  data,
}: TrainedStudent): Uint8Array {
  const tensors = new Map(
    weightsOf(graph).map((spec) => {
      const values = weights.get(spec.name);
      if (!values) throw new Error(`the student's weight ${spec.name} is missing`);
      return [spec.name, { shape: spec.shape, values }] as const;
    }),
  );
  const said = {
    version: STUDENT_VERSION,
    // Its model is not what it is then.
    ...(file
      ? { architecture: { name: file.name, sha256: file.sha256, weights: file.weights } }
      : { model }),
    task,
    method,
    input: graph.input,
    normalisation: data.normalisation,
    ...(data.targets ? { targets: data.targets } : { classes: data.classes }),
    graph: { nodes: graph.nodes, output: graph.output, taps: graph.taps },
  };
  const metadata: Record<string, string> = { format: 'extracurricular', title: name };
  for (const [key, value] of Object.entries(said)) metadata[key] = JSON.stringify(value);
  return writeSafetensors({ tensors, metadata });
}

/** The name of a student's file: "2-kd-cutmix.safetensors". @param place among the students, from 0 */
export function studentFileName(name: string, place: number, seed: number | null): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const parts = [String(place + 1), plain, ...(seed === null ? [] : [`seed${seed}`])];
  return `${parts.filter((part) => part !== '').join('-')}.safetensors`;
}
