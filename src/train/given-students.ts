import { drawWeights } from '../models/net/draw';
import type { Weights } from '../models/net/draw';
import { sizeOf, weightsOf } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import { UserError } from '../recipe/errors';
import type { FileStudent } from '../recipe/meaning';
import type { Recipe } from '../recipe/recipe';
import { outputsOf } from '../tasks/contract';
import type { TaskData } from '../tasks/contract';
import { givenNetwork } from './given-network';
import type { Uploaded } from './given-network';

/** A network from a file, adapted to the task, that a student starts as. */
export interface GivenStudent {
  readonly graph: Graph;
  /** All of its weights, or its constants alone where the others are drawn. */
  readonly weights: Weights;
  /** What a person should know of it, as sentences: what was changed, and what does not learn. */
  readonly remarks: readonly string[];
}

/** Those of a run, by `givenKey`. */
export type GivenStudents = ReadonlyMap<string, GivenStudent>;

export const givenKey = (file: FileStudent): string => JSON.stringify(file);

/** Numbers of all values of a training batch: 1 GiB as float32, and as much again for their gradients. */
const ROOM = 256 * 1024 * 1024;

/**
 * The architectures from files that a recipe's students have.
 *
 * @throws UserError where a file is not here, does not fit, or is too large to be trained
 */
export async function loadGivenStudents(
  recipe: Pick<Recipe, 'students' | 'batch'>,
  data: TaskData,
  around: Uploaded,
): Promise<GivenStudents> {
  const found = new Map<string, GivenStudent>();
  for (const { file } of recipe.students) {
    if (!file || found.has(givenKey(file))) continue;
    const held = givenNetwork(file, 'student', around);
    // Fetched when they are first asked for: most visitors bring no network.
    const { adapt } = await import('../upload/inspect/adapt');
    const { fitted } = await import('../upload/inspect/fresh');
    const { formed } = await import('../upload/plain/build');
    const { activationsOf } = await import('./inspect/body');
    const fresh = file.weights === 'fresh';
    const { layers, ...meaning } = file.meaning;
    const net = formed(held, layers);
    const fit = fresh ? fitted(net, data, meaning.output) : null;
    const { output, answers } = { ...meaning, ...fit };
    const { graph, weights } = adapt(fit?.net ?? net, data, { ...meaning, output, answers });
    const { batch } = recipe;
    if (activationsOf(graph) * batch > ROOM)
      throw new UserError(
        'E_STUDENT_TOO_LARGE',
        `${file.name} cannot be trained with a batch of ${batch}: what it computes in one step would not fit into memory.`,
        'Make the batch smaller, or choose a smaller network.',
      );
    if (!weightsOf(graph).some(({ trainable }) => trainable))
      throw new UserError(
        'E_STUDENT_FIXED',
        `${file.name} has no weights that could learn: all of its numbers are constants.`,
        'Choose another network, or a model of the catalogue.',
      );
    found.set(givenKey(file), {
      graph,
      weights: fresh ? constantsOf(graph, weights) : weights,
      remarks: remarksOf(file, graph, fit?.before ?? null, outputsOf(data)),
    });
  }
  return found;
}

/** What a student starts from: the weights that are given, all others drawn. */
export function startOf({ graph, weights }: GivenStudent, seed: number): Weights {
  return new Map([...drawWeights(graph, seed), ...weights]);
}

function constantsOf(graph: Graph, weights: Weights): Weights {
  const names = weightsOf(graph).filter(({ role }) => role === 'constant');
  return new Map(names.map(({ name }) => [name, weights.get(name) as Float32Array]));
}

function remarksOf(
  { name }: FileStudent,
  graph: Graph,
  before: number | null,
  outputs: number,
): readonly string[] {
  const remarks: string[] = [];
  if (before !== null)
    remarks.push(
      `The last layer of ${name} had ${before} outputs; one with ${outputs} takes its place, for what the task asks.`,
    );
  // What stands before and after the file's own layers was never meant to learn.
  const literals = graph.nodes.filter((node) => node.op === 'literal' && !isOurs(node.name));
  const numbers = literals.reduce(
    (sum, node) => sum + (node.op === 'literal' ? sizeOf(node.shape) : 0),
    0,
  );
  if (numbers > 0)
    remarks.push(
      `${numbers.toLocaleString('en')} numbers of ${name} are constants in its file, not weights of a layer: they stay as they are.`,
    );
  return remarks;
}

/** Nodes that adapting puts in front of and behind the file's own. */
const isOurs = (node: string): boolean => node.startsWith('given.');
