import type { Ledger } from './mock-ledger';

/** Buffers up to this size really hold what is written to them; larger ones hold nothing and read as zeros. */
const KEPT_BYTES = 64 * 1024;

/** Values of the WebGPU specification, which code reads from the global objects of these names. */
export const usage = {
  MAP_READ: 0x1,
  MAP_WRITE: 0x2,
  COPY_SRC: 0x4,
  COPY_DST: 0x8,
  INDEX: 0x10,
  VERTEX: 0x20,
  UNIFORM: 0x40,
  STORAGE: 0x80,
  INDIRECT: 0x100,
  QUERY_RESOLVE: 0x200,
} as const;
export const mapMode = { READ: 1, WRITE: 2 } as const;

/** Memory that all large mappings of one size share: what is written there is counted and forgotten. */
const scratch = new Map<number, ArrayBuffer>();

function scratchOf(size: number): ArrayBuffer {
  const found = scratch.get(size) ?? new ArrayBuffer(size);
  scratch.set(size, found);
  return found;
}

interface Mapping {
  readonly offset: number;
  readonly size: number;
  readonly writes: boolean;
  readonly ranges: { readonly offset: number; readonly memory: ArrayBuffer }[];
}

/**
 * A GPUBuffer that costs nothing: its bytes are counted, not allocated, unless it is small. Where WebGPU would report a
 * validation error to the device, this throws, so that no mistake hides behind a count.
 */
export class MockBuffer {
  readonly label: string;
  readonly size: number;
  readonly usage: number;
  mapState: GPUBufferMapState = 'unmapped';
  destroyed = false;
  private readonly ledger: Ledger;
  private contents: Uint8Array | null = null;
  private mapping: Mapping | null = null;

  constructor(ledger: Ledger, descriptor: GPUBufferDescriptor) {
    this.label = descriptor.label ?? '';
    this.size = descriptor.size;
    this.usage = descriptor.usage;
    this.ledger = ledger;
    ledger.created(this.size);
    if (descriptor.mappedAtCreation) this.map(0, this.size, true);
  }

  async mapAsync(mode: number, offset = 0, size = this.size - offset): Promise<void> {
    const needed = mode === mapMode.WRITE ? usage.MAP_WRITE : usage.MAP_READ;
    if ((this.usage & needed) === 0) throw new Error(`buffer ${this.label} cannot be mapped so`);
    this.check('unmapped');
    this.mapState = 'pending';
    await Promise.resolve();
    this.check('pending');
    this.map(offset, size, mode === mapMode.WRITE);
  }

  getMappedRange(offset = 0, size = this.size - offset): ArrayBuffer {
    const { mapping } = this;
    if (!mapping || offset < mapping.offset || offset + size > mapping.offset + mapping.size)
      throw new Error(`buffer ${this.label} is not mapped there`);
    const memory = this.memoryOf(mapping.writes, offset, size);
    mapping.ranges.push({ offset, memory });
    return memory;
  }

  unmap(): void {
    const { mapping } = this;
    this.mapping = null;
    this.mapState = 'unmapped';
    if (!mapping?.writes) return;
    this.ledger.add('bytesWritten', mapping.size);
    for (const { offset, memory } of mapping.ranges) this.write(offset, new Uint8Array(memory));
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.mapping = null;
    this.contents = null;
    this.mapState = 'unmapped';
    this.ledger.destroyed(this.size);
  }

  /** Throws unless the buffer is alive and in this state. */
  check(state: GPUBufferMapState): void {
    if (this.destroyed) throw new Error(`buffer ${this.label} (${this.size} bytes) is destroyed`);
    if (this.mapState !== state) throw new Error(`buffer ${this.label} is ${this.mapState}`);
  }

  /** Keeps bytes where the buffer is small. */
  write(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.byteLength > this.size)
      throw new Error(`${bytes.byteLength} bytes at ${offset} do not fit into ${this.size}`);
    if (this.size > KEPT_BYTES) return;
    this.contents ??= new Uint8Array(this.size);
    this.contents.set(bytes, offset);
  }

  /** A copy of what it holds; zeros where nothing was kept. */
  read(offset: number, size: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(size);
    if (this.contents) copy.set(this.contents.subarray(offset, offset + size));
    return copy;
  }

  get isKept(): boolean {
    return this.size <= KEPT_BYTES;
  }

  private map(offset: number, size: number, writes: boolean): void {
    this.mapState = 'mapped';
    this.mapping = { offset, size, writes, ranges: [] };
  }

  private memoryOf(writes: boolean, offset: number, size: number): ArrayBuffer {
    return writes && !this.isKept ? scratchOf(size) : this.read(offset, size).buffer;
  }
}
