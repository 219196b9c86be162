import type { Path, Problem } from './problem';
import type { Catalogue, MethodEntry, Student } from './recipe';

/** Why a student whose architecture is a file's cannot learn as the recipe says. */
export function fileStudentProblems(
  key: Path,
  { name, file, compression }: Student,
  method: MethodEntry,
  values: boolean,
  catalogue: Catalogue,
): Problem[] {
  if (!file) return [];
  const problems: Problem[] = [];
  const about = (says: string, path: Path = [...key, 'file']): Problem => ({
    path,
    kind: 'clash',
    says,
    undo: [
      [...key, 'file'],
      [...key, 'method'],
      [...key, 'compression'],
    ],
  });
  const who = `("${file.name}")`;
  if ((file.meaning.answers.kind === 'values') !== values)
    problems.push(
      about(
        values
          ? `${who} answers with classes, and the task asks for real values`
          : `${who} answers with real values, and the task asks for classes`,
      ),
    );
  if (method.needs.taps && Object.keys(file.meaning.taps).length === 0)
    problems.push(
      about(
        `${who} names no inner values, and ${method.title} looks at them; choose some, or another method`,
      ),
    );
  const smaller = catalogue.compressions.find(({ id }) => id === compression?.id);
  if (smaller?.kind === 'rebuild')
    problems.push(
      about(
        `(${name}): ${smaller.title} rebuilds the networks that it knows, and this one is from a file; choose another compression`,
        key,
      ),
    );
  return problems;
}
