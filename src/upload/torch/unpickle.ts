import { refuse, shown } from '../refuse';
import { Dict, Global, List, Opaque, StorageRef } from './pickled';
import type { Pickled } from './pickled';
import { nameOf, persistent, rebuild } from './rebuild';

/** What a pickle may ask for. A real state dict has some ten opcodes a tensor. */
const MOST = {
  opcodes: 4_000_000,
  stack: 1_000_000,
  memo: 1_000_000,
  copied: 4_000_000,
  /** Characters of a number or a name that is written out. */
  line: 4096,
  /** Bytes of a whole number. */
  whole: 16,
} as const;

/** The place on the stack from which some opcodes gather. */
const MARK = Symbol('mark');

type Slot = Pickled | typeof MARK;

export interface Unpickled {
  readonly value: Pickled;
  /** Every storage that the pickle refers to. */
  readonly storages: readonly StorageRef[];
  /** The place behind it. */
  readonly end: number;
}

/**
 * Reads a pickle of any protocol from 0 to 5 without running anything: a machine with a stack, of whose opcodes those
 * that would import or call are answered by `rebuild` alone.
 *
 * @param from where in the bytes it begins
 * @param file what sentences call the file
 * @throws UserError where it breaks off, holds what is no pickle, or asks for too much
 */
export function unpickle(bytes: Uint8Array, from: number, file: string): Unpickled {
  const machine = new Machine(bytes, from, file);
  return { value: machine.run(), storages: machine.storages, end: machine.at };
}

class Machine {
  at: number;
  readonly storages: StorageRef[] = [];
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly file: string;
  private stack: Slot[] = [];
  private spent = 0;
  private readonly memo = new Map<number, Pickled>();

  constructor(bytes: Uint8Array, from: number, file: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
    this.file = file;
  }

  run(): Pickled {
    for (let count = 0; count < MOST.opcodes; count++) {
      const opcode = this.byte();
      if (opcode === 0x2e) return this.pop();
      this.step(opcode);
      if (this.stack.length > MOST.stack || this.memo.size > MOST.memo)
        throw this.wrong('it piles up more values than any state dict needs');
    }
    throw this.wrong('it has more steps than any state dict needs');
  }

