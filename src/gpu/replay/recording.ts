import * as tf from '@tensorflow/tfjs';
import { submitPending } from '../fence';
import { watchLaunches } from '../kernels/launch';
import { PinnedBuffers } from './pinned';
import type { BufferManager } from './pinned';
import { differenceOf } from './audit';
import { emptyTape, noteBound, noteUpload, recordEncoder, recordMapped } from './tape';
import type { Command, Tape } from './tape';

/** Private fields of tfjs's WebGPU backend; the version is pinned. */
interface Backend {
  readonly device: GPUDevice;
  readonly bufferManager: BufferManager;
  readonly tensorMap: { has(id: object): boolean; get(id: object): { values: unknown } };
}

const current = (): Backend => tf.backend() as unknown as Backend;

/** Runs work while everything it tells the device is written down; what was pending before is submitted first. */
function taped(work: () => void): Tape {
  const { device, bufferManager } = current();
  const { queue } = device;
  submitPending();
  const tape = emptyTape();
  const create = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = create(descriptor);
    recordEncoder(encoder, tape);
    return encoder;
  };
  const bind = device.createBindGroup.bind(device);
  device.createBindGroup = (descriptor) => {
    const group = bind(descriptor);
    noteBound(tape, group, descriptor.entries);
    return group;
  };
  // A recording may have put its own pool there, which is left in place.
  const pool = Object.getOwnPropertyDescriptor(bufferManager, 'acquireBuffer');
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (...how) => {
    const buffer = acquire(...how);
    tape.taken.add(buffer);
    return buffer;
  };
  const makeBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = makeBuffer(descriptor);
    if (descriptor.mappedAtCreation) recordMapped(buffer, tape);
    return buffer;
  };
  const write = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (buffer, at, data, from, size) => {
    noteUpload(tape, bytesOf(data));
    if ((buffer.usage & GPUBufferUsage.UNIFORM) === 0)
      tape.refusal ??= 'it writes numbers into a buffer from within';
    write(buffer, at, data, from, size);
  };
  try {
    work();
    submitPending();
  } finally {
    // The methods of the prototypes again.
    delete (device as Partial<GPUDevice>).createCommandEncoder;
    delete (device as Partial<GPUDevice>).createBuffer;
    delete (device as Partial<GPUDevice>).createBindGroup;
    delete (bufferManager as Partial<BufferManager>).acquireBuffer;
    if (pool) Object.defineProperty(bufferManager, 'acquireBuffer', pool);
    delete (queue as Partial<GPUQueue>).writeBuffer;
  }
  return tape;
}

