import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import type { Recipe, TeacherCard } from '../../src/recipe/recipe';

/** How many training examples students and teacher learnt from; null where nobody knows. */
interface Seen {
  readonly students: number;
  readonly teacher: number | null;
  /** True where the teacher's are the students' own. */
  readonly same: boolean;
}

/** @param cards of the bundled teachers */
function seenOf({ transfer, teacher }: Recipe, cards: readonly TeacherCard[]): Seen {
  if (teacher.source === 'train') return { students: transfer, teacher: transfer, same: true };
  const card = teacher.source === 'bundled' ? cards.find(({ id }) => id === teacher.id) : undefined;
  return { students: transfer, teacher: card?.examples ?? null, same: false };
}

/** "students saw 500 training examples, the teacher 12,000": it belongs beside every figure of a run. */
export function seenInWords(
  recipe: Recipe | AnomalyRecipe,
  cards: readonly TeacherCard[],
): string | null {
  if ('arms' in recipe) return null;
  const { students, teacher, same } = seenOf(recipe, cards);
  const count = (n: number) => n.toLocaleString('en');
  if (same) return `students and teacher saw the same ${count(students)} training examples`;
  const own = `students saw ${count(students)} training examples`;
  if (teacher === null) return `${own}; how many the teacher saw is not known`;
  return `${own}, the teacher ${count(teacher)}`;
}
