/**
 * How a command's own words are kept apart from what graphics drivers print: they go to a file descriptor of their own, and
 * what comes out of descriptor 2 is only shown where the command did not end by itself.
 */

/** The environment variable that names the descriptor. */
export const WORDS = 'COMMAND_WORDS';
/** Written to descriptor 2 where a command ends by itself: nothing of what stands before it has to be shown. */
export const ENDED = '\0ended\0';
/** Most of what is kept of it, in characters. */
export const KEPT = 64_000;

/** Text with a � for every character that a terminal would obey; as src/recipe/shown.ts has it. @param {string} text */
export const cleaned = (text) =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
