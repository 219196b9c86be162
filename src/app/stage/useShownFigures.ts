import { useRun } from '../context';
import { figuresOf } from '../run';

type Shown = ReturnType<typeof figuresOf>;

const NOTHING: Shown = { split: 'validation', step: null, teacher: null, students: [] };

/** The figures of the run that is shown, the same as in its results: a figure has one value on the page. */
export function useShownFigures(): Shown {
  const run = useRun((shown) => shown);
  return run ? figuresOf(run) : NOTHING;
}
