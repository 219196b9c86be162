import { costsOf, LETTERS, needsOf, rangeOf, sourceOf } from '../../src/app/words/methods';
import type { Catalogue, MethodEntry } from '../../src/recipe/recipe';
import { compatibilityOf, type Compatibility } from './compatibility';
import { row } from './markdown';
import type { Evidence } from './method-files';
import { evidenceTable } from './method-table';

/** The whole of docs/methods.md: what each method is, where it runs, and what was measured. */
export function methodPage(catalogue: Catalogue, evidence: readonly Evidence[]): string {
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
    '## Which method runs where',
    '',
    'As the check of a recipe has it, with the samplers’ own settings: ✓ runs, a number tells why not.',
    '',
    ...compatibilityOf(catalogue).flatMap((one) => [...grid(one, catalogue), '']),
    '## Evidence',
    '',
    ...evidenceTable(evidence, catalogue),
  ];
  return parts.join('\n').trimEnd();
}

function card(method: MethodEntry): string[] {
  const needs = needsOf(method);
  return [
    `### ${method.title} (\`${method.id}\`)`,
    '',
    method.oneLine,
    '',
    '```math',
    method.formula,
    '```',
    '',
    `- Needs: ${needs.length > 0 ? needs.join('; ') : 'nothing beside the inputs'}.`,
    `- Costs: ${costsOf(method).join(' ')}`,
    `- Known: ${method.known}`,
    ...(method.reading === null ? [] : [`- Our reading: ${method.reading}`]),
    ...Object.values(method.params).map(
      (field) => `- ${field.label} (${rangeOf(field)}): ${field.help}`,
    ),
    ...method.cite.map(
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
