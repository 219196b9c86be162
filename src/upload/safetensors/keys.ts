/**
 * The first key that the object of a JSON text has twice, or null: a parser would silently keep the last of them. Only the
 * outermost object is looked at. The text has been found to be valid JSON.
 */
export function hasTwice(bytes: Uint8Array): string | null {
  const seen = new Set<string>();
  const decoder = new TextDecoder();
  let depth = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    else if (byte === 0x22) {
      const end = endOfText(bytes, i);
      // In an object a text before a colon is a key.
      if (depth === 1 && isKey(bytes, end)) {
        const key = JSON.parse(decoder.decode(bytes.subarray(i, end))) as string;
        if (seen.has(key)) return key;
        seen.add(key);
      }
      i = end - 1;
    }
  }
  return null;
}

/** The place behind a text's closing quote. */
function endOfText(bytes: Uint8Array, from: number): number {
  let i = from + 1;
  while (i < bytes.length && bytes[i] !== 0x22) i += bytes[i] === 0x5c ? 2 : 1;
  return i + 1;
}

function isKey(bytes: Uint8Array, from: number): boolean {
  let i = from;
  while (i < bytes.length && (bytes[i] as number) <= 0x20) i += 1;
  return bytes[i] === 0x3a;
}
