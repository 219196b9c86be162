import type { Recipe, Teacher as TeacherRecipe, TeacherCard } from '../recipe/recipe';
import { UserError } from '../recipe/errors';
import type { OwnData } from '../recipe/own-data';
import type { Weights } from '../models/net/draw';
import { methods } from '../methods/registry';
import { models } from '../models/registry';
import { outputsOf } from '../tasks/contract';
import type { Source, TaskData } from '../tasks/contract';
import { tasks } from '../tasks/registry';
import { usesAllInputs } from './generator';
import { loadGenerators } from './generators';
import { givenNetwork } from './given-network';
import type { Uploaded } from './given-network';
import { loadGivenStudents } from './given-students';
import { heir, raise, youngRecipe } from './generations';
import type { Keep } from './keep';
import { teachMembers } from './teach';
import { Teacher } from './teacher';
import { checkedWeights } from './weights-file';
import type { Host } from './host';

/** What a run gets from its surroundings: a browser's worker or a command line. */
export interface Surroundings extends Host, Uploaded {
  readonly cards: readonly TeacherCard[];
  /** Files that the person gave for a task. */
  sources(task: string): readonly Source[];
  /** Images that the person gave, already read, for the task "images". */
  own?(task: string): Promise<OwnData | null>;
  /** The weights file of a bundled teacher. */
  teacherFile(id: string): Promise<Uint8Array>;
  /** A file of public/generators. Absent where there is none. */
  generatorFile?(name: string): Promise<Uint8Array>;
  /** True once somebody said that it is enough: the network that is trained now ends as it stands, and the run goes on. */
  enough?(): boolean;
  /** Aborted where the work is to end; `pause` throws its reason then. */
  readonly signal?: AbortSignal;
  /** Networks that were trained for runs before. */
  readonly keep?: Pick<Keep, 'get' | 'put'>;
  /** Told of every network that was trained before the run, as in "teacher 1 of 3". */
  finished?(what: string): void;
}

/**
 * Loads the task's data for a recipe. @throws UserError where files are missing or unusable
 */
export async function loadTask(
  recipe: Pick<Recipe, 'task' | 'transfer' | 'redraw' | 'seed'> & Partial<Pick<Recipe, 'students'>>,
  around: Surroundings,
): Promise<TaskData> {
  const task = tasks.get(recipe.task.id);
  const sources = around.sources(task.id);
  const own = await around.own?.(task.id);
  if (task.needsFiles && sources.length === 0 && !own)
    throw new UserError(
      'E_DATA_NEEDED',
      `${task.title} needs its files, and none were given yet.`,
      task.source,
    );
  return task.load(recipe.task.params, {
    // A teacher that is trained in the run learns from the students' own set: the same data for both.
    // Only a generator may look beyond it, at inputs without their labels.
    trainCount: recipe.students?.some(({ sampler }) => usesAllInputs(sampler))
      ? task.transfer.max
      : recipe.transfer,
    seed: recipe.redraw ? recipe.seed : undefined,
    sources,
    ...(own && { own }),
    progress: (what, share) => around.progress(what, share),
    ...(around.signal ? { signal: around.signal } : {}),
  });
}

/** Keeps what one teacher is trained from from being what another is: a prime. */
const SEED_STEP = 104729;

/**
 * The recipe's teacher, with its companions where a student's method asks them. Those that are trained here have seeds of
 * their own; the first one's is the run's.
 */
export async function loadTeacher(
  recipe: Recipe,
  data: TaskData,
  around: Surroundings,
): Promise<Teacher> {
  const several = recipe.students.some(({ method }) => methods.get(method.id).needs.several);
  const wanted = [recipe.teacher, ...(several ? recipe.companions : [])];
  // A teacher that is trained here learns from all that the task gives; what was loaded beyond it for a generator is not.
  const beyond = recipe.students.some(({ sampler }) => usesAllInputs(sampler));
  const count = beyond ? Math.min(recipe.transfer, data.train.count) : data.train.count;
  const train = { ...data.train, count };
  const loaded: Teacher[] = [];
  try {
    for (const [i, teacher] of wanted.entries()) {
      const place = wanted.length > 1 ? ` ${i + 1} of ${wanted.length}` : '';
      const seed = (recipe.seed + SEED_STEP * i) % 2 ** 31;
      loaded.push(await oneTeacher(teacher, place, seed, recipe, { ...data, train }, around));
    }
  } catch (thrown) {
    for (const teacher of loaded) teacher.dispose();
    throw thrown;
  }
  const [first, ...companions] = loaded as [Teacher, ...Teacher[]];
  first.companions = companions;
  return lastOfLine(first, recipe, data, around);
}

