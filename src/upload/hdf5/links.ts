import { LIMITS } from '../limits';
import { NOWHERE, textOf } from './bytes';
import type { FileBytes } from './bytes';
import { TYPE } from './header';
import type { Message } from './header';

const NAME = 4 * LIMITS.nameLength;

/** The objects of a group by name: their addresses. Links to other names or files are left out. */
export function readLinks(
  file: FileBytes,
  messages: readonly Message[],
): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  const put = (name: string, address: number) => {
    if (out.size >= LIMITS.files)
      throw file.broken(`has a group of more than ${LIMITS.files} members`);
    if (name !== '' && address !== NOWHERE) out.set(name, address);
  };
  for (const { type, at, size } of messages) {
    if (type === TYPE.table) readTable(file, at, put);
    if (type === TYPE.link) readLink(file, at, size, put);
    if (type === TYPE.linkInfo) {
      const heap = file.address(at + 2 + (file.u8(at + 1) & 1 ? 8 : 0));
      if (heap !== NOWHERE) throw file.unread('large groups of the newest form (libver="latest")');
    }
  }
  return out;
}

type Put = (name: string, address: number) => void;

function readLink(file: FileBytes, at: number, size: number, put: Put): void {
  if (file.u8(at) !== 1) throw file.broken(`has a link of version ${file.u8(at)}`);
  const flags = file.u8(at + 1);
  let next = at + 2;
  const kind = flags & 8 ? file.u8(next++) : 0;
  if (flags & 4) next += 8;
  if (flags & 0x10) next += 1;
  const bytes = 1 << (flags & 3);
  const length = file.uint(next, bytes);
  next += bytes;
  if (length > NAME || next + length > at + size)
    throw file.broken(`has a name of ${length} bytes`);
  if (kind === 0) put(textOf(file.slice(next, length)), file.address(next + length));
}

/** A group of the old form: a B-tree of symbol tables, and a heap of names. */
function readTable(file: FileBytes, at: number, put: Put): void {
  const heapAt = file.address(at + file.offsetSize);
  if (heapAt === NOWHERE) throw file.broken('has a group without names');
  file.expect(heapAt, 'HEAP');
  const heapSize = file.length(heapAt + 8);
  const names = file.address(heapAt + 8 + 2 * file.lengthSize);
  if (names === NOWHERE) throw file.broken('has a group without names');
  file.check(names, heapSize);
  for (const node of leaves(file, file.address(at), 0, file.lengthSize)) {
    file.expect(node.child, 'SNOD');
    const entry = 2 * file.offsetSize + 24;
    const count = file.u16(node.child + 6);
    file.check(node.child + 8, count * entry);
    for (let i = 0; i < count; i++) {
      const from = node.child + 8 + i * entry;
      const name = file.uint(from, file.offsetSize);
      if (name >= heapSize) throw file.broken(`has a name at ${name} of ${heapSize}`);
      // A symbolic link has no object of its own.
      if (file.u32(from + 2 * file.offsetSize) === 2) continue;
      const text = file.text(names + name, Math.min(NAME, heapSize - name));
      put(text, file.address(from + file.offsetSize));
    }
  }
}

/**
 * The children of the leaves of a B-tree of version 1, in order, each with where its key stands. No node is read twice.
 *
 * @param kind 0 for groups, 1 for chunks
 */
export function leaves(
  file: FileBytes,
  root: number,
  kind: 0 | 1,
  keySize: number,
): readonly { readonly key: number; readonly child: number }[] {
  const out: { key: number; child: number }[] = [];
  const seen = new Set<number>();
  const todo = root === NOWHERE ? [] : [root];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (seen.has(at)) throw file.broken(`has a tree that comes back to ${at}`);
    seen.add(at);
    file.expect(at, 'TREE');
    if (file.u8(at + 4) !== kind) throw file.broken(`has a tree of another kind at ${at}`);
    const level = file.u8(at + 5);
    const count = file.u16(at + 6);
    const start = at + 8 + 2 * file.offsetSize;
    const step = keySize + file.offsetSize;
    file.check(start, count * step);
    if (out.length + count > LIMITS.files) throw file.broken('has a tree that is too large');
    const children: number[] = [];
    for (let i = 0; i < count; i++) {
      const key = start + i * step;
      const child = file.address(key + keySize);
      if (child === NOWHERE) throw file.broken(`has a tree with a gap at ${key}`);
      if (level === 0) out.push({ key, child });
      else children.push(child);
    }
    todo.push(...children.toReversed());
  }
  return out;
}
