/** What a step does on the GPU, as it can be done again. */
export type Command =
  | {
      readonly kind: 'dispatch';
      readonly pipeline: GPUComputePipeline;
      readonly bindGroup: GPUBindGroup;
      readonly groups: readonly [number, number, number];
      /** What the bind group binds, in the order of its bindings. */
      readonly buffers: readonly GPUBuffer[];
    }
  | {
      readonly kind: 'copy';
      readonly from: GPUBuffer;
      readonly fromAt: number;
      readonly to: GPUBuffer;
      readonly toAt: number;
      readonly bytes: number;
    };

/** Commands that a device was given, in order, with what was uploaded among them. */
export interface Tape {
  readonly commands: Command[];
  /** Every upload within the step, as text: its size and its first bytes. */
  readonly uploads: string[];
  /** What the bind groups that were made meanwhile bind. */
  readonly bound: Map<GPUBindGroup, readonly GPUBuffer[]>;
  /** Buffers that were taken out of the pool meanwhile: where they lie says nothing. */
  readonly taken: Set<GPUBuffer>;
  /** Why this step cannot be done again, if so. */
  refusal: string | null;
}

/** Uploads up to so many bytes may be constants of a step; more is data. */
const CONSTANT_BYTES = 1024;

/** Notes what is uploaded; refuses a step that uploads data. */
export function noteUpload(tape: Tape, bytes: Uint8Array): void {
  tape.uploads.push(`${bytes.length}:${Array.from(bytes.subarray(0, CONSTANT_BYTES)).join(',')}`);
  if (bytes.length > CONSTANT_BYTES)
    tape.refusal ??= `it uploads ${bytes.length} bytes from within`;
}

/** Notes what is written into a buffer that is born mapped, at the moment when it is handed to the GPU. */
export function recordMapped(buffer: GPUBuffer, tape: Tape): void {
  const ranges: ArrayBuffer[] = [];
  const map = buffer.getMappedRange.bind(buffer);
  buffer.getMappedRange = (...place) => {
    const range = map(...place);
    ranges.push(range);
    return range;
  };
  const unmap = buffer.unmap.bind(buffer);
  buffer.unmap = () => {
    for (const range of ranges.splice(0)) noteUpload(tape, new Uint8Array(range));
    unmap();
  };
}

/** An empty tape. */
export const emptyTape = (): Tape => ({
  commands: [],
  uploads: [],
  bound: new Map(),
  taken: new Set(),
  refusal: null,
});

/** Notes what a bind group binds. */
export function noteBound(
  tape: Tape,
  group: GPUBindGroup,
  entries: Iterable<GPUBindGroupEntry>,
): void {
  const buffers = [...entries]
    .toSorted((a, b) => a.binding - b.binding)
    .flatMap(({ resource }) => ('buffer' in resource ? [resource.buffer] : []));
  tape.bound.set(group, buffers);
}

/** Records what an encoder is told, while it does it. Instance methods are replaced: a Proxy would not be an encoder. */
export function recordEncoder(encoder: GPUCommandEncoder, tape: Tape): void {
  const begin = encoder.beginComputePass.bind(encoder);
  encoder.beginComputePass = (descriptor) => {
    const pass = begin(descriptor);
    recordPass(pass, tape);
    return pass;
  };
  const copy = encoder.copyBufferToBuffer.bind(encoder) as (
    from: GPUBuffer,
    fromAt: number,
    to: GPUBuffer,
    toAt: number,
    bytes: number,
  ) => void;
  const recorded = (
    from: GPUBuffer,
    fromAt: number,
    to: GPUBuffer,
    toAt: number,
    bytes: number,
  ): void => {
    tape.commands.push({ kind: 'copy', from, fromAt, to, toAt, bytes });
    copy(from, fromAt, to, toAt, bytes);
  };
  encoder.copyBufferToBuffer = recorded as GPUCommandEncoder['copyBufferToBuffer'];
}

function recordPass(pass: GPUComputePassEncoder, tape: Tape): void {
  let pipeline: GPUComputePipeline | null = null;
  let bindGroup: GPUBindGroup | null = null;
  const setPipeline = pass.setPipeline.bind(pass);
  pass.setPipeline = (next) => {
    pipeline = next;
    setPipeline(next);
  };
  const setBindGroup = pass.setBindGroup.bind(pass) as (
    index: number,
    group: GPUBindGroup | null,
  ) => void;
  const recorded = (index: number, group: GPUBindGroup | null): void => {
    bindGroup = group;
    setBindGroup(index, group);
  };
  pass.setBindGroup = recorded as GPUComputePassEncoder['setBindGroup'];
  const dispatch = pass.dispatchWorkgroups.bind(pass);
  pass.dispatchWorkgroups = (x, y = 1, z = 1) => {
    if (pipeline && bindGroup) {
      const buffers = tape.bound.get(bindGroup);
      if (!buffers) tape.refusal ??= 'it uses a bind group of before';
      else
        tape.commands.push({ kind: 'dispatch', pipeline, bindGroup, groups: [x, y, z], buffers });
    }
    dispatch(x, y, z);
  };
}
