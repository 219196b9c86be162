import * as v from 'valibot';
import type { Graph } from '../../../models/net/graph';
import { models } from '../../../models/registry';
import type { Choice } from '../../../recipe/recipe';
import { choiceSchema } from '../../../recipe/schema-parts';
import { LIMITS } from '../../limits';
import type { Told } from './contract';
import { checkedGraph, graphSchema } from './own-graph';

/** Reads what files of ours say of themselves (src/export/student.ts): JSON under a few keys of free text. */

const channels = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(64));
const normalisationSchema = v.object({
  scale: v.pipe(v.number(), v.finite()),
  mean: channels,
  std: v.pipe(
    channels,
    v.everyItem((value) => value > 0),
  ),
});
const classesSchema = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(LIMITS.nameLength))),
  v.minLength(1),
  v.maxLength(65_536),
);
const inputSchema = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096))),
  v.minLength(1),
  v.maxLength(3),
);

/** Which of our models with which parameters; null where it is not said, or no such model is known. */
export function modelOf(metadata: ReadonlyMap<string, string>): Choice | null {
  return parsed(metadata.get('model'), choiceSchema(models.all())) as Choice | null;
}

export function inputOf(metadata: ReadonlyMap<string, string>): readonly number[] | null {
  return parsed(metadata.get('input'), inputSchema);
}

/** The graph that a student's file holds; null where it holds none that fits together. */
export function graphIn(metadata: ReadonlyMap<string, string>): Graph | null {
  const input = inputOf(metadata);
  const found = parsed(metadata.get('graph'), graphSchema);
  return input && found ? checkedGraph(input, found) : null;
}

export function toldOf(metadata: ReadonlyMap<string, string>): Told {
  return {
    classes: parsed(metadata.get('classes'), classesSchema),
    normalisation: parsed(metadata.get('normalisation'), normalisationSchema),
  };
}

function parsed<S extends v.GenericSchema>(
  text: string | undefined,
  schema: S,
): v.InferOutput<S> | null {
  if (text === undefined || text.length > LIMITS.jsonBytes) return null;
  try {
    const found = v.safeParse(schema, JSON.parse(text));
    return found.success ? found.output : null;
  } catch {
    return null;
  }
}
