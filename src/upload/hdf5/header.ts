import { NOWHERE } from './bytes';
import type { FileBytes } from './bytes';

/** A message of an object header: where its data lie. */
export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

export const TYPE = {
  space: 0x1,
  linkInfo: 0x2,
  type: 0x3,
  link: 0x6,
  external: 0x7,
  layout: 0x8,
  filters: 0xb,
  attribute: 0xc,
  continued: 0x10,
  table: 0x11,
  attributeInfo: 0x15,
} as const;

const MOST_MESSAGES = 20_000;
const READ: ReadonlySet<number> = new Set(Object.values(TYPE));

/**
 * The messages of the object header at an address, of version 1 or 2, those in continuation blocks included. No block is
 * read twice.
 */
export function readHeader(file: FileBytes, at: number): readonly Message[] {
  const out: Message[] = [];
  const second = file.has(at, 'OHDR');
  const flags = second ? file.u8(at + 5) : 0;
  if (!second && file.u8(at) !== 1) throw file.broken(`has no object at ${at}`);
  if (second && file.u8(at + 4) !== 2)
    throw file.broken(`has an object of version ${file.u8(at + 4)}`);
  const blocks = [second ? firstBlock(file, at, flags) : { from: at + 16, size: file.u32(at + 8) }];
  const seen = new Set<number>();
  // The first block of version 1 counts its messages; those of version 2, and continuations, are full.
  const most = second ? MOST_MESSAGES : Math.min(MOST_MESSAGES, file.u16(at + 2));
  const before = second ? (flags & 4 ? 6 : 4) : 8;
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    if (seen.has(block.from)) throw file.broken(`continues an object at ${block.from} twice`);
    seen.add(block.from);
    file.check(block.from, block.size);
    const end = block.from + block.size;
    let next = block.from;
    while (next + before <= end && out.length < most) {
      const type = second ? file.u8(next) : file.u16(next);
      const size = file.u16(next + (second ? 1 : 2));
      const marks = file.u8(next + (second ? 3 : 4));
      const data = next + before;
      if (data + size > end) throw file.broken(`has a message at ${next} that leaves its block`);
      if ((marks & 2) !== 0 && READ.has(type)) throw file.unread('shared messages');
      if (type === TYPE.continued) blocks.push(blockAt(file, data, second));
      out.push({ type, at: data, size });
      next = data + size;
    }
    if (out.length >= MOST_MESSAGES) throw file.broken(`has an object of ${out.length} messages`);
  }
  return out;
}

function firstBlock(file: FileBytes, at: number, flags: number) {
  const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const bytes = 1 << (flags & 3);
  return { from: sizeAt + bytes, size: file.uint(sizeAt, bytes) };
}

function blockAt(file: FileBytes, at: number, second: boolean) {
  const from = file.address(at);
  const size = file.length(at + file.offsetSize);
  if (from === NOWHERE) throw file.broken('continues an object nowhere');
  if (!second) return { from, size };
  file.expect(from, 'OCHK');
  if (size < 8) throw file.broken(`continues an object for ${size} bytes`);
  // Between the letters and the check sum.
  return { from: from + 4, size: size - 8 };
}
