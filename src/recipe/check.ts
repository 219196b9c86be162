import * as v from 'valibot';
import { UserError } from './errors';
import type { AnyValues } from './fields';
import { fileStudentProblems } from './file-student-check';
import { freeName } from './free-name';
import { keySentence, remove, type Path, type Problem } from './problem';
import type {
  Catalogue,
  Choice,
  MethodEntry,
  Recipe,
  SamplerEntry,
  TaskEntry,
  Teacher,
} from './recipe';
import { recipeSchema, problemOf } from './schema';

/** A recipe with every default filled in, or the sentences that say why there is none. */
export type Checked =
  | { readonly recipe: Recipe; readonly problems: readonly [] }
  | { readonly recipe: null; readonly problems: readonly string[] };

/** A recipe with every default filled in, or what is wrong with it and where. */
export type Found =
  | { readonly recipe: Recipe; readonly problems: readonly [] }
  | { readonly recipe: null; readonly problems: readonly Problem[] };

/**
 * Checks anything that claims to be a recipe: its form, its ranges, unknown keys, and what cannot go together. Absent
 * keys get their defaults. Never throws for bad input.
 */
export function checkRecipe(input: unknown, catalogue: Catalogue): Checked {
  return inKeys(findProblems(input, catalogue));
}

/** The same, with the places of what is wrong. */
export function findProblems(input: unknown, catalogue: Catalogue): Found {
  const read = readForm(input, catalogue);
  if (!read.recipe) return read;
  const problems = clashes(read.recipe, catalogue);
  return problems.length > 0 ? { recipe: null, problems } : read;
}

/** The form and the ranges of a recipe alone, whether its parts go together or not. */
export function readRecipe(input: unknown, catalogue: Catalogue): Checked {
  return inKeys(readForm(input, catalogue));
}

function inKeys(found: Found): Checked {
  if (found.recipe) return found;
  return { recipe: null, problems: [...new Set(found.problems.map(keySentence))] };
}

function readForm(input: unknown, catalogue: Catalogue): Found {
  const parsed = v.safeParse(schemaOf(catalogue), input);
  if (parsed.success) return { recipe: parsed.output as Recipe, problems: [] };
  const problems = parsed.issues.map((issue) => problemOf(issue, input));
  return { recipe: null, problems: [...problems, ...moreUnknown(input, problems, catalogue)] };
}

/** Of each table the schema names one unknown key only: the others show when that one is gone. */
function moreUnknown(
  input: unknown,
  problems: readonly Problem[],
  catalogue: Catalogue,
): readonly Problem[] {
  const found: Problem[] = [];
  let newest = problems.filter(({ kind }) => kind === 'unknown');
  if (newest.length === 0) return found;
  const whole = { recipe: copyOf(input) };
  while (newest.length > 0 && found.length < MOST_UNKNOWN) {
    for (const { path } of newest) remove(whole, path);
    const { issues = [] } = v.safeParse(schemaOf(catalogue), whole.recipe);
    newest = issues
      .map((issue) => problemOf(issue, whole.recipe))
      .filter(({ kind }) => kind === 'unknown');
    found.push(...newest);
  }
  return found;
}

/** Beyond so many unknown keys it is no recipe at all. */
const MOST_UNKNOWN = 50;

/** Lists and tables anew, everything in them as it is. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value))
    Object.defineProperty(copy, key, {
      value: copyOf(part),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return copy;
}

/** Made once for each catalogue: it is large, and asked again with every change of a setting. */
const schemas = new WeakMap<Catalogue, ReturnType<typeof recipeSchema>>();

function schemaOf(catalogue: Catalogue): ReturnType<typeof recipeSchema> {
  const schema = schemas.get(catalogue) ?? recipeSchema(catalogue);
  schemas.set(catalogue, schema);
  return schema;
}

/** The same for callers that cannot go on without one. @throws UserError with all problems in its message */
export function requireRecipe(input: unknown, catalogue: Catalogue): Recipe {
  const { recipe, problems } = checkRecipe(input, catalogue);
  if (recipe) return recipe;
  throw new UserError('E_RECIPE', problems.join(' '), 'Correct the recipe and try again.');
}

/** Why a method cannot learn from a sampler's rows, or null where it can. */
function whyNotTogether(method: MethodEntry, sampler: SamplerEntry, share: number): string | null {
  if (method.needs.labels === 'hard' && method.needs.teacher === 'none' && share > 0)
    if (sampler.labels !== 'kept')
      return `${method.title} learns from labels, and such an input has none; choose "Data only" or "Mixed labels"`;
  if (method.needs.index && share > 0 && sampler.labels !== 'kept')
    return `${method.title} remembers the rows of the transfer set, and such an input is none of them; choose "Data only"`;
  const mixes = sampler.labels === 'mixed';
  if (method.needs.labels === 'mixed' && !mixes)
    return `${method.title} mixes labels, so it needs a sampler that mixes inputs`;
  if (method.needs.teacher === 'parents' && !mixes)
    return `${method.title} mixes the teacher’s answers on two parents, so it needs a sampler that mixes inputs`;
  return null;
}

