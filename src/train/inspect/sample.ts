import type { Meaning } from '../../recipe/meaning';
import type { Split, TaskData } from '../../tasks/contract';
import type { ReadNetwork } from '../../upload/given';
import { adapt } from '../../upload/inspect/adapt';
import { endingOf } from '../../upload/inspect/ending';
import { EvaluationSet } from '../data';
import type { Answers } from '../metrics';
import { Teacher } from '../teacher';
import { Body } from './body';
import { Examples } from './examples';

/** What a network puts out on a split's first rows: for each row as the file has it, before any map of classes. */
export async function rawAnswers(
  net: ReadNetwork,
  data: TaskData,
  meaning: Meaning,
  split: Split,
  count: number,
  pause: () => Promise<void>,
): Promise<{ readonly answers: readonly number[][]; readonly logits: readonly number[][] }> {
  const { output } = meaning;
  const { op, before } = endingOf(net.graph, output);
  const inner = op === 'softmax' ? before : output;
  const examples = Examples.first(data, split, count);
  const body = new Body(net, [...new Set([output, inner])]);
  try {
    const found = await body.answers(examples, 0, examples.count, data, meaning, pause);
    const rows = (name: string) => {
      const list = found.get(name) ?? new Float32Array();
      const size = list.length / examples.count;
      return Array.from({ length: examples.count }, (_, row) =>
        Array.from(list.subarray(row * size, (row + 1) * size)),
      );
    };
    return { answers: rows(output), logits: rows(inner) };
  } finally {
    body.dispose();
  }
}

/** The task's logits or heads of the network as it is used, on a split's first rows. */
export async function usedAnswers(
  net: ReadNetwork,
  data: TaskData,
  meaning: Meaning,
  split: Split,
  count: number,
  pause: (share: number) => Promise<void>,
): Promise<Answers> {
  const { graph, weights } = adapt(net, data, meaning);
  const teacher = new Teacher(net.title, graph, weights);
  const set = new EvaluationSet(data, split, count);
  try {
    const width = data.targets ? 2 * data.targets.names.length : data.classes.length;
    return await set.answers(teacher.network, width, pause);
  } finally {
    set.dispose();
    teacher.dispose();
  }
}