function bytesOf(data: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** What two runs of the same step have to have in common for a third to be their replay. */
export interface Observed {
  readonly uploads: readonly string[];
  /** Launches; copies are left out, since tfjs uploads through one or not, as its pool has it. */
  readonly groups: readonly string[];
  readonly pipelines: readonly GPUComputePipeline[];
  /** What each launch binds; null for a buffer that the step has taken for itself, which is another one each time. */
  readonly buffers: readonly (readonly (GPUBuffer | null)[])[];
  readonly refusal: string | null;
}

function observed({ commands, uploads, taken, refusal }: Tape): Observed {
  const launches = commands.filter((command) => command.kind === 'dispatch');
  return {
    uploads,
    groups: launches.map(({ groups }) => groups.join('x')),
    pipelines: launches.map(({ pipeline }) => pipeline),
    buffers: launches.map(({ buffers }) =>
      buffers.map((buffer) => (taken.has(buffer) ? null : buffer)),
    ),
    refusal,
  };
}

/** Runs a step as it is and notes what a recording of the next one will be compared with. */
export function observe(work: () => void): Observed {
  return observed(taped(work));
}

/**
 * One step of the GPU's work, recorded once: the same launches on the same buffers, without tfjs, the tape of gradients,
 * new bind groups or uploads. What differs from step to step lies in tensors that are written over (`overwrite`) before.
 */
export class Recording {
  readonly dispatches: number;
  /** Bytes of buffers that it keeps. */
  readonly bytes: number;
  private readonly commands: readonly Command[];
  private readonly pinned: PinnedBuffers;
  /** Data that outlives the step and is written by it. */
  private readonly written: readonly object[];

  private constructor(
    commands: readonly Command[],
    pinned: PinnedBuffers,
    touched: ReadonlySet<object>,
  ) {
    this.commands = commands;
    this.pinned = pinned;
    const { tensorMap } = current();
    this.written = [...touched].filter((id) => tensorMap.has(id));
    this.dispatches = commands.filter(({ kind }) => kind === 'dispatch').length;
    this.bytes = pinned.bytes;
  }

  /**
   * Runs a step and records it. Everything that it makes and frees stays bound to the recording; it must not read
   * anything back.
   *
   * @param before what the step before it did (`observe`): a step that does something else each time is not replayed
   * @param budget most bytes of buffers that a recording may keep
   * @returns the recording, or the reason why there is none as half a sentence; the step itself has run in any case
   */
  static make(work: () => void, before: Observed, budget: number): Recording | string {
    const pinned = new PinnedBuffers(current().bufferManager);
    const touched = new Set<object>();
    let tape = emptyTape();
    pinned.during(() => {
      tape = taped(() => watchLaunches(touched, work));
    });
    const reason = differs(before, observed(tape), pinned.bytes, budget);
    if (reason === null) return new Recording(tape.commands, pinned, touched);
    pinned.dispose();
    return reason;
  }

  /** Does the step again. @param perSubmit launches between submits: a long step goes to the GPU in parts */
  replay(perSubmit: number): void {
    const { device } = current();
    submitPending();
    let encoder = device.createCommandEncoder();
    let pass: GPUComputePassEncoder | null = null;
    let pipeline: GPUComputePipeline | null = null;
    let launched = 0;
    for (const command of this.commands) {
      if (command.kind === 'copy') {
        pass?.end();
        pass = null;
        encoder.copyBufferToBuffer(
          command.from,
          command.fromAt,
          command.to,
          command.toAt,
          command.bytes,
        );
        continue;
      }
      if (launched === perSubmit) {
        pass?.end();
        device.queue.submit([encoder.finish()]);
        encoder = device.createCommandEncoder();
        pass = null;
        launched = 0;
      }
      if (!pass) {
        pass = encoder.beginComputePass();
        pipeline = null;
      }
      if (pipeline !== command.pipeline) pass.setPipeline(command.pipeline);
      pipeline = command.pipeline;
      pass.setBindGroup(0, command.bindGroup);
      pass.dispatchWorkgroups(...command.groups);
      launched += 1;
    }
    pass?.end();
    device.queue.submit([encoder.finish()]);
    for (const id of this.written) forget(id);
  }

  /**
   * Does the step both ways: replayed, and once more from the same numbers as it is. What the second way leaves stays.
   *
   * @param work the step itself
   * @returns where the two differ, as half a sentence; null where they leave the same bits
   */
  async audit(work: () => void, perSubmit: number): Promise<string | null> {
    submitPending();
    const kept = this.lasting();
    const before = kept.map((buffer) => copyOf(buffer, GPUBufferUsage.COPY_SRC));
    this.replay(perSubmit);
    const replayed = kept.map((buffer) => copyOf(buffer, GPUBufferUsage.MAP_READ));
    const { device } = current();
    const encoder = device.createCommandEncoder();
    before.forEach((copy, i) =>
      encoder.copyBufferToBuffer(copy, 0, kept[i] as GPUBuffer, 0, copy.size),
    );
    device.queue.submit([encoder.finish()]);
    const itself = observed(taped(work));
    const plain = kept.map((buffer) => copyOf(buffer, GPUBufferUsage.MAP_READ));
    for (const id of this.written) forget(id);
    const differences = [];
    for (const [i, copy] of replayed.entries()) {
      const found = differenceOf(await contentsOf(copy), await contentsOf(plain[i] as GPUBuffer));
      if (found) differences.push(found);
    }
    for (const copy of [...before, ...replayed, ...plain]) copy.destroy();
    const launches = itself.pipelines.length;
    if (launches !== this.dispatches)
      return `it launches ${launches} kernels by itself and ${this.dispatches} as it was recorded`;
    if (differences.length === 0) return null;
    const words = differences.reduce((sum, found) => sum + found.words, 0);
    const most = Math.max(...differences.map((found) => found.most));
    return `${words} numbers in ${differences.length} of ${kept.length} buffers were others than those of the step itself, by up to ${most.toExponential(1)}`;
  }

  /** The buffers that the step reads or writes and that are not its own: what one step leaves to the next. */
  private lasting(): readonly GPUBuffer[] {
    const needed = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const all = new Set(
      this.commands.flatMap((command) =>
        command.kind === 'dispatch' ? command.buffers : [command.to],
      ),
    );
    return [...all].filter(
      (buffer) => !this.pinned.owns(buffer) && (buffer.usage & needed) === needed,
    );
  }

  /** The launches, each as something that can be done and timed alone: for profiles. */
  launches(): readonly { readonly label: string; run(): Promise<void> }[] {
    const { device } = current();
    return this.commands.flatMap((command) => {
      if (command.kind !== 'dispatch') return [];
      const run = async () => {
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(command.pipeline);
        pass.setBindGroup(0, command.bindGroup);
        pass.dispatchWorkgroups(...command.groups);
        pass.end();
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
      };
      return [{ label: command.pipeline.label, run }];
    });
  }

  /** Gives the buffers back. Tensors that the step left alive stay valid. */
  dispose(): void {
    this.pinned.dispose();
  }
}

/** A copy of a buffer as it is once what was submitted before is done. @param usage what the copy is for */
function copyOf(buffer: GPUBuffer, usage: number): GPUBuffer {
  const { device } = current();
  submitPending();
  const { size } = buffer;
  const copy = device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  return copy;
}

async function contentsOf(copy: GPUBuffer): Promise<ArrayBuffer> {
  await copy.mapAsync(GPUMapMode.READ);
  return copy.getMappedRange().slice(0);
}

/** Makes tfjs forget what it read from a tensor: a replay has written to it since. */
function forget(id: object): void {
  const { tensorMap } = current();
  if (tensorMap.has(id)) tensorMap.get(id).values = null;
}

function differs(before: Observed, after: Observed, bytes: number, budget: number): string | null {
  const megabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`;
  if (before.refusal ?? after.refusal) return before.refusal ?? after.refusal;
  if (bytes > budget)
    return `it would keep ${megabytes(bytes)} of the GPU’s memory, and ${megabytes(budget)} are allowed`;
  const same =
    before.groups.join() === after.groups.join() &&
    before.pipelines.every((pipeline, i) => pipeline === after.pipelines[i]);
  if (!same) return 'it does not run the same kernels each time';
  if (before.uploads.join(';') !== after.uploads.join(';'))
    return 'it uploads other numbers each time';
  const alike = before.buffers.every((buffers, i) =>
    buffers.every((buffer, binding) => buffer === after.buffers[i]?.[binding]),
  );
  return alike ? null : 'it works on other buffers each time';
}
