import { describe, expect, it } from 'vitest';
import { linesOf, mathOf, textOf, type MathPart } from '../../src/app/methods/mathml';

/** Names of the elements of a formula, in order. */
function tagsOf(part: MathPart): readonly string[] {
  return typeof part === 'string' ? [] : [part.tag, ...part.children.flatMap((c) => tagsOf(c))];
}

describe('a formula', () => {
  it('becomes MathML', () => {
    const math = mathOf(String.raw`\frac{1}{B} \sum_{i=1}^{B} \ell(x_i)`);
    expect(math.flatMap((piece) => tagsOf(piece))).toEqual(
      expect.arrayContaining(['math', 'mfrac', 'munderover', 'msub', 'mi', 'mo', 'mn']),
    );
    expect(math.map(textOf).join('').replaceAll(/\s/g, '')).toBe('1B∑i=1Bℓ(xi)');
  });

  it('has its styles as properties, which the policy of the page allows', () => {
    const bold = JSON.stringify(mathOf(String.raw`\pmb{x + y}`));
    expect(bold).toContain('"fontWeight":"bold"');
    expect(bold).not.toContain('"style":"');
  });

  it('is broken at a \\qquad outside braces and environments only', () => {
    expect(linesOf(String.raw`a = b, \qquad b = \text{c \qquad d}`)).toEqual([
      'a = b',
      String.raw`b = \text{c \qquad d}`,
    ]);
    const cases = String.raw`f = \begin{cases} 1 \qquad x \\ 0 \end{cases}`;
    expect(linesOf(cases)).toEqual([cases]);
  });

  it.each([
    [String.raw`\mathcal{L} = a + b(1 - c) - d`, ['ℒ=a', '+b(1−c)', '−d']],
    [String.raw`L = \bigl[ a + b \bigr] = -c`, ['L=[a', '+b]', '=−c']],
    [String.raw`\mathrm{KL}(p(x) \,\|\, q(x))`, ['KL(p(x)‖q(x))']],
    [
      String.raw`\mathrm{KL}\bigl(\lambda p(x_i) + (1 - \lambda) p(x_j) \,\|\, q(x)\bigr)`,
      ['KL(λp(xi)+(1−λ)p(xj)', '‖q(x))'],
    ],
    [String.raw`-a`, ['−a']],
    [String.raw`\left( a + b \right) = c`, ['(a+b)=c']],
  ])(
    'may be broken before signs outside round brackets, and between the two sides of a long KL: %s',
    (latex, pieces) => {
      const found = mathOf(latex);
      expect(found.map((piece) => textOf(piece).replaceAll(/\s/g, ''))).toEqual(pieces);
      for (const piece of found) expect(tagsOf(piece)[0]).toBe('math');
    },
  );

  it.each([
    [String.raw`\frac{1}`, /Unexpected end of input/],
    ['{', /Expected '}'/],
    [String.raw`\nosuchthing`, /nosuchthing/],
    ['x^2^3', /superscript/],
  ])('is refused where it is not LaTeX: %s', (latex, why) =>
    expect(() => mathOf(latex)).toThrow(why),
  );
});
