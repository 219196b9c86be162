import { readFileSync } from 'node:fs';
import { UserError } from '../../src/recipe/errors';

/** A recipe's file as it stands, not checked. @throws UserError where it cannot be read or is no JSON */
export function readRecipe(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new UserError(
      'E_RECIPE_FILE',
      `The recipe ${file} could not be read: ${(cause as Error).message}.`,
      'A recipe is a JSON file; recipes/ holds examples.',
      { cause },
    );
  }
}
