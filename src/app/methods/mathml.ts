import temml from 'temml';

/** An element of a formula, or text: what a page needs to draw it, with nothing to be parsed again. */
export type MathPart =
  | string
  | {
      readonly tag: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly style: Readonly<Record<string, string>>;
      readonly children: readonly MathPart[];
    };

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

/** One line of LaTeX as MathML. @throws Error where it is not LaTeX */
export function mathOf(line: string): MathPart {
  const tree = temml.__renderToMathMLTree(line, {
    displayMode: true,
    throwOnError: true,
    strict: true,
  }) as Node;
  const [part, ...more] = partsOf(tree);
  if (part === undefined || more.length > 0) throw new Error(`not one formula: ${line}`);
  return part;
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
