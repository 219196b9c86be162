import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { UserError } from '../../src/recipe/errors';
import { digestOfText } from './digest';
import { claimSchema } from './method-claims';

/**
 * The results log: one line for each claim about a recipe, written before its run, and one for each outcome. It is only
 * ever added to. Each line has the digest of the one before it, so none can be changed or taken out unseen.
 */
export const LOG = 'bench/results/claims.jsonl';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** What every line says: of which recipe, by its file below `recipes`, and when. */
const line = {
  name: v.pipe(v.string(), v.regex(/^(methods|evidence)\/[a-z0-9-]+$/)),
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** Of the recipe with every default filled in, without its seed. */
  recipe: digest,
};
/** JSON has no NaN: a figure that is not finite is null. */
const figure = v.nullable(v.number());

const claimed = v.strictObject({ type: v.literal('claim'), ...line, claim: claimSchema });
const outcome = v.strictObject({
  type: v.literal('outcome'),
  ...line,
  /** Digest of the claim. */
  claim: digest,
  /** The file of the result, the seeds of it that were there, and the digest of their figures. */
  result: v.string(),
  seeds: v.array(v.number()),
  figures: digest,
  left: figure,
  right: figure,
  difference: figure,
  interval: v.nullable(v.tuple([v.number(), v.number()])),
  outcome: v.picklist(['met', 'not met', 'not decided']),
  byMeans: v.boolean(),
});
const entry = v.variant('type', [claimed, outcome]);
const written = v.variant('type', [
  v.strictObject({ ...claimed.entries, after: v.string() }),
  v.strictObject({ ...outcome.entries, after: v.string() }),
]);

export type ClaimEntry = v.InferOutput<typeof claimed>;
export type OutcomeEntry = v.InferOutput<typeof outcome>;
type Entry = v.InferOutput<typeof entry>;

/** The log as it was read. */
export interface Log {
  readonly claims: readonly ClaimEntry[];
  readonly outcomes: readonly OutcomeEntry[];
}

/** Of the line before; nothing comes before the first. */
const START = 'start';
const chained = (before: string | undefined): string =>
  before === undefined ? START : digestOfText(before).slice(0, 16);

const linesOf = (root: string): string[] => {
  const file = path.join(root, LOG);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text !== '');
};

/** Reads the log below a folder; empty where there is none. @throws UserError where a line was changed or is missing */
export function readLog(root: string): Log {
  const lines = linesOf(root);
  const entries = lines.map((text, i): Entry => {
    const { after, ...rest } = parsed(text, i + 1);
    if (after !== chained(lines[i - 1]))
      throw broken(i + 1, 'does not follow from the one before it');
    return rest;
  });
  return {
    claims: entries.filter((one) => one.type === 'claim'),
    outcomes: entries.filter((one) => one.type === 'outcome'),
  };
}

function parsed(text: string, number: number): v.InferOutput<typeof written> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw broken(number, 'is not JSON');
  }
  const found = v.safeParse(written, input);
  if (found.success) return found.output;
  throw broken(number, `is no entry: ${found.issues[0].message}`);
}

const broken = (number: number, what: string): UserError =>
  new UserError(
    'E_LOG',
    `Line ${number} of ${LOG} ${what}.`,
    'The log is only ever added to: take it back as it was committed, and run the command again.',
  );

/** Adds entries at the end. @throws UserError where the log that is there is broken */
export function appendToLog(root: string, entries: readonly Entry[]): void {
  readLog(root);
  let before = linesOf(root).at(-1);
  for (const one of entries) {
    before = JSON.stringify({ ...v.parse(entry, one), after: chained(before) });
    appendFileSync(path.join(root, LOG), `${before}\n`);
  }
}

/** Nobody writes over a result that is in the log. @throws UserError where the file is one */
export function refuseLogged(root: string, file: string): void {
  const wanted = path.resolve(file);
  const logged = readLog(root).outcomes.find(({ result }) => path.resolve(root, result) === wanted);
  if (logged)
    throw new UserError(
      'E_USAGE',
      `${file} is in the results log, and results are never replaced.`,
      `Name another file, or add seeds to it: npm run evidence -- ${logged.name.replace('evidence/', '')} --seeds N.`,
    );
}
