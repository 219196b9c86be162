import temml from 'temml';

/** An element of a formula, or text: what a page needs to draw it, with nothing to be parsed again. */
export type MathPart = string | MathElement;

interface MathElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly style: Readonly<Record<string, string>>;
  readonly children: readonly MathPart[];
}

/** A node of Temml's tree, of which its types say nothing: an element, a fragment without a type, or text. */
interface Node {
  readonly type?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly classes?: readonly string[];
  readonly style?: Readonly<Record<string, string>>;
  readonly children?: readonly Node[];
  readonly text?: string;
}

/**
 * The lines of a formula: it is broken at every \qquad outside braces, and loses the comma before it, so that what is
 * minimised and what its letters mean stand under each other.
 */
export function linesOf(formula: string): readonly string[] {
  const lines = [''];
  let depth = 0;
  for (const token of formula.match(/\\[a-zA-Z]+|\\.|[\s\S]/g) ?? []) {
    depth += opens(token) - closes(token);
    if (token === String.raw`\qquad` && depth === 0) lines.push('');
    else lines[lines.length - 1] += token;
  }
  return lines.map((line) => line.trim().replace(/,$/, '')).filter((line) => line !== '');
}

const opens = (token: string) => Number(token === '{' || token === String.raw`\begin`);
const closes = (token: string) => Number(token === '}' || token === String.raw`\end`);

const RELATIONS: ReadonlySet<string> = new Set(['=', '≈', '≤', '≥', '∝']);
const SIGNS: ReadonlySet<string> = new Set(['+', '−']);
/** Brackets within which a line is not broken; within square ones and braces it may be. */
const ROUND: Readonly<Record<string, number>> = { '(': 1, ')': -1 };

/** Stands between the two distributions of a KL: the one place inside it for a break, where it is long. */
const DIVERGENCE = '‖';
/** Characters before the bars from which a KL is long. */
const LONG = 20;

/**
 * One line of LaTeX as MathML, in pieces: browsers do not break formulas, but may break between two of them. A piece
 * begins with a sign, with a relation other than the first, or with the bars of a long KL. @throws Error where it is not LaTeX
 */
export function mathOf(line: string): readonly MathPart[] {
  const tree = temml.__renderToMathMLTree(line, {
    displayMode: true,
    throwOnError: true,
    strict: true,
  }) as Node;
  const pieces: MathPart[][] = [[]];
  let depth = 0;
  let related = false;
  for (const part of inner(partsOf(tree)).flatMap((part) => unpaired(part))) {
    const sign = typeof part === 'string' || !/^m[oi]$/.test(part.tag) ? '' : textOf(part);
    depth += ROUND[sign] ?? 0;
    const last = pieces.at(-1) ?? [];
    const breaks =
      (depth === 0 && (SIGNS.has(sign) || (RELATIONS.has(sign) && related))) ||
      (depth <= 1 && sign === DIVERGENCE && last.map(textOf).join('').length >= LONG);
    related ||= RELATIONS.has(sign);
    if (!breaks || last.length === 0 || isOpen(last)) last.push(part);
    else pieces.push([between(part)]);
  }
  return pieces.map((children) => ({
    tag: 'math',
    attributes: { displaystyle: 'true' },
    style: {},
    children,
  }));
}

/** Without the elements that hold the whole formula. */
function inner(parts: readonly MathPart[]): readonly MathPart[] {
  const [only, ...more] = parts;
  const holds =
    typeof only === 'object' && more.length === 0 && (only.tag === 'math' || only.tag === 'mrow');
  return holds ? inner(only.children) : parts;
}

/** Brackets of one size with what is between them, which Temml holds together, beside each other. */
function unpaired(part: MathPart): readonly MathPart[] {
  if (typeof part === 'string' || part.tag !== 'mrow') return [part];
  const [first] = part.children;
  const paired = typeof first === 'object' && first.attributes['fence'] === 'true';
  return paired && first.attributes['stretchy'] === 'false'
    ? part.children.flatMap((child) => unpaired(child))
    : [part];
}

/** What ends with a bracket, a relation or a sign: a sign that follows belongs to it, as in "= −1". */
function isOpen(parts: readonly MathPart[]): boolean {
  const last = parts.findLast((part) => typeof part !== 'string' && part.tag !== 'mspace');
  return (
    typeof last === 'object' && last.tag === 'mo' && /^[[({=≈≤≥∝+−,]$/.test(textOf(last).trim())
  );
}

/** A sign that begins a piece stands between two things all the same, and keeps its room. */
function between(part: MathPart): MathPart {
  if (typeof part === 'string' || part.tag !== 'mo') return part;
  return { ...part, attributes: { ...part.attributes, form: 'infix' } };
}

/** The characters of a formula, in order. */
export function textOf(part: MathPart): string {
  return typeof part === 'string' ? part : part.children.map((child) => textOf(child)).join('');
}

function partsOf(node: Node): readonly MathPart[] {
  if (node.text !== undefined) return [node.text];
  const children = (node.children ?? []).flatMap((child) => partsOf(child));
  if (node.type === undefined) return children;
  const { style: written, ...attributes } = Object.fromEntries(
    Object.entries(node.attributes ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const classes = (node.classes ?? []).filter((name) => name !== '').join(' ');
  return [
    {
      tag: node.type,
      attributes: classes === '' ? attributes : { ...attributes, className: classes },
      style: { ...stylesIn(written ?? ''), ...node.style },
      children,
    },
  ];
}

/** Declarations as an object: the page's policy refuses the attribute, not the property. */
function stylesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(';').flatMap((declaration) => {
      const [name = '', value = ''] = declaration.split(':').map((part) => part.trim());
      const property = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return name === '' || value === '' ? [] : [[property, value] as const];
    }),
  );
}
