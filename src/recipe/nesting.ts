/** Deepest nesting of lists and tables that a recipe may have: several times what any has. */
export const NESTING = 32;

/**
 * How deep lists and objects of a JSON text nest; found before anything is built, as a parser, a copy or a message goes as
 * deep as its text.
 *
 * @param text the text, or its bytes in UTF-8
 */
export function nestingOf(text: string | Uint8Array): number {
  const at =
    typeof text === 'string' ? (i: number) => text.charCodeAt(i) : (i: number) => text[i] as number;
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = at(i);
    if (inText) {
      if (code === 0x5c) i += 1;
      else if (code === 0x22) inText = false;
    } else if (code === 0x22) inText = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, (depth += 1));
    else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return deepest;
}
