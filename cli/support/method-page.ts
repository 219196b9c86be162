import { costsOf, LETTERS, needsOf, rangeOf, sourceOf } from '../../src/app/words/methods';
import type { Catalogue, CompressionEntry, MethodEntry } from '../../src/recipe/recipe';
import { compatibilityOf, type Compatibility } from './compatibility';
import type { History } from './log-page';
import { row } from './markdown';
import type { Evidence } from './method-files';
import { evidenceTable } from './method-table';

/** The whole of docs/methods.md: what each method is, where it runs, and what was measured. */
export function methodPage(
  catalogue: Catalogue,
  evidence: readonly Evidence[],
  histories: readonly History[] = [],
): string {
  const parts = [
    '# Methods',
    '',
    'Written by `npm run evidence -- --methods` from the methods in `src/methods`, the recipes and claims in `recipes/methods`, and the results in `bench/results/methods`. The page shows the same cards.',
    '',
    '## Cards',
    '',
    LETTERS,
    '',
    ...catalogue.methods.flatMap((method) => [...card(method), '']),
    '## Compressions',
    '',
    'A student may be made smaller in the same run, by any of these beside any method. W are the weights of a layer, W with a tilde what takes their place, b bits.',
    '',
    ...catalogue.compressions
      .filter(({ kind }) => kind !== 'none')
      .flatMap((compression) => [...compressionCard(compression), '']),
    '## Which method runs where',
    '',
    'As the check of a recipe has it, with the samplers’ own settings: ✓ runs, a number tells why not.',
    '',
    ...compatibilityOf(catalogue).flatMap((one) => [...grid(one, catalogue), '']),
    '## Evidence',
    '',
    ...evidenceTable(evidence, catalogue, histories),
  ];
  return parts.join('\n').trimEnd();
}

function card(method: MethodEntry): string[] {
  const needs = needsOf(method);
  return about(method, [
    `- Needs: ${needs.length > 0 ? needs.join('; ') : 'nothing beside the inputs'}.`,
    `- Costs: ${costsOf(method).join(' ')}`,
  ]);
}

function compressionCard(compression: CompressionEntry): string[] {
  const { bytes, macs } = compression.costs;
  const when = {
    none: 'never',
    during: 'in training, from its start on',
    after: 'after the last step',
    rebuild: 'in training, by going on with another network',
  };
  return about(compression, [
    `- Works: ${when[compression.kind]}.`,
    `- Stored: ${bytes}. Multiply-adds: ${macs}.`,
  ]);
}

/** What every card says; `own` are its lines about needs and costs. */
function about(entry: MethodEntry | CompressionEntry, own: readonly string[]): string[] {
  return [
    `### ${entry.title} (\`${entry.id}\`)`,
    '',
    entry.oneLine,
    '',
    '```math',
    entry.formula,
    '```',
    '',
    ...own,
    `- Known: ${entry.known}`,
    ...(entry.reading === null ? [] : [`- Our reading: ${entry.reading}`]),
    ...Object.values(entry.params).map(
      (field) => `- ${field.label} (${rangeOf(field)}): ${field.help}`,
    ),
    ...entry.cite.map(
      (citation) => `- Source: [${citation.title}](${citation.url}). ${sourceOf(citation)}`,
    ),
  ];
}

function grid({ kind, tasks, pairings }: Compatibility, catalogue: Catalogue): string[] {
  const reasons = [...new Set(pairings.flatMap(({ why }) => (why === null ? [] : [why])))];
  const cell = (method: string, sampler: string) => {
    const pairing = pairings.find((one) => one.method === method && one.sampler === sampler);
    const why = pairing?.why ?? null;
    return why === null ? '✓' : `${reasons.indexOf(why) + 1}`;
  };
  return [
    `### Tasks of the kind "${kind}": ${tasks.join(', ')}`,
    '',
    row(['method', ...catalogue.samplers.map(({ title }) => title)]),
    row(['---', ...catalogue.samplers.map(() => ':---:')]),
    ...catalogue.methods
      .filter(({ id }) => pairings.some(({ method }) => method === id))
      .map(({ id, title }) =>
        row([title, ...catalogue.samplers.map((sampler) => cell(id, sampler.id))]),
      ),
    ...(reasons.length > 0 ? [''] : []),
    ...reasons.map((why, i) => `${i + 1}. ${sentence(why)}`),
  ];
}

/** A reason that begins in the middle of a sentence, as a sentence. */
function sentence(text: string): string {
  const ended = text.endsWith('.') ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}
