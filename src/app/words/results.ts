import type { Recipe } from '../../recipe/recipe';
import type { Verdict } from '../../worker/protocol';
import type { RunView } from '../run';
import { measured, percent } from './format';

/** Students by their part in the comparison: the first of each, with a method for classes or one for real values. */
export function parts({ students }: Recipe): { erm: number; kd: number; xcl: number } {
  const of = (...methods: readonly string[]) =>
    students.findIndex(({ method }) => methods.includes(method.id));
  // On the data alone the Gaussian method is KD.
  const outside = students.findIndex(
    ({ method, sampler }) => method.id === 'xcl-gaussian' && sampler.id !== 'none',
  );
  const xcl = of('xcl');
  return {
    erm: of('erm', 'gaussian-nll'),
    kd: of('kd', 'kd-mean'),
    xcl: xcl >= 0 ? xcl : outside,
  };
}

/** Steps at which Extracurricular is usually no longer behind KD, and at which it is usually ahead. */
function usualSteps(task: string): { behind: number; ahead: string } | null {
  if (task === 'shapes') return { behind: 200, ahead: '300 to 500' };
  if (task.startsWith('cifar')) return { behind: 500, ahead: '750 to 1,000' };
  return null;
}

/** What usually happens in such a run, so that nobody takes its first steps for its result; null where not known. */
export function expectation(recipe: Recipe, step: number | null): string | null {
  const { kd, xcl } = parts(recipe);
  const student = recipe.students[kd];
  const ours = recipe.students[xcl];
  if (!student || !ours) return null;
  const usual = usualSteps(recipe.task.id);
  if (['curve', 'eyes', 'angles'].includes(recipe.task.id))
    return `What to expect: KL and NLL tell ${ours.name} from ${student.name} first, because ${student.name} has one variance for every input. A lower error of the mean is not promised.`;
  if (!usual)
    return recipe.task.id === 'spiral'
      ? `What to expect: ${ours.name} starts more slowly; in the end accuracies lie close together, and its KL to the teacher is the smallest.`
      : null;
  if (step === null || step === 0)
    return `What to expect: ${ours.name} is behind ${student.name} for the first ${usual.behind} steps or so, and usually ahead from step ${usual.ahead} on. KL shows it first.`;
  if (step < usual.behind)
    return `So far ${ours.name} is expected to be behind ${student.name}; that usually turns between step ${usual.ahead.replace(' to ', ' and ')}.`;
  return null;
}

/** Who is ahead, as far as the figures carry it. A difference within noise is called that. */
export function outcome(run: RunView): string | null {
  if (run.verdicts.length === 0) return null;
  const { kd, xcl } = parts(run.recipe);
  const verdict =
    run.verdicts.find((one) => isAbout(one, kd, xcl)) ??
    run.verdicts.find((one) => one.beyondNoise) ??
    run.verdicts[0];
  if (!verdict) return null;
  const ahead = run.looks[verdict.ahead]?.name;
  const behind = run.looks[verdict.behind]?.name;
  if (ahead === undefined || behind === undefined) return null;
  if (!verdict.beyondNoise) return `${ahead} and ${behind}: no clear difference yet.`;
  const when = run.tested || run.evaluation === null ? '' : `At step ${run.evaluation.step}, `;
  if (verdict.figure === 'nll')
    return `${when}${ahead} is ahead of ${behind} by ${measured(verdict.difference)} nats of NLL, beyond noise.`;
  const points = (Math.abs(verdict.difference) * 100).toFixed(1);
  return `${when}${ahead} is ahead of ${behind} by ${points} points of accuracy, beyond noise.`;
}

/**
 * The part of the gap to the teacher that Extracurricular closed on the test split, of what KD left and of what ERM left.
 * Each is told only where the two differ beyond noise and the gap itself is at least two standard errors wide.
 */
export function gapClosed(run: RunView): string | null {
  const { erm, kd, xcl } = parts(run.recipe);
  const name = run.looks[xcl]?.name;
  const closed = [kd, erm].flatMap((other) => {
    const share = shareClosed(run, other, xcl);
    const left = run.looks[other]?.name;
    return share === null || left === undefined
      ? []
      : [`${percent(share, 0)} of what ${left} left`];
  });
  if (name === undefined || closed.length === 0) return null;
  return `Of the gap to the teacher, ${name} closed ${closed.join(' and ')}.`;
}

function shareClosed(run: RunView, other: number, xcl: number): number | null {
  const baseline = run.tested?.students[other];
  const ours = run.tested?.students[xcl];
  const count = run.report?.counts.test;
  if (!run.tested || !baseline || !ours || count === undefined) return null;
  const verdict = run.tested.verdicts.find((one) => isAbout(one, other, xcl));
  const [taught, left, own] = [run.tested.teacher, baseline, ours].map(
    ({ accuracy }) => accuracy ?? NaN,
  ) as [number, number, number];
  const gap = taught - left;
  if (!verdict?.beyondNoise || !(gap >= 2 * standardError(taught, left, count))) return null;
  const closed = (own - left) / gap;
  return closed > 0 ? closed : null;
}

function isAbout({ ahead, behind }: Verdict, one: number, other: number): boolean {
  return (ahead === one && behind === other) || (ahead === other && behind === one);
}

/** Of the difference of two accuracies on `count` examples, as if independent: an upper bound. */
function standardError(a: number, b: number, count: number): number {
  const variance = (p: number) => p * (1 - p);
  return Math.sqrt((variance(a) + variance(b)) / count);
}