/** Why a method does not fit what a task asks for, or null where it does. */
function whyNotAsked(method: MethodEntry, task: TaskEntry, catalogue: Catalogue): string | null {
  const asks = task.asks ?? 'classes';
  const fits = ({ outputs = 'classes' }: MethodEntry) =>
    (outputs === 'classes') === (asks === 'classes');
  if (method.needs.maps && task.kind !== 'image')
    return `${method.title} compares feature maps, which only images have; choose a task of images`;
  if (fits(method)) return null;
  const others = catalogue.methods.filter(fits).map(({ id }) => id);
  const clash =
    asks === 'values'
      ? `${method.title} learns classes, and ${task.title} asks for real values`
      : `${method.title} learns real values, and ${task.title} asks for classes`;
  return `${clash}; choose one of ${others.join(', ')}`;
}

/** Why a sampler's settings do not fit a task of real values, or null where they do. */
function whyNotValues(params: AnyValues): string | null {
  if (params.pairs === 'same' || params.pairs === 'different')
    return 'real values have no classes that pairs could be chosen by; set pairs to "any" or "neighbours"';
  if (params.augment === 'crop-flip')
    return 'a mirrored image would have another value, so it cannot be cropped and flipped; set augment to "none"';
  return null;
}

const clash = (path: Path, says: string, more: Partial<Problem> = {}): Problem => ({
  path,
  kind: 'clash',
  says,
  ...more,
});

function clashes(recipe: Recipe, catalogue: Catalogue): Problem[] {
  const problems: Problem[] = [];
  const task = catalogue.tasks.find((entry) => entry.id === recipe.task.id);
  if (!task) return [clash(['task', 'id'], `is "${recipe.task.id}", which is not a task`)];
  const { min, max } = task.transfer;
  if (recipe.transfer < min || recipe.transfer > max)
    problems.push(
      clash(['transfer'], `is ${recipe.transfer}, allowed for ${task.title} is ${min} to ${max}`, {
        instead: Math.min(max, Math.max(min, recipe.transfer)),
      }),
    );
  const names = recipe.students.map((student) => student.name);
  names.forEach((name, i) => {
    if (names.indexOf(name) < i)
      problems.push(
        clash(['students', i, 'name'], `is "${name}", and another student has that name`, {
          instead: freeName(name, names),
        }),
      );
  });
  const values = task.asks === 'values';
  const teachers = teachersOf(recipe);
  const fixed = teachers.some(({ teacher }) => teacher.source !== 'train');
  if (recipe.redraw && (fixed || task.needsFiles))
    problems.push(
      clash(
        ['redraw'],
        `needs a task that is generated and ${teachers.length > 1 ? 'teachers that are' : 'a teacher that is'} trained in the run`,
        { instead: false },
      ),
    );
  for (const { key, teacher } of teachers) problems.push(...teacherProblems(key, teacher));
  const models = [
    ...recipe.students.map(
      (student, i) => [['students', i, 'model', 'id'], student.model.id] as const,
    ),
    ...teachers.flatMap(({ key, teacher }) =>
      teacher.source === 'train' ? [[[...key, 'model', 'id'], teacher.model.id] as const] : [],
    ),
  ];
  for (const [path, id] of models) {
    const model = catalogue.models.find((entry) => entry.id === id);
    if (model && !model.inputs.includes(task.kind))
      problems.push(clash(path, `is "${id}", which cannot read the inputs of ${task.title}`));
  }
  problems.push(...generationProblems(recipe, catalogue, values));
  recipe.students.forEach((student, i) => {
    const method = catalogue.methods.find((entry) => entry.id === student.method.id);
    const sampler = catalogue.samplers.find((entry) => entry.id === student.sampler.id);
    if (!method || !sampler) return;
    const key: Path = ['students', i];
    const undo: readonly Path[] = [[...key, 'sampler'], [...key, 'method'], key];
    const about = (says: string) =>
      problems.push(clash(key, `(${student.name}): ${says}`, { undo }));
    if (!sampler.inputs.includes(task.kind))
      problems.push(
        clash(
          [...key, 'sampler', 'id'],
          `is "${sampler.id}", which cannot draw inputs of ${task.title}`,
        ),
      );
    if (values && sampler.byClass)
      about(`${sampler.title} makes inputs of a class, and ${task.title} has none`);
    problems.push(...fileStudentProblems(key, student, method, values, catalogue));
    const misfit = whyNotAsked(method, task, catalogue);
    if (misfit) about(misfit);
    const unfit = values ? whyNotValues(student.sampler.params) : null;
    if (unfit) about(unfit);
    const why = whyNotTogether(method, sampler, Number(student.sampler.params.share ?? 0));
    if (why) about(why);
    const unlabelled = sampler.labels !== 'kept' && student.sampler.params.share === 1;
    const warm: Partial<Problem> = { undo: [[...key, 'warmStart']] };
    if ((student.warmStart ?? 0) > 0 && (values || unlabelled))
      problems.push(
        values
          ? clash([...key, 'warmStart'], 'is for tasks of classes; remove it')
          : clash(
              key,
              `(${student.name}): it starts by labels, and its questions leave no row that has one; lower their share`,
              warm,
            ),
      );
    const { rows = 1 } = method.needs;
    if (recipe.batch < rows)
      problems.push(
        clash(
          key,
          `(${student.name}): ${method.title} compares the rows of a batch, so it needs a batch of at least ${rows}; it is ${recipe.batch}`,
          { undo: [['batch'], ...undo] },
        ),
      );
    if (task.kind !== 'image' && !values && student.sampler.params.augment === 'crop-flip')
      problems.push(
        clash(key, `(${student.name}): points on the plane cannot be cropped`, {
          undo: [[...key, 'sampler', 'params', 'augment'], ...undo],
        }),
      );
  });
  return problems;

  /** Why one of the teachers is none for this task. */
  function teacherProblems(key: Path, teacher: Teacher): Problem[] {
    const found: Problem[] = [];
    const about = (part: string, says: string) => found.push(clash([...key, part], says));
    if (teacher.source === 'train') {
      const { members, meanWarmup, augment, nonTargetEntropy } = teacher;
      if (values && nonTargetEntropy !== undefined)
        about('nonTargetEntropy', 'is for tasks of classes; remove it');
      if (!values && members !== undefined)
        about('members', 'is for tasks of real values; remove it');
      if (!values && meanWarmup !== undefined)
        about('meanWarmup', 'is for tasks of real values; remove it');
      if (augment === 'crop-flip' && values)
        about('augment', 'is "crop-flip", but a mirrored image would have another value');
      else if (augment === 'crop-flip' && task?.kind !== 'image')
        about('augment', 'is "crop-flip", but points cannot be cropped');
      return found;
    }
    if (teacher.source === 'file') return fileProblems(key, teacher, recipe, values, catalogue);
    const card = catalogue.teachers.find((entry) => entry.id === teacher.id);
    if (card && !isTask(card.task, recipe.task))
      about('id', `is "${card.id}", which was trained for another task`);
    const first = teachers.find(
      (other) => other.teacher.source === 'bundled' && other.teacher.id === teacher.id,
    );
    if (first?.key !== key)
      about(
        'id',
        `is "${teacher.id}", which is among the teachers already; one that is trained in the run would be another`,
      );
    return found;
  }
}