/** The generation before the run, where the recipe wants several; else the teacher itself. Takes the teacher over. */
async function lastOfLine(
  first: Teacher,
  recipe: Recipe,
  data: TaskData,
  around: Surroundings,
): Promise<Teacher> {
  const { generations = 1 } = recipe;
  let teacher = first;
  for (let generation = 1; generation < generations; generation++) {
    const name = `${generation} of ${generations}`;
    const young = youngRecipe(recipe, generation);
    try {
      const raised = await kept(
        [young, generation, recipe.seed],
        `generation ${name}`,
        around,
        async () => {
          const given = await loadGivenStudents(young, data, around);
          const generators = await loadGenerators(young, data, teacher, around);
          return raise(young, data, teacher, name, around, given, generators);
        },
      );
      const next = heir(teacher, raised, name);
      teacher.dispose();
      teacher = next;
    } catch (thrown) {
      teacher.dispose();
      throw thrown;
    }
  }
  return teacher;
}

/** What was made of the same settings for a run before, or is made now and kept. */
async function kept<T>(
  settings: unknown,
  what: string,
  around: Surroundings,
  make: () => Promise<T>,
): Promise<T> {
  const key = JSON.stringify(settings);
  // The key says of what kind it is: each kind of settings has a form of its own.
  const known = around.keep?.get(key) as T | undefined;
  const made = known ?? (await make());
  // What was cut short is not what these settings make.
  if (around.enough?.() !== true) around.keep?.put(key, made);
  around.finished?.(what);
  return made;
}

/**
 * A teacher read from its file and checked against its card, or trained here.
 *
 * @param place which of several it is: " 2 of 3"
 */
async function oneTeacher(
  teacher: TeacherRecipe,
  place: string,
  seed: number,
  recipe: Recipe,
  data: TaskData,
  around: Surroundings,
): Promise<Teacher> {
  if (teacher.source === 'train') {
    const { task, transfer, redraw } = recipe;
    const what = place === '' ? 'the teacher' : `teacher${place}`;
    const settings = [teacher, seed, task, transfer, redraw && recipe.seed];
    const [first, ...others] = await kept(settings, what, around, () =>
      teachMembers(
        teacher,
        data,
        seed,
        async (share) => {
          around.progress(`Training ${what}`, share);
          await around.pause();
        },
        () => around.pause(),
        () => around.enough?.() === true,
      ),
    );
    const weights = others.map((other) => other.weights);
    return new Teacher(
      `Trained in this run${place && `,${place}`}`,
      first.graph,
      first.weights,
      weights,
    );
  }
  if (teacher.source === 'file') {
    // Fetched when it is first asked for: most visitors bring no network.
    const { adapt } = await import('../upload/inspect/adapt');
    const { graph, weights } = adapt(
      givenNetwork(teacher, 'teacher', around),
      data,
      teacher.meaning,
    );
    return new Teacher(teacher.name, graph, weights);
  }
  const { card, weights } = await readTeacher(teacher.id, around, place);
  const graph = models.get(card.model.id).graph(data.shape, outputsOf(data), card.model.params);
  return new Teacher(card.title, graph, weights);
}

/** A bundled teacher's card and weights. @throws UserError where they do not belong together */
export async function readTeacher(
  id: string,
  around: Surroundings,
  place = '',
): Promise<{ readonly card: TeacherCard; readonly weights: Weights }> {
  const card = around.cards.find((entry) => entry.id === id);
  if (!card) throw new UserError('E_TEACHER', `There is no bundled teacher named "${id}".`);
  around.progress(place === '' ? 'Reading the teacher' : `Reading teacher${place}`, 0);
  const bytes = await around.teacherFile(card.id);
  const what = `teacher "${card.title}"`;
  return { card, weights: await checkedWeights(card, what, 'E_TEACHER_DIGEST', bytes) };
}
