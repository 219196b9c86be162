import { readFileSync, readdirSync } from 'node:fs';
import type { Catalogue, Choice, TeacherCard } from '../../src/recipe/recipe';
import { catalogueOf } from '../../src/train/catalogue';

const FOLDER = 'recipes/teachers';

/** Cards of the teachers that recipes/teachers describes, whether they have been trained yet or not. */
function cards(): TeacherCard[] {
  return readdirSync(FOLDER).map((file) => {
    const recipe = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as {
      title: string;
      task: Choice;
      model: Choice;
    };
    return {
      id: file.replace(/\.json$/, ''),
      title: recipe.title,
      task: recipe.task,
      model: recipe.model,
      parameters: 1,
      macs: 1,
      examples: 0,
      data: '',
      accuracy: {},
      sha256: '',
      bytes: 0,
    };
  });
}

/** Everything that a recipe may name. */
export const catalogue: Catalogue = catalogueOf(cards());
