/** tfjs's pool of buffers, as far as a recording takes its place. Private in the typings; the version is pinned. */
export interface BufferManager {
  acquireBuffer(
    size: number,
    usage: number,
    mappedAtCreation?: boolean,
    reuse?: boolean,
  ): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

/** Buffers that belong to some recording: tfjs's pool must not hand them on. */
const owners = new WeakMap<GPUBuffer, PinnedBuffers>();
const guarded = new WeakSet<BufferManager>();

/** Makes the pool leave pinned buffers to their owner. Once per pool; it stays. */
function guard(manager: BufferManager): void {
  if (guarded.has(manager)) return;
  guarded.add(manager);
  const release = manager.releaseBuffer.bind(manager);
  manager.releaseBuffer = (buffer, reuse) => {
    const owner = owners.get(buffer);
    if (owner) owner.released(buffer);
    else release(buffer, reuse);
  };
}

/**
 * The buffers of one recorded step. While it is recorded they come from here: storage is used again within the step, in
 * the order in which the step runs; uniforms and what is filled while mapped never are, since nothing recorded would
 * fill them anew. Afterwards all of them stay as they are until the recording is given up.
 */
export class PinnedBuffers {
  bytes = 0;
  private readonly manager: BufferManager;
  private readonly free = new Map<string, GPUBuffer[]>();
  private readonly constant = new Set<GPUBuffer>();
  private readonly all = new Set<GPUBuffer>();
  /** Those without a tensor. */
  private readonly idle = new Set<GPUBuffer>();

  constructor(manager: BufferManager) {
    this.manager = manager;
    guard(manager);
  }

  /** Runs work with this in the pool's place. */
  during(work: () => void): void {
    const { manager } = this;
    const acquire = manager.acquireBuffer.bind(manager);
    manager.acquireBuffer = (size, usage, mapped = false) => {
      const storage = (usage & GPUBufferUsage.STORAGE) !== 0;
      if (storage && !mapped) {
        const found = this.free.get(keyOf(size, usage))?.pop() ?? this.adopt(acquire(size, usage));
        this.idle.delete(found);
        return found;
      }
      const buffer = this.adopt(acquire(size, usage, mapped));
      if (mapped && buffer.mapState === 'unmapped') {
        // Out of tfjs's pool it comes unmapped, and would be filled by a copy from a buffer that is destroyed afterwards.
        this.released(buffer);
        return manager.acquireBuffer(size, usage, mapped);
      }
      this.constant.add(buffer);
      return buffer;
    };
    try {
      work();
    } finally {
      // The method of the prototype again.
      delete (manager as Partial<BufferManager>).acquireBuffer;
    }
  }

  /** True for buffers that belong to the recording. */
  owns(buffer: GPUBuffer): boolean {
    return this.all.has(buffer);
  }

  private adopt(buffer: GPUBuffer): GPUBuffer {
    owners.set(buffer, this);
    this.all.add(buffer);
    this.bytes += buffer.size;
    return buffer;
  }

  /** tfjs has no tensor in this buffer any more. */
  released(buffer: GPUBuffer): void {
    this.idle.add(buffer);
    if (this.constant.has(buffer)) return;
    const key = keyOf(buffer.size, buffer.usage);
    const list = this.free.get(key) ?? [];
    list.push(buffer);
    this.free.set(key, list);
  }

  /** Hands all buffers back to tfjs's pool: those without a tensor now, the others when theirs goes. */
  dispose(): void {
    for (const buffer of this.all) owners.delete(buffer);
    for (const buffer of this.idle) this.manager.releaseBuffer(buffer);
    this.all.clear();
    this.idle.clear();
    this.free.clear();
  }
}

const keyOf = (size: number, usage: number): string => `${size}/${usage}`;
