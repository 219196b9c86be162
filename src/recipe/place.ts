/** What the page calls the places of a recipe, and how it writes their values. */
import { allowedBy, type Field, type Fields } from './fields';
import type { Path, Problem } from './problem';
import { valueAt, valueText } from './problem';
import type { Catalogue } from './recipe';
import {
  cropField,
  evaluationFields,
  gaussianTeacherFields,
  generationsField,
  nonTargetEntropyField,
  optimizerFields,
  runFields,
  warmStartField,
} from './run-fields';
import { shown } from './shown';

/** A thing that can be chosen, by the name that menus show. */
interface Titled {
  readonly id: string;
  readonly title: string;
}

/** A place as the page shows it. */
export interface Place {
  /** Such as "Student 3 (KD), Temperature"; a key without a control stands in quotation marks. */
  readonly name: string;
  /** The control's field, where there is one. */
  readonly field: Field | null;
  /** What its menu offers, where it is chosen from the catalogue. */
  readonly offers: readonly Titled[] | null;
}

/** One step down: what it is called, and what is below it. */
interface Step {
  /** Null where the place below says enough: the group of a control is not named. */
  readonly name: string | null;
  readonly field?: Field;
  readonly offers?: readonly Titled[];
  /** A part of the form whose controls say enough without it. */
  readonly group?: true;
  readonly below?: (key: string | number) => Step | null;
}

const control = (field: Field): Step => ({ name: field.label, field });

const controls =
  (fields: Fields) =>
  (key: string | number): Step | null => {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return field ? control(field) : null;
  };

/** A thing chosen from the catalogue; its parameters are controls beside its menu. */
function choice(
  name: string,
  entries: readonly (Titled & { readonly params: Fields })[],
  chosen: unknown,
): Step {
  const entry = entries.find(({ id }) => id === valueAt(chosen, ['id']));
  return {
    name,
    offers: entries,
    group: true,
    below: (key) => {
      if (key === 'id') return { name, offers: entries };
      return key === 'params' && entry ? { name: null, below: controls(entry.params) } : null;
    },
  };
}

function teacherStep(name: string, teacher: unknown, catalogue: Catalogue): Step {
  const fields = controls({
    batch: runFields.batch,
    steps: runFields.steps,
    pad: cropField,
    nonTargetEntropy: nonTargetEntropyField,
    ...gaussianTeacherFields,
  });
  return {
    name,
    below: (key) => {
      if (key === 'id') return { name: null, offers: catalogue.teachers };
      if (key === 'source') return { name: 'Source' };
      if (key === 'augment') return { name: 'Views' };
      if (key === 'model') return choice('Model', catalogue.models, valueAt(teacher, ['model']));
      if (key === 'optimizer') return { name: null, below: controls(optimizerFields) };
      return fields(key);
    },
  };
}

function studentStep(index: number, student: unknown, catalogue: Catalogue): Step {
  const given = valueAt(student, ['name']);
  const who = typeof given === 'string' && given !== '' ? ` (${shown(given, 40)})` : '';
  return {
    name: `Student ${index + 1}${who}`,
    below: (key) => {
      switch (key) {
        case 'name':
          return { name: 'Name' };
        case 'model':
          return choice('Model', catalogue.models, valueAt(student, ['model']));
        case 'method':
          return choice('Method', catalogue.methods, valueAt(student, ['method']));
        case 'sampler':
          return choice('Questions', catalogue.samplers, valueAt(student, ['sampler']));
        case 'compression':
          return choice('Compression', catalogue.compressions, valueAt(student, ['compression']));
        case 'warmStart':
          return control(warmStartField);
        case 'file':
          return { name: 'Architecture from a file' };
        default:
          return null;
      }
    },
  };
}

