import type { Figures } from '../../src/recipe/events';
import type { Weights } from '../../src/models/net/draw';
import type { Graph } from '../../src/models/net/graph';
import type { TaskData } from '../../src/tasks/contract';
import { EvaluationSet } from '../../src/train/data';
import { correctness, figures } from '../../src/train/metrics';
import { Teacher } from '../../src/train/teacher';

/**
 * A teacher's test accuracy, on the lossless and the lossy rows separately where the test set says which are which.
 */
export async function testTeacher(
  graph: Graph,
  weights: Weights,
  data: TaskData,
  lossless: readonly boolean[] | null,
): Promise<{ accuracy: Record<string, number>; figures: Figures }> {
  const teacher = new Teacher('candidate', graph, weights);
  const set = new EvaluationSet(data, data.test, data.test.count);
  const answers = await set.answers(teacher.network, data.classes.length, () => Promise.resolve());
  const right = correctness(answers, set.labels);
  const share = (keep: (row: number) => boolean) => {
    const rows = Array.from(right.keys()).filter(keep);
    return rows.reduce((sum, row) => sum + (right[row] as number), 0) / rows.length;
  };
  const accuracy: Record<string, number> = { test: share(() => true) };
  if (lossless && lossless.length === right.length) {
    accuracy['testLossless'] = share((row) => lossless[row] === true);
    accuracy['testJpeg'] = share((row) => lossless[row] === false);
  }
  const result = { accuracy, figures: figures(answers, answers, set.labels) };
  set.dispose();
  teacher.dispose();
  return result;
}
