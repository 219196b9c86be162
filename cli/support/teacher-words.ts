import type { Inspection, OtherOrder } from '../../src/recipe/inspection';
import { layersWords } from '../../src/recipe/layers';
import { shown } from '../../src/upload/refuse';
import { row } from './markdown';
import type { TeacherReport } from './teacher-report';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const alikeTo = (names: readonly string[], between = ', '): string =>
  names.length === 0
    ? ''
    : `; ${names.length === 1 ? 'another fits' : 'others fit'} about as well: ${names.join(between)}`;

/** A report as lines for the terminal. */
export function linesOf(report: TeacherReport): string[] {
  if (report.refused !== undefined) return [report.path, `  Refused: ${report.refused}`];
  const { format, layers, parameters, inputShape = [], normalisation } = report;
  const lines = [
    report.path,
    `  ${format}, ${layers} layers, ${parameters?.toLocaleString('en')} parameters, input ${inputShape.join(' x ')}, ${putsOut(report)}`,
    ...assemblyLines(report),
    ...(report.used ? [`  ${report.used}`] : []),
    ...(report.outputs ? [`  ${report.how ?? `It seems to put out ${report.outputs}.`}`] : []),
    ...(report.order?.said ? [`  ${report.order.said}`] : []),
    ...(report.task
      ? [`  Looked at as a teacher for the task ${report.task}, with the data in ${report.from}.`]
      : []),
    ...(report.fits ?? []).map((sentence) => `  ${sentence}`),
    ...(normalisation
      ? [
          `  Normalisation: ${normalisation.chosen} (${{ trying: 'found by trying', file: 'as the file says', person: 'as you said' }[normalisation.by]})${alikeTo(normalisation.alike)}`,
          ...normalisation.scores
            .slice(0, 5)
            .map(
              ({ name, score, logLikelihood, images }) =>
                `    ${score.toFixed(3)}${logLikelihood === null ? '' : `  ${logLikelihood.toFixed(3)} nats`}  ${name} (${images} images)`,
            ),
        ]
      : []),
    ...(report.accuracy === null || report.accuracy === undefined
      ? []
      : [`  Accuracy: ${percent(report.accuracy)} of ${report.images} test images`]),
    ...Object.entries(report.parts ?? {}).map(([name, share]) => `    ${name}: ${percent(share)}`),
    ...(report.rmse === undefined ? [] : [`  RMSE: ${report.rmse.toFixed(3)}`]),
  ];
  for (const [title, list] of [
    ['Put right', report.repairs],
    ['Remark', report.remarks],
    ['Warning', report.warnings],
    ['To decide', report.open],
  ] as const)
    for (const sentence of list ?? []) lines.push(`  ${title}: ${sentence}`);
  const better = report.order?.better;
  if (better) lines.push(`  ${otherOrder(better, report.validation)}`);
  return lines;
}

const BY = {
  file: 'as the file says',
  definition: 'as the file defines them',
  sizes: 'as their sizes decide',
  trying: 'found by trying',
  person: 'as you said',
} as const;

/** How weights were put together, and other ways. */
function assemblyLines({ assembly, ways }: TeacherReport): string[] {
  if (!assembly) return [];
  return [
    `  Layers${ways ? ` (${BY[ways.by]}${alikeTo(ways.alike, '; ')})` : ''}: ${shown(layersWords(assembly), 2000)}`,
    ...(ways?.tried ?? []).map(
      ({ what, score, logLikelihood, images }) =>
        `    ${score.toFixed(3)}${logLikelihood === null ? '' : `  ${logLikelihood.toFixed(3)} nats`}  ${shown(what, 300)} (${images} images that it was not chosen by)`,
    ),
  ];
}

/** What a network puts out, in a few words: the count, or each of several outputs. */
function putsOut({ classes, all = [] }: TeacherReport): string {
  if (all.length < 2) return `${classes?.count} outputs`;
  const each = all.map(({ name, size }) => `${name} (${size.toLocaleString('en')})`);
  return `${all.length} outputs: ${each.join(', ')}`;
}

