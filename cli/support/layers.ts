import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { UserError } from '../../src/recipe/errors';
import type { Layers } from '../../src/recipe/layers';
import { layersSchema } from '../../src/recipe/teacher-schema';
import { shown } from '../../src/upload/refuse';

const FORM =
  'It holds {"input": [height, width, channels] or [numbers], "steps": [{"op": "conv", "name": "conv1", "padding": 1}, {"op": "activation", "kind": "relu"}, {"op": "pool", "kind": "max", "size": 2}, {"op": "flatten"}, {"op": "dense", "name": "fc1"}, ...]}; npm run teacher -- FILE --out report.json writes what was found as "assembly".';

/**
 * How the weights of a file are put together, from a JSON file that a person wrote.
 *
 * @throws UserError where it cannot be read, or is not of that form
 */
export function layersFile(path: string): Layers {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UserError(
      'E_USAGE',
      `${shown(path, 200)} cannot be read as layers: ${shown((cause as Error).message, 200)}.`,
      FORM,
      { cause },
    );
  }
  const { success, output, issues } = v.safeParse(layersSchema, json);
  if (success) return output;
  const [issue] = issues;
  const at = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  throw new UserError(
    'E_USAGE',
    `${shown(path, 200)} cannot be read as layers: ${at === '' ? 'it' : shown(at)} has to be ${issue.message}.`,
    FORM,
  );
}
