import * as tf from '@tensorflow/tfjs';

/**
 * Launching our own WGSL kernels inside the compute pass that tfjs keeps open, so that their order with tfjs's own
 * kernels is the order of the calls.
 *
 * tfjs's public way for custom programs (runWebGPUProgram) has one output, no writing in place, and uploads a block of
 * shape uniforms with every dispatch. These fields of its backend are private in the typings; the version is pinned.
 */
interface Backend {
  readonly device: GPUDevice;
  readonly tensorMap: {
    get(id: object): { resource?: GPUBuffer; values: unknown; dtype: string; refCount: number };
  };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  uploadToGPU(id: object): void;
  makeTensorInfo(shape: number[], dtype: 'float32' | 'int32'): tf.TensorInfo;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** A compute shader whose entry point is `main`; the key stands for everything that its source depends on. */
export interface Kernel {
  readonly key: string;
  readonly code: () => string;
}

/** A kernel with what one run of it needs beside its tensors. */
export interface Program {
  readonly kernel: Kernel;
  /** Workgroups along x and y. */
  readonly groups: readonly [number, number];
  readonly numbers: readonly number[];
}

/** Invocations of one workgroup, for kernels that do not say otherwise. */
const WORKGROUP = 64;
/** Workgroups along one axis that every device allows. */
const MAX_GROUPS = 65535;

interface Prepared {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

interface DeviceCache {
  readonly pipelines: Map<string, Prepared>;
  readonly numbers: Map<string, GPUBuffer>;
}

const caches = new WeakMap<GPUDevice, DeviceCache>();

/** True where the current backend runs our kernels. */
export function hasKernels(): boolean {
  return tf.getBackend() === 'webgpu';
}

function current(): Backend {
  return tf.backend() as unknown as Backend;
}

function cacheOf(device: GPUDevice): DeviceCache {
  const found = caches.get(device);
  if (found) return found;
  const made = { pipelines: new Map(), numbers: new Map() };
  caches.set(device, made);
  return made;
}

function prepared(device: GPUDevice, kernel: Kernel): Prepared {
  const { pipelines } = cacheOf(device);
  const found = pipelines.get(kernel.key);
  if (found) return found;
  const module = device.createShaderModule({ label: kernel.key, code: kernel.code() });
  const pipeline = device.createComputePipeline({
    label: kernel.key,
    layout: 'auto',
    compute: { module, entryPoint: 'main' },
  });
  const made = { pipeline, layout: pipeline.getBindGroupLayout(0) };
  pipelines.set(kernel.key, made);
  return made;
}

/** A uniform buffer of 32-bit integers that is written once and kept: equal numbers share one. */
function numbersBuffer(device: GPUDevice, values: readonly number[]): GPUBuffer {
  const { numbers } = cacheOf(device);
  const key = values.join(',');
  const found = numbers.get(key);
  if (found) return found;
  const size = Math.ceil(values.length / 4) * 16;
  const buffer = device.createBuffer({
    size,
    usage: GPUBufferUsage.UNIFORM,
    mappedAtCreation: true,
  });
  new Int32Array(buffer.getMappedRange()).set(values);
  buffer.unmap();
  numbers.set(key, buffer);
  return buffer;
}

/** An output of a kernel: float32, its contents undefined until a kernel writes them. Tracked like any tensor. */
export function output<R extends tf.Rank = tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  return tf.engine().makeTensorFromTensorInfo(outputInfo(shape)) as tf.Tensor<R>;
}

/** The same for what tfjs calls as a kernel: it makes the tensor itself, and counts it. */
export function outputInfo(shape: readonly number[]): tf.TensorInfo {
  return current().makeTensorInfo([...shape], 'float32');
}

/**
 * Runs a program. Its bindings are the tensors in order, then one uniform block of the numbers (32-bit integers) where
 * there are any. Tensors are float32 (or int32 where the kernel says so) and are bound whole; a kernel may write in place.
 */
export function launch(
  { kernel, groups, numbers }: Program,
  tensors: readonly tf.TensorInfo[],
): void {
  const backend = current();
  const { device } = backend;
  const { pipeline, layout } = prepared(device, kernel);
  backend.ensureCommandEncoderReady();
  const entries = tensors.map(({ dataId, dtype }, binding): GPUBindGroupEntry => {
    backend.uploadToGPU(dataId);
    const data = backend.tensorMap.get(dataId);
    // tfjs casts int32 to float32 by name only: the buffer still holds integers.
    if (data.dtype !== dtype) throw new Error(`${kernel.key}: ${dtype} data lies as ${data.dtype}`);
    // Not added to commandQueueOwnedIds: kernels run in the order of their launches, so that a buffer that is given back
    // may be written by the next one before anything is submitted. (tfjs waits for the uniforms it writes from outside.)
    touch(backend, dataId);
    // A copy that was read back earlier would otherwise be taken for the contents after this.
    data.values = null;
    return { binding, resource: { buffer: data.resource as GPUBuffer } };
  });
  if (numbers.length > 0)
    entries.push({
      binding: tensors.length,
      resource: { buffer: numbersBuffer(device, numbers) },
    });
  const bindGroup = device.createBindGroup({ layout, entries });
  backend.computePassEncoder ??= (backend.commandEncoder as GPUCommandEncoder).beginComputePass();
  const pass = backend.computePassEncoder;
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...groups);
  backend.dispatchCountInPass += 1;
  if (backend.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/** What the commands that are recorded but not submitted read or write. */
let touched: { encoder: GPUCommandEncoder | null; readonly ids: WeakSet<object> } = {
  encoder: null,
  ids: new WeakSet(),
};

/** Where the data of launches is written down; null where nobody asks. */
let watched: Set<object> | null = null;

/** Runs work, and adds the data of every tensor that is launched on meanwhile. */
export function watchLaunches(ids: Set<object>, work: () => void): void {
  watched = ids;
  try {
    work();
  } finally {
    watched = null;
  }
}

function touch({ commandEncoder }: Backend, id: object): void {
  watched?.add(id);
  if (touched.encoder !== commandEncoder) touched = { encoder: commandEncoder, ids: new WeakSet() };
  touched.ids.add(id);
}

/**
 * Writes numbers into a tensor that lies on the GPU, in place: kernels that were launched before see the old ones, those
 * after see the new ones.
 */
export function overwrite(
  { dataId }: tf.TensorInfo,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
): void {
  const backend = current();
  const data = backend.tensorMap.get(dataId);
  if (!data.resource) {
    // tfjs may upload by a copy that is only recorded so far, which would come after what the queue writes now.
    data.values = values.slice();
    backend.uploadToGPU(dataId);
    return;
  }
  const { commandEncoder } = backend;
  const waiting = commandEncoder !== null && touched.encoder === commandEncoder;
  if ((waiting && touched.ids.has(dataId)) || backend.commandQueueOwnedIds.has(dataId)) {
    // The queue writes at once, before what is only recorded so far.
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  backend.device.queue.writeBuffer(data.resource, 0, values);
  data.values = null;
}

/** Workgroups for so many invocations: along x, and along y where x alone is not allowed. `INDEX` undoes it. */
export function spread(invocations: number, size = WORKGROUP): [number, number] {
  const groups = Math.max(1, Math.ceil(invocations / size));
  const y = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / y), y];
}

/** The entry point's head: gives every invocation its running index `at`. */
export const entry = (size = WORKGROUP): string => `
@compute @workgroup_size(${size})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = i32(id.y * groups.x * ${size}u + id.x);`;

/** Declares bindings: storage buffers of f32 by name ('=' in front: written; '#': of i32), then the uniform block `n`. */
export function bindings(names: readonly string[], numbers: readonly string[]): string {
  const lines = names.map((name, i) => {
    const written = name.startsWith('=');
    const access = written ? 'read_write' : 'read';
    const type = name.startsWith('#') ? 'i32' : 'f32';
    return `@group(0) @binding(${i}) var<storage, ${access}> ${name.replace(/^[=#]/, '')}: array<${type}>;`;
  });
  if (numbers.length > 0) {
    // Members of a uniform struct of i32 lie 4 bytes apart.
    lines.push(`struct Numbers { ${numbers.map((name) => `${name}: i32`).join(', ')} }`);
    lines.push(`@group(0) @binding(${names.length}) var<uniform> n: Numbers;`);
  }
  return lines.join('\n');
}

/** Source lines for i = 0 .. count - 1. */
export function unroll(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n');
}