function recipeStep(recipe: unknown, catalogue: Catalogue): Step {
  const run = controls({ ...runFields, generations: generationsField });
  return {
    name: null,
    below: (key) => {
      switch (key) {
        case 'task':
          return choice('Task', catalogue.tasks, valueAt(recipe, ['task']));
        case 'teacher':
          return teacherStep('Teacher', valueAt(recipe, ['teacher']), catalogue);
        case 'companions':
          return {
            name: null,
            below: (at) =>
              typeof at === 'number'
                ? teacherStep(`Teacher ${at + 2}`, valueAt(recipe, ['companions', at]), catalogue)
                : null,
          };
        case 'students':
          return {
            name: 'Students',
            group: true,
            below: (at) =>
              typeof at === 'number'
                ? studentStep(at, valueAt(recipe, ['students', at]), catalogue)
                : null,
          };
        case 'optimizer':
          return { name: 'Optimizer', group: true, below: controls(optimizerFields) };
        case 'evaluation':
          return { name: 'Evaluation', group: true, below: controls(evaluationFields) };
        default:
          return run(key);
      }
    },
  };
}

/** What the page calls a place of a recipe. @param recipe whatever claims to be one */
export function placeOf(path: Path, recipe: unknown, catalogue: Catalogue): Place {
  let step = recipeStep(recipe, catalogue);
  const names: { readonly name: string; readonly group: boolean }[] = [];
  const place = (offers: Place['offers']): Place => ({
    name: names.length === 0 ? 'The recipe' : names.map(({ name }) => name).join(', '),
    field: step.field ?? null,
    offers,
  });
  for (const [at, key] of path.entries()) {
    const next = step.below?.(key) ?? null;
    if (next === null) {
      // Numbers are places in a list, whose control is the place.
      const name = `“${shown(path.slice(at).join('.'), 60)}”`;
      if (typeof key !== 'number') names.push({ name, group: false });
      return place(null);
    }
    step = next;
    const { name, group = false, field, below } = step;
    if (name === null || name === names.at(-1)?.name) continue;
    if (names.at(-1)?.group && (field || below)) names.pop();
    names.push({ name, group });
  }
  return place(step.offers ?? null);
}

/** A value as its control shows it. */
export function valueWords(value: unknown, { field, offers }: Place): string {
  if (field?.kind === 'choice') {
    const label = field.options.find((option) => option.value === value)?.label;
    if (label !== undefined) return `“${label}”`;
  }
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const id = typeof value === 'string' ? value : valueAt(value, ['id']);
  const offer = offers?.find((one) => one.id === id);
  if (offer) return `“${offer.title}”`;
  if (Array.isArray(value) && value.every((one) => typeof one === 'number'))
    return value.join(', ');
  return valueText(value);
}

/** What a place allows, in the words of its control; null where only the check can say it. */
function allowedWords({ field, offers }: Place): string | null {
  if (offers) return 'one of those in its menu';
  if (field?.kind === 'choice')
    return `one of ${field.options.map(({ label }) => `“${label}”`).join(', ')}`;
  if (field?.kind === 'boolean') return 'on or off';
  return field ? allowedBy(field) : null;
}

/**
 * A problem as a visitor of the page reads it: by the names of its controls, without a full stop.
 * @param recipe what was checked
 */
export function problemWords(problem: Problem, recipe: unknown, catalogue: Catalogue): string {
  const place = placeOf(problem.path, recipe, catalogue);
  if (problem.kind === 'unknown') return `${place.name} is no setting that is known here`;
  const allowed = problem.kind === 'value' ? allowedWords(place) : null;
  const given = valueAt(recipe, problem.path);
  if (problem.kind === 'clash') {
    const { says } = problem;
    // A student's name stands with its number already.
    const named = `(${String(valueAt(given, ['name']))}): `;
    return `${place.name}${says.startsWith(named) ? `: ${says.slice(named.length)}` : ` ${says}`}`;
  }
  if (allowed === null) return `${place.name} ${problem.says}`;
  const got = given === undefined ? 'is missing' : `is ${valueWords(given, place)}`;
  return `${place.name} ${got}, allowed is ${allowed}`;
}
