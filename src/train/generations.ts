import type { Figures } from '../recipe/events';
import type { Recipe } from '../recipe/recipe';
import { fence } from '../gpu/fence';
import type { TaskData } from '../tasks/contract';
import type { Generators } from './generator';
import type { GivenStudents } from './given-students';
import type { Taught } from './teach';
import { Teacher } from './teacher';
import { Trainer } from './trainer';
import type { Host } from './host';

/** Keeps one generation's initial weights, order and draws from being another's: a prime. */
const SEED_STEP = 15485863;
/** Longest stretch of work without letting messages in, in milliseconds. */
const TURN_MS = 100;

/** One network of a line of teachers, by its figures on the test split. */
export interface Generation {
  readonly title: string;
  readonly test: Figures;
}

/** The first student of a recipe as one generation before the run: taught as in the run, from a seed of its own. */
export function youngRecipe(recipe: Recipe, generation: number): Recipe {
  const { generations: _, ...rest } = recipe;
  const seed = (recipe.seed + SEED_STEP * generation) % 2 ** 31;
  return { ...rest, students: recipe.students.slice(0, 1), averageDecay: 0, seed };
}

/** What a generation has come to. */
export interface Raised extends Taught {
  readonly teacherTest: Figures;
  readonly test: Figures;
}

/**
 * Trains one generation: the recipe's only student with the teacher given, which stays the caller's.
 *
 * @param name as in "Training generation 1 of 3"
 * @param given the student's architecture, where it is a file's
 * @param generators those that its sampler needs; freed here
 */
export async function raise(
  recipe: Recipe,
  data: TaskData,
  teacher: Teacher,
  name: string,
  host: Host,
  given: GivenStudents = new Map(),
  generators: Generators = new Map(),
): Promise<Raised> {
  const quiet: Host = {
    pause: () => host.pause(),
    progress: (what, share) => host.progress(`Generation ${name}: ${lowered(what)}`, share),
  };
  const trainer = new Trainer(recipe, data, teacher, quiet, true, generators, given);
  try {
    await trainer.prepare();
    let turn = performance.now();
    while (trainer.step < recipe.steps) {
      await trainer.takeStep();
      await fence();
      const last = trainer.step === recipe.steps;
      await trainer.watch(last);
      if (!last && performance.now() - turn < TURN_MS) continue;
      host.progress(`Training generation ${name}`, trainer.step / recipe.steps);
      await host.pause();
      turn = performance.now();
    }
    const { teacher: teacherTest, students } = await trainer.test();
    const [student] = trainer.students;
    if (!student) throw new Error('a generation needs a student');
    const weights = await student.network.read();
    return {
      graph: student.network.graph,
      weights,
      teacherTest,
      test: students[0] as Figures,
    };
  } finally {
    trainer.dispose();
  }
}

/** The teacher that a generation becomes: it knows who came before, and what the line has cost. */
export function heir(teacher: Teacher, raised: Raised, name: string): Teacher {
  const { graph, weights, teacherTest, test } = raised;
  const next = new Teacher(`Generation ${name}`, graph, weights);
  const before =
    teacher.line.length > 0 ? teacher.line : [{ title: teacher.title, test: teacherTest }];
  next.line = [...before, { title: next.title, test }];
  next.count({ calls: teacher.calls, rows: teacher.rows });
  return next;
}

const lowered = (what: string): string => what.charAt(0).toLowerCase() + what.slice(1);
