import type { Catalogue, CatalogueEntry, TeacherCard } from '../recipe/recipe';
import { compressions } from '../compression/registry';
import { methods } from '../methods/registry';
import { models } from '../models/registry';
import { samplers } from '../samplers/registry';
import { tasks } from '../tasks/registry';

function entry({ id, title, oneLine, params, cite }: CatalogueEntry): CatalogueEntry {
  return { id, title, oneLine, params, cite };
}

/** Everything that recipes may name, as plain data. @param teachers the cards of the bundled teachers */
export function catalogueOf(teachers: readonly TeacherCard[]): Catalogue {
  return {
    tasks: tasks.all().map((task) => ({
      ...entry(task),
      kind: task.kind,
      ...(task.asks && { asks: task.asks }),
      licence: task.licence,
      source: task.source,
      needsFiles: task.needsFiles,
      ...(task.form && { form: task.form }),
      transfer: task.transfer,
      ...(task.rectangle !== undefined && { rectangle: task.rectangle }),
    })),
    models: models.all().map((model) => ({ ...entry(model), inputs: model.inputs })),
    methods: methods.all().map((method) => ({
      ...entry(method),
      formula: method.formula,
      known: method.known,
      reading: method.reading,
      costs: method.costs,
      needs: method.needs,
      ...(method.outputs && { outputs: method.outputs }),
    })),
    samplers: samplers.all().map((sampler) => {
      const { labels, inputs, byClass } = sampler;
      return { ...entry(sampler), labels, inputs, ...(byClass && { byClass }) };
    }),
    compressions: compressions.all().map((compression) => ({
      ...entry(compression),
      kind: compression.kind,
      formula: compression.formula,
      known: compression.known,
      reading: compression.reading,
      costs: compression.costs,
    })),
    teachers,
  };
}