/** An order of the classes that does better, on examples that it was not worked out from. */
function otherOrder(
  { accuracy, own, classes }: OtherOrder,
  judged: { readonly images: number; readonly chosenOn: number | null } | null | undefined,
): string {
  return `Its classes seem to stand in another order: worked out from ${judged?.chosenOn ?? 0} labelled examples, it is right on ${percent(accuracy)} of ${judged?.images ?? 0} others, where the file's own is on ${percent(own)}: [${classes.map((place) => place ?? 'none').join(', ')}].`;
}

/** What was found out about a network before a run. */
export function inspectedLines(found: Inspection): string[] {
  const { name, sha256, format, parameters, meaning, accuracy, images, values } = found;
  return [
    `Teacher ${name} (${format}, ${parameters.toLocaleString('en')} parameters, SHA-256 ${sha256.slice(0, 12)}..)`,
    ...(meaning.layers ? [`  Layers: ${shown(layersWords(meaning.layers), 2000)}`] : []),
    ...(found.outputSaid ? [`  ${found.outputSaid}`] : []),
    `  ${found.answers}`,
    ...(found.order?.said ? [`  ${found.order.said}`] : []),
    ...(found.order?.better ? [`  ${otherOrder(found.order.better, found)}`] : []),
    `  Normalisation: ${meaning.input.name}${alikeTo(found.alike)}`,
    ...(accuracy === null
      ? []
      : [
          `  Accuracy: ${percent(accuracy)} of ${images} labelled examples${found.chosenOn === null ? '' : ', others than it was tried on'}`,
        ]),
    ...(values ? [`  R²: ${values.r2.map((n) => n.toFixed(3)).join(', ')}`] : []),
    ...[...found.fits, ...found.repairs, ...found.remarks, ...found.warnings].map(
      (sentence) => `  ${sentence}`,
    ),
  ];
}

/** The table of all reports, docs/teachers.md. @param command what it was made with */
export function teachersPage(reports: readonly TeacherReport[], command: string): string {
  const loaded = reports.filter(({ refused }) => refused === undefined);
  const refused = reports.filter((report) => report.refused !== undefined);
  const share = (n: number | undefined) => (n === undefined ? '' : percent(n));
  return [
    '# Real teachers',
    '',
    `Made by \`${command}\`; the whole of it is in bench/results/teachers.json. The files are other people's and not part of this repository. Accuracies are on test images; for CIFAR-10 on the first 500, whose pixels are exact, and on the 1,000 after them, which come from JPEG files; for MNIST on the first 1,000 and the first 1,500. "Difference" is the largest between the file's answers here and those of its own framework on 16 images.`,
    '',
    row([
      'file',
      'form',
      'input',
      'puts out',
      'normalisation',
      'first 500',
      'first 1,000',
      'all or next 1,000',
      'difference',
    ]),
    row(['---', '---', '---', '---', '---', '---:', '---:', '---:', '---:']),
    ...loaded.map((report) => {
      const { parts } = report;
      return row([
        report.path,
        report.format ?? '',
        (report.inputShape ?? []).join(' x '),
        report.outputs ?? '',
        report.normalisation?.chosen ?? '',
        share(parts?.['first500']),
        share(parts?.['first1000']),
        parts?.['next1000'] !== undefined
          ? share(parts['next1000'])
          : `${share(report.accuracy ?? undefined)} of ${report.images?.toLocaleString('en')}`,
        report.difference === undefined ? '' : report.difference.toExponential(1),
      ]);
    }),
    '',
    '## What is said of them',
    '',
    ...loaded.flatMap((report) => {
      const [layers = ''] = assemblyLines(report);
      const said = [
        report.used ?? '',
        report.how ?? '',
        report.order?.said ?? '',
        layers === '' ? '' : `${layers.trim()}.`,
        ...(report.fits ?? []),
        ...(report.repairs ?? []),
        ...(report.remarks ?? []),
        ...(report.warnings ?? []),
        ...(report.open ?? []),
      ];
      return [`- **${report.path}**: ${said.filter((sentence) => sentence !== '').join(' ')}`];
    }),
    '',
    '## Refused',
    '',
    ...refused.map((report) => `- **${report.path}**: ${report.refused}`),
    '',
  ].join('\n');
}
