import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { comparisonsOf } from '../../cli/support/evidence-page';
import { COMPARISONS, readEvidence } from '../../cli/support/method-files';
import { readCards } from '../../cli/support/surroundings';
import { catalogueOf } from '../../src/train/catalogue';

/** What README says of results is what the committed files hold. */

const readme = readFileSync('README.md', 'utf8');
const claims = readEvidence('.', catalogueOf(readCards()), COMPARISONS);
const results = comparisonsOf(claims);
const TITLES: Readonly<Record<string, string>> = {
  'shapes-b': 'shapes B',
  'shapes-c': 'shapes C',
  cifar10: 'CIFAR-10',
};

it.each([...results.keys()])('the row of %s', (name) => {
  const { recipe, arms, teacher, steps } = results.get(name)!;
  const of = (arm: string) => arms.find((one) => one.name === arm)!;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const accuracy = (arm: string) => percent(of(arm).accuracy!.mean);
  const count = (n: number) => n.toLocaleString('en');
  const card = readCards().find(
    ({ id }) => recipe.teacher.source === 'bundled' && id === recipe.teacher.id,
  )!;
  const { gapClosedVsKd, gapClosedVsKdInterval } = of('Extracurricular');
  const [low, high] = gapClosedVsKdInterval as readonly [number, number];
  const whole = (share: number) => Math.round(share * 100);
  expect(readme).toContain(
    `| ${TITLES[name]}, ${count(steps)} steps | ${count(recipe.transfer)} images | ${count(card.examples)} | ${accuracy('ERM')} | ${accuracy('KD')} | **${accuracy('Extracurricular')}** | ${percent(teacher.accuracy!)} | ${whole(gapClosedVsKd!)} % [${whole(low)}, ${whole(high)}] |`,
  );
});

it('how many bounds were met', () => {
  const outcomes = claims.map(({ checked }) => checked?.outcome);
  const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const word = (n: number) => [...words, 'ten', 'eleven', 'twelve'][n];
  const of = (wanted: string) => word(outcomes.filter((one) => one === wanted).length);
  expect(of('not met')).toBe('none');
  expect(readme).toContain(
    `Of ${word(claims.length)} bounds that were set before the runs ${of('met')} are met and ${of('not decided')} are not decided`,
  );
});
