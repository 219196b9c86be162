import type { ArmResult, DistillResult, OverSeeds } from './distill';

/** The final table: arm, accuracy, agreement, KL, gap closed; mean and standard error over seeds. */
export function table(result: DistillResult): string {
  const rows = [
    ['arm', 'accuracy %', 'agreement %', 'KL nats', 'gap closed vs KD', 'vs ERM'],
    ['teacher', percent(result.teacher.accuracy), '100', '0', '', ''],
    ...result.arms.map((arm) => [
      arm.name,
      figure(arm.accuracy, 100, 2),
      figure(arm.agreement, 100, 2),
      figure(arm.kl, 1, 4),
      closed(arm.gapClosedVsKd, arm.gapClosedVsKdInterval),
      closed(arm.gapClosedVsErm, arm.gapClosedVsErmInterval),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const seeds =
    result.seeds.length === 1 ? 'one seed' : `${result.seeds.length} seeds, mean ± s.e.`;
  const footer = `${result.steps} steps, ${seeds}, ${result.backend}, ${result.stepsPerSecond.toFixed(1)} steps/s`;
  return [...lines, footer].join('\n');
}

const percent = (share: number): string => (share * 100).toFixed(2);

function figure({ mean, se }: OverSeeds, factor: number, digits: number): string {
  const text = (mean * factor).toFixed(digits);
  return se === null ? text : `${text} ± ${(se * factor).toFixed(digits)}`;
}

function closed(value: number | null, interval: ArmResult['gapClosedVsKdInterval']): string {
  if (value === null) return 'n/a';
  const text = `${Math.round(value * 100)} %`;
  if (!interval) return text;
  return `${text} [${Math.round(interval[0] * 100)}, ${Math.round(interval[1] * 100)}]`;
}
