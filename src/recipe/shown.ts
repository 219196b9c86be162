/**
 * Everything that could change how the text around it is read: control characters (a terminal obeys them), characters
 * that turn the direction of writing or are invisible, line separators, halves of characters, private ones.
 */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** A stranger's text with a � for every character that must not reach a page, a terminal or a file. */
export function cleaned(text: string): string {
  return text.replaceAll(UNSHOWABLE, '\u{fffd}');
}

/** Text from a stranger as it may stand in a sentence: cleaned, and cut to a length. */
export function shown(text: string, length = 80): string {
  const clean = cleaned(text);
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}
