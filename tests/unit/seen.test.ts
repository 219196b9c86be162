import { describe, expect, it } from 'vitest';
import { evidenceTable } from '../../cli/support/method-table';
import { readEvidence } from '../../cli/support/method-files';
import { seenInWords } from '../../cli/support/seen';
import { readCards } from '../../cli/support/surroundings';
import { presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { catalogueOf } from '../../src/train/catalogue';

const cards = readCards();
const catalogue = catalogueOf(cards);
const recipeOf = (id: string): Recipe => {
  const found = presets.find((preset) => preset.id === id);
  if (!found) throw new Error(`no preset ${id}`);
  return found.recipe;
};

describe('what students and teacher saw', () => {
  it('stands on the card of every bundled teacher, as its own words have it', () => {
    for (const { examples, data } of cards)
      expect(data).toMatch(new RegExp(`^${examples} training`));
  });

  it('differs where the teacher came with more, and is the same where it is trained in the run', () => {
    expect(seenInWords(recipeOf('shapes-c'), cards)).toBe(
      'students saw 500 training examples, the teacher 12,000',
    );
    expect(seenInWords(recipeOf('cifar10'), cards)).toBe(
      'students saw 2,000 training examples, the teacher 20,000',
    );
    expect(seenInWords(recipeOf('curve'), cards)).toMatch(/^students and teacher saw the same \d+/);
  });

  it('is not made up for a teacher that nobody knows', () => {
    expect(seenInWords(recipeOf('shapes-c'), [])).toBe(
      'students saw 500 training examples; how many the teacher saw is not known',
    );
  });
});

describe('the table of claims', () => {
  const lines = evidenceTable(readEvidence('.', catalogue), catalogue);
  const rowsOf = (name: string) => lines.filter((line) => line.includes(`[${name}](`));

  it('shows a regression teacher’s own figures', () => {
    for (const name of ['gaussian-curve', 'gaussian-eyes'])
      for (const line of rowsOf(name)) expect(line).toMatch(/teacher: RMSE [\d.]+.*NLL -?[\d.]+/);
  });

  it('withdraws what was claimed over a teacher that is sure of wrong values', () => {
    const rows = rowsOf('gaussian-angles');
    expect(rows.length).toBeGreaterThan(0);
    for (const line of rows) expect(line).toContain('**withdrawn**');
    for (const line of rowsOf('gaussian-eyes')) expect(line).not.toContain('withdrawn');
  });
});
