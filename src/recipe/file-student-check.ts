import type { Catalogue, MethodEntry, Student } from './recipe';

/** Why a student whose architecture is a file's cannot learn as the recipe says. */
export function fileStudentProblems(
  key: string,
  { name, file, compression }: Student,
  method: MethodEntry,
  values: boolean,
  catalogue: Catalogue,
): string[] {
  if (!file) return [];
  const problems: string[] = [];
  const who = `${key}.file ("${file.name}")`;
  if ((file.meaning.answers.kind === 'values') !== values)
    problems.push(
      values
        ? `${who} answers with classes, and the task asks for real values.`
        : `${who} answers with real values, and the task asks for classes.`,
    );
  if (method.needs.taps && Object.keys(file.meaning.taps).length === 0)
    problems.push(
      `${who} names no inner values, and ${method.title} looks at them; choose some, or another method.`,
    );
  const smaller = catalogue.compressions.find(({ id }) => id === compression?.id);
  if (smaller?.kind === 'rebuild')
    problems.push(
      `${key} (${name}): ${smaller.title} rebuilds the networks that it knows, and this one is from a file; choose another compression.`,
    );
  return problems;
}
