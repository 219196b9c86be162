/**
 * A WebGPU that does nothing but count: enough for tfjs's backend and for pipelines of one's own on the same device.
 * Counts are exact and the same on every machine; nothing here says how long anything takes.
 */
import { MockBuffer, mapMode, usage } from './mock-buffer';
import { MockEncoder } from './mock-encoder';
import type { MockBindGroup, MockCommands, MockPipeline } from './mock-encoder';
import { Ledger } from './mock-ledger';
import type { Counts, Dispatch } from './mock-ledger';

/** Limits that every WebGPU device has. */
const LIMITS = {
  maxBindGroups: 4,
  maxBindingsPerBindGroup: 1000,
  maxBufferSize: 268_435_456,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxDynamicStorageBuffersPerPipelineLayout: 4,
  maxDynamicUniformBuffersPerPipelineLayout: 8,
  maxStorageBufferBindingSize: 134_217_728,
  maxStorageBuffersPerShaderStage: 8,
  maxUniformBufferBindingSize: 65_536,
  maxUniformBuffersPerShaderStage: 12,
  minStorageBufferOffsetAlignment: 256,
  minUniformBufferOffsetAlignment: 256,
} as const;

const INFO = {
  vendor: '',
  architecture: '',
  device: '',
  description: 'a mock that counts',
  isFallbackAdapter: false,
} as const;

interface ShaderModule {
  readonly label: string;
  readonly code: string;
  getCompilationInfo(): Promise<{ messages: readonly [] }>;
}

class MockQueue {
  readonly label = '';
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  submit(buffers: Iterable<MockCommands>): void {
    this.ledger.add('submits');
    for (const buffer of buffers) buffer.run(this.ledger);
  }

  /** `from` and `length` count elements of a typed array and bytes of anything else, as in WebGPU. */
  writeBuffer(
    buffer: MockBuffer,
    offset: number,
    data: ArrayBuffer | ArrayBufferView,
    from = 0,
    length?: number,
  ): void {
    buffer.check('unmapped');
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const unit = (view as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1;
    const size = length === undefined ? view.byteLength - from * unit : length * unit;
    if (size % 4 !== 0) throw new Error(`writeBuffer was given ${size} bytes, not a multiple of 4`);
    buffer.write(offset, new Uint8Array(view.buffer, view.byteOffset + from * unit, size));
    this.ledger.add('bytesWritten', size);
  }

  onSubmittedWorkDone(): Promise<void> {
    return Promise.resolve();
  }
}

/** A GPUDevice that counts. Hand `asDevice()` to code that wants a real one. */
export class MockDevice extends EventTarget {
  readonly label: string;
  readonly features: ReadonlySet<string>;
  readonly limits = LIMITS;
  readonly adapterInfo = INFO;
  readonly queue: MockQueue;
  readonly lost: Promise<{ reason: 'destroyed'; message: string }>;
  onuncapturederror: unknown = null;
  private readonly ledger = new Ledger();
  private lose: (info: { reason: 'destroyed'; message: string }) => void = () => undefined;

  constructor({
    label = '',
    requiredFeatures = [],
  }: Pick<GPUDeviceDescriptor, 'label' | 'requiredFeatures'> = {}) {
    super();
    this.label = label;
    this.features = new Set(requiredFeatures);
    this.queue = new MockQueue(this.ledger);
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
  }

  /** What it was asked to do so far. */
  counts(): Counts {
    return this.ledger.counts();
  }

  /** Lets `peakBytes` begin again at what is alive now. */
  forgetPeak(): void {
    this.ledger.forgetPeak();
  }

  /** Dispatches since the last call, in order; the first call only starts the list. */
  takeTrace(): readonly Dispatch[] {
    return this.ledger.takeTrace();
  }

  asDevice(): GPUDevice {
    return this as unknown as GPUDevice;
  }

  createBuffer(descriptor: GPUBufferDescriptor): MockBuffer {
    if (descriptor.size > LIMITS.maxBufferSize)
      throw new Error(`a buffer of ${descriptor.size} bytes is over the limit`);
    return new MockBuffer(this.ledger, descriptor);
  }

  createBindGroupLayout(descriptor: GPUBindGroupLayoutDescriptor): object {
    return { label: descriptor.label ?? '', entries: descriptor.entries };
  }

  createPipelineLayout(descriptor: GPUPipelineLayoutDescriptor): object {
    return { label: descriptor.label ?? '' };
  }

  createBindGroup(descriptor: GPUBindGroupDescriptor): MockBindGroup {
    this.ledger.add('bindGroups');
    const buffers = [...descriptor.entries].flatMap(({ resource }) => {
      const found: unknown = 'buffer' in resource ? resource.buffer : resource;
      return found instanceof MockBuffer ? [found] : [];
    });
    return { label: descriptor.label ?? '', buffers };
  }

  createShaderModule({ label = '', code }: GPUShaderModuleDescriptor): ShaderModule {
    return { label, code, getCompilationInfo: () => Promise.resolve({ messages: [] }) };
  }

  createComputePipeline(descriptor: GPUComputePipelineDescriptor): MockPipeline {
    this.ledger.add('pipelines');
    const module = descriptor.compute.module as unknown as ShaderModule;
    const label = descriptor.label ?? '';
    const firstLine = module.code.trim().split('\n', 1)[0] ?? '';
    const layouts = new Map<number, object>();
    return {
      label,
      shader: label || module.label || firstLine,
      getBindGroupLayout(index) {
        const layout = layouts.get(index) ?? { label: `${label} ${index}` };
        layouts.set(index, layout);
        return layout;
      },
    };
  }

  createComputePipelineAsync(descriptor: GPUComputePipelineDescriptor): Promise<MockPipeline> {
    return Promise.resolve(this.createComputePipeline(descriptor));
  }

  createCommandEncoder(descriptor?: GPUCommandEncoderDescriptor): MockEncoder {
    return new MockEncoder(descriptor?.label ?? '');
  }

  pushErrorScope(): void {}

  popErrorScope(): Promise<null> {
    return Promise.resolve(null);
  }

  destroy(): void {
    this.lose({ reason: 'destroyed', message: 'destroyed' });
  }
}

class MockAdapter {
  readonly features: ReadonlySet<string> = new Set();
  readonly limits = LIMITS;
  readonly info = INFO;

  requestDevice(descriptor?: GPUDeviceDescriptor): Promise<MockDevice> {
    return Promise.resolve(new MockDevice(descriptor));
  }
}

/** What nothing here is an instance of: the mock has no textures. */
function Absent(): void {}

/** Sets the globals that WebGPU code reads (classes for instanceof, flags) and navigator.gpu to the mock. */
export function installMockGpu(): void {
  Object.assign(globalThis, {
    GPUBuffer: MockBuffer,
    GPUTexture: Absent,
    GPUExternalTexture: Absent,
    GPUDevice: MockDevice,
    GPUBufferUsage: usage,
    GPUMapMode: mapMode,
    GPUShaderStage: { VERTEX: 1, FRAGMENT: 2, COMPUTE: 4 },
    GPUTextureUsage: {
      COPY_SRC: 1,
      COPY_DST: 2,
      TEXTURE_BINDING: 4,
      STORAGE_BINDING: 8,
      RENDER_ATTACHMENT: 16,
    },
  });
  const gpu = {
    requestAdapter: () => Promise.resolve(new MockAdapter()),
    getPreferredCanvasFormat: () => 'bgra8unorm',
    wgslLanguageFeatures: new Set<string>(),
  };
  const place = globalThis as { navigator?: object };
  const navigator = place.navigator ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}