  private step(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case '\x80': // PROTO
        if (this.byte() > 5) throw this.wrong('it is of a pickle protocol beyond 5');
        return;
      case '\x95': // FRAME
        this.skip(8);
        return;
      case '(': // MARK
        this.stack.push(MARK);
        return;
      case '0': // POP
        if (this.stack.pop() === undefined) throw this.wrong('it takes from an empty stack');
        return;
      case '1': // POP_MARK
        this.gather();
        return;
      case '2': // DUP
        this.push(this.top());
        return;
      default:
        if (!this.scalar(opcode) && !this.container(opcode) && !this.object(opcode))
          throw this.wrong(`byte ${opcode} at place ${this.at - 1} is no opcode that is read`);
    }
  }

  /** Numbers, text and bytes. */
  private scalar(opcode: number): boolean {
    switch (String.fromCharCode(opcode)) {
      case 'N': // NONE
        return this.push(null);
      case '\x88': // NEWTRUE
        return this.push(true);
      case '\x89': // NEWFALSE
        return this.push(false);
      case 'I': {
        // INT, which also writes booleans: 00 and 01
        const line = this.line();
        return this.push(line === '00' ? false : line === '01' ? true : this.whole(line));
      }
      case 'L': // LONG
        return this.push(this.whole(this.line().replace(/L$/, '')));
      case 'F': // FLOAT
        return this.push(Number(this.line()));
      case 'J': // BININT
        return this.push(this.view.getInt32(this.skip(4), true));
      case 'K': // BININT1
        return this.push(this.byte());
      case 'M': // BININT2
        return this.push(this.view.getUint16(this.skip(2), true));
      case 'G': // BINFLOAT
        return this.push(this.view.getFloat64(this.skip(8)));
      case '\x8a': // LONG1
        return this.push(this.little(this.byte()));
      case '\x8b': // LONG4
        return this.push(this.little(this.length(4)));
      case 'S': // STRING, in quotes
        return this.push(this.line().slice(1, -1));
      case 'V': // UNICODE
        return this.push(unescaped(this.lineBytes()));
      case 'T': // BINSTRING
        return this.push(this.text(this.length(4)));
      case 'U': // SHORT_BINSTRING
      case '\x8c': // SHORT_BINUNICODE
        return this.push(this.text(this.byte()));
      case 'X': // BINUNICODE
        return this.push(this.text(this.length(4)));
      case '\x8d': // BINUNICODE8
        return this.push(this.text(this.length(8)));
      case 'C': // SHORT_BINBYTES
        return this.push(this.some(this.byte()));
      case 'B': // BINBYTES
        return this.push(this.some(this.length(4)));
      case '\x8e': // BINBYTES8
      case '\x96': // BYTEARRAY8
        return this.push(this.some(this.length(8)));
      default:
        return false;
    }
  }

  /** Lists, tuples, sets, dicts, and the memo. */
  private container(opcode: number): boolean {
    switch (String.fromCharCode(opcode)) {
      case ']': // EMPTY_LIST
        return this.push(new List('list'));
      case 'l': // LIST
        return this.push(new List('list', this.gather()));
      case ')': // EMPTY_TUPLE
        return this.push(new List('tuple'));
      case 't': // TUPLE
        return this.push(new List('tuple', this.gather()));
      case '\x85': // TUPLE1
        return this.push(new List('tuple', this.take(1)));
      case '\x86': // TUPLE2
        return this.push(new List('tuple', this.take(2)));
      case '\x87': // TUPLE3
        return this.push(new List('tuple', this.take(3)));
      case '\x8f': // EMPTY_SET
        return this.push(new List('set'));
      case '\x91': // FROZENSET
        return this.push(new List('set', this.gather()));
      case 'a': // APPEND
        return this.append(this.take(1));
      case 'e': // APPENDS
      case '\x90': // ADDITEMS
        return this.append(this.gather());
      case '}': // EMPTY_DICT
        return this.push(new Dict());
      case 'd': {
        // DICT
        const items = this.gather();
        this.push(new Dict());
        return this.set(items);
      }
      case 's': // SETITEM
        return this.set(this.take(2));
      case 'u': // SETITEMS
        return this.set(this.gather());
      case 'p': // PUT
        return this.remember(this.index());
      case 'q': // BINPUT
        return this.remember(this.byte());
      case 'r': // LONG_BINPUT
        return this.remember(this.length(4));
      case '\x94': // MEMOIZE
        return this.remember(this.memo.size);
      case 'g': // GET
        return this.recall(this.index());
      case 'h': // BINGET
        return this.recall(this.byte());
      case 'j': // LONG_BINGET
        return this.recall(this.length(4));
      default:
        return false;
    }
  }

  /** What would import and call, were this Python. */
  private object(opcode: number): boolean {
    switch (String.fromCharCode(opcode)) {
      case 'c': // GLOBAL
        return this.push(new Global(`${this.line()}.${this.line()}`));
      case '\x93': {
        // STACK_GLOBAL
        const [module, name] = this.take(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw this.wrong('it names a class by something that is no text');
        return this.push(new Global(`${module}.${name}`));
      }
      case 'R': // REDUCE
      case '\x81': {
        // NEWOBJ
        const [callable = null, args = null] = this.take(2);
        return this.push(rebuild(callable, args, this.spend));
      }
      case '\x92': {
        // NEWOBJ_EX
        const [callable = null] = this.take(3);
        return this.push(new Opaque(nameOf(callable)));
      }
      case 'i': {
        // INST
        const name = `${this.line()}.${this.line()}`;
        this.gather();
        return this.push(new Opaque(name));
      }
      case 'o': {
        // OBJ
        const [callable = null] = this.gather();
        return this.push(new Opaque(nameOf(callable)));
      }
      case 'b': {
        // BUILD: what hangs on a dict or a tensor beside its content is not needed
        const [state = null] = this.take(1);
        const onto = this.top();
        if (onto instanceof Opaque) onto.state ??= state;
        return true;
      }
      case 'P': // PERSID
        this.line();
        return this.push(new Opaque('a reference'));
      case 'Q': {
        // BINPERSID
        const value = persistent(this.pop());
        if (value instanceof StorageRef) this.storages.push(value);
        return this.push(value);
      }
      default:
        return false;
    }
  }

  /** Items that were copied out of others: a short pickle could ask for any number of them. */
  private readonly spend = (items: number): void => {
    this.spent += items;
    if (this.spent > MOST.copied) throw this.wrong('it copies more than any state dict needs');
  };

  private push(value: Pickled): true {
    this.stack.push(value);
    return true;
  }

  private pop(): Pickled {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) throw this.wrong('it takes from an empty stack');
    return value;
  }

  private top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw this.wrong('it looks at an empty stack');
    return value;
  }

  private take(count: number): Pickled[] {
    const items = Array.from({ length: count }, () => this.pop());
    return items.toReversed();
  }

  /** Everything above the last mark, which goes too. */
  private gather(): Pickled[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.wrong('it gathers from a mark that it never set');
    const items = this.stack.slice(mark + 1) as Pickled[];
    this.stack.length = mark;
    return items;
  }

  private append(items: readonly Pickled[]): true {
    const onto = this.top();
    if (onto instanceof List) for (const item of items) onto.items.push(item);
    else if (!(onto instanceof Opaque)) throw this.wrong('it appends to what is no list');
    return true;
  }

  private set(items: readonly Pickled[]): true {
    const onto = this.top();
    if (items.length % 2 !== 0) throw this.wrong('a dict has a key without a value');
    if (onto instanceof Dict)
      for (let i = 0; i < items.length; i += 2)
        onto.entries.set(items[i] as Pickled, items[i + 1] as Pickled);
    else if (!(onto instanceof Opaque)) throw this.wrong('it sets items of what is no dict');
    return true;
  }

  private remember(index: number): true {
    this.memo.set(index, this.top());
    return true;
  }

  private recall(index: number): true {
    const value = this.memo.get(index);
    if (value === undefined) throw this.wrong('it recalls what it never stored');
    return this.push(value);
  }

  private index(): number {
    const index = Number(this.line());
    if (!Number.isSafeInteger(index) || index < 0) throw this.wrong('a memo has no such place');
    return index;
  }

  private byte(): number {
    return this.bytes[this.skip(1)] as number;
  }

  /** Goes on by so many bytes. @returns where they begin */
  private skip(count: number): number {
    const { at } = this;
    if (count > this.bytes.length - at) throw this.wrong('it breaks off');
    this.at = at + count;
    return at;
  }

  /** An unsigned length of four or eight bytes. */
  private length(bytes: 4 | 8): number {
    const at = this.skip(bytes);
    return bytes === 4 ? this.view.getUint32(at, true) : Number(this.view.getBigUint64(at, true));
  }

  private some(count: number): Uint8Array {
    const at = this.skip(count);
    return this.bytes.subarray(at, at + count);
  }

  private text(count: number): string {
    return new TextDecoder().decode(this.some(count));
  }

  private line(): string {
    return new TextDecoder().decode(this.lineBytes());
  }

  private lineBytes(): Uint8Array {
    const end = this.bytes.subarray(this.at, this.at + MOST.line).indexOf(0x0a);
    if (end < 0) throw this.wrong('a line of it has no end');
    const line = this.some(end);
    this.skip(1);
    return line;
  }

  private whole(text: string): number | bigint {
    if (!/^[+-]?\d{1,38}$/.test(text)) throw this.wrong('a number of it cannot be read');
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text);
  }

  /** A whole number in two's complement, least byte first. */
  private little(count: number): number | bigint {
    if (count > MOST.whole) throw this.wrong(`a whole number of it has ${count} bytes`);
    let value = 0n;
    const bytes = this.some(count);
    for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
    const last = bytes.at(-1) ?? 0;
    if (last >= 0x80) value -= 1n << BigInt(8 * count);
    const plain = Number(value);
    return Number.isSafeInteger(plain) ? plain : value;
  }

  private wrong(why: string): Error {
    return refuse(
      'E_UPLOAD_PICKLE',
      `${shown(this.file)} cannot be used: its pickle cannot be read, because ${why}.`,
      'Check that the file is whole; save the weights anew with torch.save(model.state_dict(), "weights.pth").',
    );
  }
}

/** Text of protocol 0: Latin-1, with every other letter as \\uXXXX or \\UXXXXXXXX. */
function unescaped(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return text.replaceAll(/\\u([\da-f]{4})|\\U(000[\da-f]{5}|0010[\da-f]{4})/gi, (_, short, long) =>
    String.fromCodePoint(Number.parseInt((short ?? long) as string, 16)),
  );
}
