/** Changes of a recipe by the controls. Pure. */
import type { AnomalyRecipe } from '../recipe/anomaly';
import type { AnomalyPart } from '../recipe/anomaly-events';
import { defaultsOf, type AnyValues } from '../recipe/fields';
import type { FileStudent } from '../recipe/meaning';
import { freeName } from '../recipe/free-name';
import { optimizerFields } from '../recipe/run-fields';
import type { CatalogueEntry, Choice, Recipe, Student, TaskEntry, Teacher } from '../recipe/recipe';

/** How many students a recipe may have. */
export const MOST_STUDENTS = 8;

type Value = AnyValues[string];

export type TrainedTeacher = Extract<Teacher, { source: 'train' }>;

/** What one control shows for a parameter that several students may have. */
export interface Shared {
  readonly value: number;
  /** Not all students that have it have the same value. */
  readonly mixed: boolean;
}

/** The temperature of the methods that have one; null where none has. */
export function temperatureOf(students: readonly Student[]): Shared | null {
  return shared(students.map(({ method }) => method.params.temperature));
}

export function withTemperature(recipe: Recipe, temperature: number): Recipe {
  return eachStudent(recipe, (student) => ({
    ...student,
    method: withKnownParam(student.method, 'temperature', temperature),
  }));
}

/** The share of the batch that lies outside the data set; null where no sampler draws such points. */
export function shareOf(students: readonly Student[]): Shared | null {
  return shared(students.map(({ sampler }) => sampler.params.share));
}

export function withShare(recipe: Recipe, share: number): Recipe {
  return eachStudent(recipe, (student) => ({
    ...student,
    sampler: withKnownParam(student.sampler, 'share', share),
  }));
}

/** The sizes that the transfer set may have: a task of drawn points cannot give more than it draws. */
export function transferRange(task: TaskEntry, chosen: Choice): { min: number; max: number } {
  const { points } = chosen.params;
  const { min, max } = task.transfer;
  return { min, max: typeof points === 'number' ? Math.min(max, points) : max };
}

/** The learning rate may not be lower. */
const { min: LEAST_RATE } = optimizerFields.rate;
const tenth = <T extends { readonly rate: number }>(optimizer: T): T => ({
  ...optimizer,
  rate: Math.max(LEAST_RATE, Number((optimizer.rate / 10).toPrecision(6))),
});

/**
 * A recipe with a tenth of the learning rate under which training came apart: the students', or that of trained teachers.
 *
 * @param run the recipe of that run
 */
export function withTenth(recipe: Recipe, rate: 'students' | 'teacher', run: Recipe): Recipe {
  if (rate === 'students') {
    const { rate: slower } = tenth(run.optimizer);
    return { ...recipe, optimizer: { ...recipe.optimizer, rate: slower } };
  }
  const slower = (teacher: Teacher): Teacher =>
    teacher.source === 'train' ? { ...teacher, optimizer: tenth(teacher.optimizer) } : teacher;
  return {
    ...recipe,
    teacher: slower(recipe.teacher),
    companions: recipe.companions.map(slower),
  };
}

/** The same for a part of a run that finds faults. */
export function withTenthOf(recipe: AnomalyRecipe, part: AnomalyPart): AnomalyRecipe {
  return { ...recipe, [part]: { ...recipe[part], optimizer: tenth(recipe[part].optimizer) } };
}

export function withParam(choice: Choice, key: string, value: Value): Choice {
  return { ...choice, params: { ...choice.params, [key]: value } };
}

/** Another thing of the same catalogue; parameters that both have keep their values. */
export function rechosen(choice: Choice, entry: CatalogueEntry): Choice {
  const kept = Object.entries(choice.params).filter(([key]) => key in entry.params);
  return { id: entry.id, params: { ...defaultsOf(entry.params), ...Object.fromEntries(kept) } };
}

/** With another compression; a student that has none says nothing of it. */
export function withCompression(student: Student, compression: Choice): Student {
  const { compression: _, ...plain } = student;
  return compression.id === 'none' ? plain : { ...plain, compression };
}

export function withStudent(recipe: Recipe, index: number, student: Student): Recipe {
  return { ...recipe, students: recipe.students.map((old, at) => (at === index ? student : old)) };
}

export function withoutStudent(recipe: Recipe, index: number): Recipe {
  return { ...recipe, students: recipe.students.filter((_, at) => at !== index) };
}

/** A copy of the last student under a name of its own. */
export function withOneMore(recipe: Recipe): Recipe {
  const last = recipe.students.at(-1);
  if (!last) return recipe;
  const names = recipe.students.map(({ name }) => name);
  const copy = { ...last, name: freeName(last.name, names) };
  return { ...recipe, students: [...recipe.students, copy] };
}

/**
 * One student more: a network from a file that learns as the last student does. Where there is no room for one more, it
 * takes the last one's place. It is not compressed: not every compression can be of a network from a file.
 */
export function withFileStudent(recipe: Recipe, file: FileStudent): Recipe {
  const last = recipe.students.at(-1);
  if (!last) return recipe;
  const others = recipe.students.slice(0, MOST_STUDENTS - 1);
  const name = freeName(
    file.name,
    others.map((student) => student.name),
  );
  const { compression: _, ...plain } = last;
  return { ...recipe, students: [...others, { ...plain, name, file }] };
}

/** A student of its model again instead of a file's architecture. */
export function withoutFile(student: Student): Student {
  const { file: _, ...plain } = student;
  return plain;
}

/** One teacher more: trained in the run, by what the fields allow, with the last student's model. */
export function withCompanion(recipe: Recipe): Recipe {
  const last = recipe.companions.at(-1);
  const trained = [last, recipe.teacher].find((teacher) => teacher?.source === 'train');
  const model = recipe.students.at(-1)?.model;
  const next = trained ?? (model && trainedTeacher(recipe, model));
  return next ? { ...recipe, companions: [...recipe.companions, next] } : recipe;
}

/** A teacher that is trained in the run as its students are. */
export function trainedTeacher(recipe: Recipe, model: Choice): TrainedTeacher {
  const { optimizer, steps, batch } = recipe;
  return { source: 'train', model, augment: 'none', pad: 4, batch, steps, optimizer };
}

export function withTeacherAt(recipe: Recipe, index: number, teacher: Teacher): Recipe {
  return {
    ...recipe,
    companions: recipe.companions.map((old, at) => (at === index ? teacher : old)),
  };
}

export function withoutTeacherAt(recipe: Recipe, index: number): Recipe {
  return { ...recipe, companions: recipe.companions.filter((_, at) => at !== index) };
}

function withKnownParam(choice: Choice, key: string, value: number): Choice {
  return key in choice.params ? withParam(choice, key, value) : choice;
}

function eachStudent(recipe: Recipe, change: (student: Student) => Student): Recipe {
  return { ...recipe, students: recipe.students.map(change) };
}

function shared(values: readonly (Value | undefined)[]): Shared | null {
  const numbers = values.filter((value) => typeof value === 'number');
  const last = numbers.at(-1);
  if (last === undefined) return null;
  return { value: last, mixed: numbers.some((value) => value !== last) };
}