/** Why the first student cannot be trained for several generations. */
function generationProblems(recipe: Recipe, catalogue: Catalogue, values: boolean): Problem[] {
  if ((recipe.generations ?? 1) === 1) return [];
  const path: Path = ['generations'];
  if (values) return [clash(path, 'is for tasks of classes; remove it')];
  const [first] = recipe.students;
  const method = catalogue.methods.find(({ id }) => id === first?.method.id);
  if (!method || method.needs.teacher !== 'none') return [];
  return [
    clash(
      path,
      `is ${recipe.generations}, but the first student’s method, ${method.title}, asks no teacher; put a student that does first`,
    ),
  ];
}

/** All teachers of a recipe with the keys under which they stand, the first one first. */
function teachersOf(recipe: Recipe): readonly { key: Path; teacher: Teacher }[] {
  return [
    { key: ['teacher'], teacher: recipe.teacher },
    ...recipe.companions.map((teacher, i) => ({ key: ['companions', i], teacher })),
  ];
}

/** True where a task is the one that a card names, or that with more parameters. */
export function isTask(card: Choice, task: Choice): boolean {
  return (
    card.id === task.id &&
    Object.entries(card.params).every(([key, value]) => task.params[key] === value)
  );
}

/** Why a teacher from a file cannot be asked what the recipe asks. */
function fileProblems(
  key: Path,
  { name, sha256, meaning }: Extract<Teacher, { source: 'file' }>,
  recipe: Recipe,
  values: boolean,
  catalogue: Catalogue,
): Problem[] {
  const problems: Problem[] = [];
  const about = (says: string) => problems.push(clash(key, `("${name}") ${says}`));
  if ((meaning.answers.kind === 'values') !== values)
    about(
      values
        ? 'answers with classes, and the task asks for real values'
        : 'answers with real values, and the task asks for classes',
    );
  const first = teachersOf(recipe).find(
    ({ teacher }) => teacher.source === 'file' && teacher.sha256 === sha256,
  );
  if (first?.key.join() !== key.join()) about('is among the teachers already');
  const looks = recipe.students.find(
    ({ method }) => catalogue.methods.find(({ id }) => id === method.id)?.needs.taps,
  );
  if (looks && Object.keys(meaning.taps).length === 0)
    about(`names no inner values, and ${looks.name} looks at them; choose some, or another method`);
  return problems;
}
