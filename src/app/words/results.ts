import { FIGURES, type FigureName } from '../../recipe/figures';
import { shortfall, type Shortfall } from '../../recipe/learnt';
import { presets } from '../../recipe/presets';
import { isCompressed } from '../../recipe/recipe';
import type { Recipe } from '../../recipe/recipe';
import type { Verdict } from '../../worker/protocol';
import type { RunView } from '../run';
import { sameValue } from '../state';
import { figureText } from './figures';
import { measured, percent, whole } from './format';

/** Students by their part in the comparison: the first of each that is not made smaller, with a method for classes or one for real values. */
export function parts({ students }: Recipe): { erm: number; kd: number; xcl: number } {
  const of = (...methods: readonly string[]) =>
    students.findIndex((student) => methods.includes(student.method.id) && !isCompressed(student));
  // On the data alone the Gaussian method is KD.
  const outside = students.findIndex(
    (student) =>
      student.method.id === 'xcl-gaussian' &&
      student.sampler.id !== 'none' &&
      !isCompressed(student),
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
  if (task === 'cifar10') return { behind: 500, ahead: '750 to 1,000' };
  return null;
}

/** Whether a run's settings are its preset's own, but for what does not change how it usually goes. */
function asThePreset(recipe: Recipe): boolean {
  const preset = presets.find(({ id }) => id === recipe.preset)?.recipe;
  if (!preset) return false;
  const { seed, evaluation, averageDecay, halfPrecision, subgroups } = recipe;
  const own = { ...preset, seed, evaluation, averageDecay, halfPrecision, subgroups };
  // Students that are switched off change nothing for the others.
  const students = preset.students.filter(({ name }) =>
    recipe.students.some((student) => student.name === name),
  );
  return sameValue({ ...own, students }, recipe);
}

/** What usually happens in such a run, so that nobody takes its first steps for its result; null where not known. */
export function expectation(recipe: Recipe, step: number | null): string | null {
  const { kd, xcl } = parts(recipe);
  const student = recipe.students[kd];
  const ours = recipe.students[xcl];
  if (!student || !ours) return null;
  // Seen with the presets' own teachers, students and steps alone.
  if (!asThePreset(recipe)) return null;
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

/** Examples alone explain a difference where the test on them says that it is as likely as this. */
const LEVEL = 0.01;

/**
 * Who is ahead on the examples that the results show, in this one run. It never says more than that: what another seed
 * would give is known from several seeds alone. Nobody is ahead of a student that has not learnt.
 */
export function outcome(run: RunView): string | null {
  if (run.exploded)
    return `Nobody is ahead: training came apart at step ${run.exploded.step}. ${goodWords(run.exploded.good)}`;
  if (run.verdicts.length === 0) return null;
  const verdict = comparison(run);
  const names = [run.looks[verdict?.ahead ?? -1]?.name, run.looks[verdict?.behind ?? -1]?.name];
  const [ahead, behind] = names;
  if (!verdict || ahead === undefined || behind === undefined) return null;
  const short = shortWords(run, [verdict.behind, verdict.ahead]);
  if (short !== null && !isLead(run, verdict))
    return `No comparison${run.tested ? '' : ' yet'}: ${short}.`;
  const when = run.tested || run.evaluation === null ? '' : `At step ${run.evaluation.step}, `;
  const amount =
    verdict.figure === 'nll'
      ? `${apart(run, verdict, 'nll')} nats of NLL`
      : `${apart(run, verdict, 'accuracy')} points of accuracy`;
  const on = `on these ${examplesOf(run)}, in one run`;
  if (short !== null)
    return `${when}${ahead} is ahead of ${behind} by ${amount} ${on}; but ${short}, and another seed may differ.`;
  return verdict.p < LEVEL
    ? `${when}${ahead} is ahead of ${behind} by ${amount} ${on}; another seed may differ.`
    : `${when}${ahead} and ${behind} are ${amount} apart ${on}: other examples could turn that round.`;
}

/**
 * Whether a lead holds although the student behind has not learnt by every figure: the one ahead has, the examples tell
 * the two apart, and both are above chance in accuracy, of which the lead is.
 */
function isLead(run: RunView, { ahead, behind, figure, p }: Verdict): boolean {
  const lacks = shortOf(run, behind)?.figure;
  return p < LEVEL && figure !== 'nll' && lacks !== 'accuracy' && shortOf(run, ahead) === null;
}

/**
 * How far two students lie apart: the difference of their figures as the table shows them, so that readers who subtract
 * find the same; the verdict's own where these do not tell it.
 */
function apart(run: RunView, { ahead, behind, difference }: Verdict, name: 'accuracy' | 'nll') {
  const { students } = run.tested ?? run.evaluation ?? { students: [] };
  const [one, other] = [students[ahead]?.[name] ?? NaN, students[behind]?.[name] ?? NaN];
  return name === 'accuracy'
    ? asShown(pointsApart(one, other), difference * 100, 0.11).toFixed(1)
    : measured(asShown(Number(measured(other)) - Number(measured(one)), difference, 0.011));
}

/** A difference of rounded figures, where it is that of the exact ones but for the rounding. */
function asShown(shown: number, exact: number, rounding: number): number {
  return shown > 0 && Math.abs(shown - exact) < rounding ? shown : exact;
}

/** Points between two accuracies as they are written, with one decimal. */
function pointsApart(one: number, other: number): number {
  return Number((one * 100).toFixed(1)) - Number((other * 100).toFixed(1));
}

/**
 * The verdict to tell: on Extracurricular and KD where there is one; else on the whole student and the best of those that
 * are made smaller; else the clearest on students that have learnt, of equally clear ones the widest.
 */
function comparison(run: RunView): Verdict | undefined {
  const { kd, xcl } = parts(run.recipe);
  const clearest = run.verdicts.toSorted(
    (one, other) => one.p - other.p || other.difference - one.difference,
  );
  const learnt = clearest.filter(
    ({ ahead, behind }) => !shortOf(run, ahead) && !shortOf(run, behind),
  );
  return (
    run.verdicts.find((one) => isAbout(one, kd, xcl)) ??
    bestSmaller(run.recipe, learnt) ??
    learnt[0] ??
    clearest[0]
  );
}

/** Of the verdicts on the first whole student and one that is made smaller: that on the best of these. */
function bestSmaller({ students }: Recipe, verdicts: readonly Verdict[]): Verdict | undefined {
  const reference = students.findIndex((student) => !isCompressed(student));
  const smaller = (at: number) => students[at] !== undefined && isCompressed(students[at]);
  const gain = ({ ahead, difference }: Verdict) => (ahead === reference ? -difference : difference);
  return verdicts
    .filter(
      ({ ahead, behind }) =>
        (ahead === reference && smaller(behind)) || (behind === reference && smaller(ahead)),
    )
    .toSorted((one, other) => gain(other) - gain(one))[0];
}

/** "6,000 test examples". */
function examplesOf({ tested, report }: RunView): string {
  const { test = 0, validation = 0 } = report?.counts ?? {};
  return tested ? `${whole(test)} test examples` : `${whole(validation)} validation examples`;
}

/** Which weights are shown after training came apart. */
function goodWords(step: number): string {
  return step === 0
    ? 'No later weights were good: what is shown is how the students began, by the validation split.'
    : `What is shown are the last good weights, those of step ${step}, by the validation split.`;
}

/** By which figure each of these students has not learnt, where one has not; null where all have. */
function shortWords(run: RunView, students: readonly number[]): string | null {
  const words = students.flatMap((student) => {
    const found = shortOf(run, student);
    const name = run.looks[student]?.name;
    if (!found || name === undefined) return [];
    const { figure, value, constant } = found;
    const [own, other] = [figureText(figure, value), figureText(figure, constant)];
    return `by ${BY[figure] ?? FIGURES[figure].title} ${name} does no better than one answer to everything (${own} against ${other})`;
  });
  return words.length === 0 ? null : words.join(', ');
}

/** Figures as they stand within a sentence. */
const BY: Partial<Record<FigureName, string>> = { accuracy: 'accuracy', kl: 'KL to the teacher' };

/** In what a student is no better than one answer to everything, on the examples that the results show. */
function shortOf(run: RunView, student: number): Shortfall | null {
  const { tested, evaluation, report } = run;
  const own = (tested ?? evaluation)?.students[student];
  const constant = (tested ?? evaluation)?.constant;
  const count = tested ? report?.counts.test : report?.counts.validation;
  return own && constant && count ? shortfall(own, constant, count) : null;
}

/**
 * How near Extracurricular has come to the teacher's accuracy on the test split in this run: the part of what KD left and
 * of what ERM left that it closed, or that it is above the teacher. Told only where the examples tell the two apart, both
 * have learnt, and the gap itself is at least two standard errors wide.
 */
export function gapClosed(run: RunView): string | null {
  const { erm, kd, xcl } = parts(run.recipe);
  const name = run.looks[xcl]?.name;
  const [own, taught] = [run.tested?.students[xcl]?.accuracy, run.tested?.teacher.accuracy];
  if (name === undefined || own === undefined || taught === undefined || shortOf(run, xcl))
    return null;
  if (own > taught)
    return `${name} is above its teacher by ${pointsApart(own, taught).toFixed(1)} points of accuracy on them.`;
  const closed = [kd, erm].flatMap((other) => {
    const share = shareClosed(run, other, xcl);
    const left = run.looks[other]?.name;
    return share === null || left === undefined
      ? []
      : [`${percent(share, 0)} of what ${left} left`];
  });
  if (closed.length === 0) return null;
  return `Of the gap to the teacher’s accuracy, ${name} closed ${closed.join(' and ')} in this run.`;
}

function shareClosed(run: RunView, other: number, xcl: number): number | null {
  const baseline = run.tested?.students[other];
  const ours = run.tested?.students[xcl];
  const count = run.report?.counts.test;
  if (!run.tested || !baseline || !ours || count === undefined || shortOf(run, other)) return null;
  const verdict = run.tested.verdicts.find((one) => isAbout(one, other, xcl));
  const [taught, left, own] = [run.tested.teacher, baseline, ours].map(
    ({ accuracy }) => accuracy ?? NaN,
  ) as [number, number, number];
  const gap = taught - left;
  const told = verdict !== undefined && verdict.p < LEVEL;
  if (!told || !(gap >= 2 * standardError(taught, left, count))) return null;
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
