import { checkRecipe } from '../../src/recipe/check';
import { defaultsOf } from '../../src/recipe/fields';
import type { Catalogue, MethodEntry, SamplerEntry, TaskEntry } from '../../src/recipe/recipe';

/** Whether a method learns from a sampler's inputs on a kind of task: null where it does, else why not. */
export interface Pairing {
  readonly method: string;
  readonly sampler: string;
  readonly why: string | null;
}

/** Every method with every sampler on one kind of task. */
export interface Compatibility {
  readonly kind: string;
  readonly tasks: readonly string[];
  readonly pairings: readonly Pairing[];
}

/** Asks the recipe's own check about a small recipe for each kind of task, method and sampler. */
export function compatibilityOf(catalogue: Catalogue): readonly Compatibility[] {
  const kindOf = ({ kind, asks }: TaskEntry) => (asks === 'values' ? `${kind}, real values` : kind);
  const kinds = [...new Set(catalogue.tasks.map(kindOf))];
  return kinds.map((kind) => {
    const tasks = catalogue.tasks.filter((task) => kindOf(task) === kind);
    const [task] = tasks.toSorted((a, b) => Number(a.needsFiles) - Number(b.needsFiles));
    return {
      kind,
      tasks: tasks.map(({ title }) => title),
      // Methods for the other kind of target fit no sampler: that goes without a list.
      pairings: catalogue.methods
        .filter((method) => fits(method, tasks[0]))
        .flatMap((method) =>
          catalogue.samplers.map((sampler) => ({
            method: method.id,
            sampler: sampler.id,
            why: task ? whyNot(catalogue, task, method, sampler) : null,
          })),
        ),
    };
  });
}

const fits = ({ outputs = 'classes' }: MethodEntry, task: TaskEntry | undefined): boolean =>
  (outputs === 'classes') === ((task?.asks ?? 'classes') === 'classes');

/** With the model that the check likes best: what remains is about the method and the sampler. */
function whyNot(
  catalogue: Catalogue,
  task: TaskEntry,
  method: MethodEntry,
  sampler: SamplerEntry,
): string | null {
  let fewest: readonly string[] | null = null;
  for (const model of catalogue.models) {
    const { problems } = checkRecipe(recipeWith(task, model.id, method, sampler), catalogue);
    if (problems.length === 0) return null;
    if (!fewest || problems.length < fewest.length) fewest = problems;
  }
  const [first] = fewest ?? [];
  return first === undefined ? null : withoutPlace(first, task);
}

function recipeWith(task: TaskEntry, model: string, method: MethodEntry, sampler: SamplerEntry) {
  const params = defaultsOf(task.params);
  return {
    version: 1,
    task: { id: task.id, params },
    transfer: task.transfer.default,
    teacher: { source: 'train', model: { id: model } },
    students: [
      {
        name: 'S',
        model: { id: model },
        method: { id: method.id },
        sampler: {
          id: sampler.id,
          // A crop is a choice about pictures, not about the method.
          params: 'augment' in sampler.params ? { augment: 'none' } : {},
        },
      },
    ],
  };
}

/** "students.0 (S): KD learns ..." -> "KD learns ...": the place in the recipe says nothing here. */
function withoutPlace(problem: string, task: TaskEntry): string {
  return problem
    .replace(/^students\.0 \(S\): /, '')
    .replace(/^students\.0\.(\w+)\.id is "([^"]+)", which /, 'this $1 ')
    .replace(`inputs of ${task.title}`, 'inputs of this kind');
}
