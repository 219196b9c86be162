import { describe, expect, it } from 'vitest';
import { MockDevice, installMockGpu } from '../../bench/support/mock-device';
import { difference } from '../../bench/support/mock-ledger';

installMockGpu();
const { STORAGE, COPY_SRC, COPY_DST, MAP_READ, MAP_WRITE } = GPUBufferUsage;

/** A mock seen as what it stands in for, so that the tests are typed as WebGPU is. */
function start(): { mock: MockDevice; device: GPUDevice } {
  const mock = new MockDevice();
  return { mock, device: mock.asDevice() };
}

/** Records `count` dispatches that bind a buffer, in one pass. */
function record(device: GPUDevice, buffer: GPUBuffer, count: number): GPUCommandBuffer {
  const module = device.createShaderModule({ code: '\n// double\n@compute fn main() {}' });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const layout = pipeline.getBindGroupLayout(0);
  pass.setBindGroup(
    0,
    device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }),
  );
  for (let i = 0; i < count; i++) pass.dispatchWorkgroups(i + 1, 2);
  pass.end();
  return encoder.finish();
}

describe('a counting device', () => {
  it('counts a hand-written sequence exactly', async () => {
    const { mock, device } = start();
    mock.takeTrace();
    const big = device.createBuffer({ size: 1_000_000, usage: STORAGE, mappedAtCreation: true });
    new Float32Array(big.getMappedRange()).fill(1);
    big.unmap();
    const up = device.createBuffer({ size: 64, usage: MAP_WRITE | COPY_SRC });
    await up.mapAsync(GPUMapMode.WRITE);
    up.unmap();
    const small = device.createBuffer({ size: 64, usage: STORAGE | COPY_DST | COPY_SRC });
    device.queue.writeBuffer(small, 0, new Float32Array(8), 2, 4);
    device.queue.writeBuffer(small, 0, new ArrayBuffer(8));
    const commands = record(device, small, 2);
    expect(mock.counts()).toMatchObject({ dispatches: 0, passes: 0, pipelines: 1, bindGroups: 1 });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(up, 0, small, 32, 32);
    encoder.copyBufferToBuffer(up, small, 16);
    device.queue.submit([commands, encoder.finish()]);
    expect(mock.counts()).toEqual({
      dispatches: 2,
      bytesWritten: 1_000_000 + 64 + 16 + 8,
      bytesCopied: 48,
      submits: 1,
      passes: 1,
      pipelines: 1,
      bindGroups: 1,
      buffers: 3,
      bytes: 1_000_128,
      peakBytes: 1_000_128,
    });
    expect(mock.takeTrace()).toEqual([
      { shader: '// double', workgroups: [1, 2, 1] },
      { shader: '// double', workgroups: [2, 2, 1] },
    ]);
    expect(mock.takeTrace()).toEqual([]);
  });

  it('tells what came between two moments, and the peak between them', () => {
    const { mock, device } = start();
    const first = device.createBuffer({ size: 4000, usage: STORAGE });
    first.destroy();
    first.destroy();
    device.queue.submit([]);
    mock.forgetPeak();
    const before = mock.counts();
    const second = device.createBuffer({ size: 100, usage: STORAGE });
    device.createBuffer({ size: 50, usage: STORAGE });
    second.destroy();
    device.queue.submit([]);
    expect(difference(before, mock.counts())).toMatchObject({
      submits: 1,
      buffers: 1,
      bytes: 50,
      peakBytes: 150,
    });
  });

  it('keeps what is written to small buffers, through a copy', async () => {
    const { device } = start();
    const from = device.createBuffer({ size: 16, usage: COPY_SRC, mappedAtCreation: true });
    new Uint32Array(from.getMappedRange()).set([1, 2, 3, 4]);
    from.unmap();
    const to = device.createBuffer({ size: 16, usage: COPY_DST | MAP_READ });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 4, to, 0, 12);
    device.queue.submit([encoder.finish()]);
    await to.mapAsync(GPUMapMode.READ);
    expect([to.mapState, ...new Uint32Array(to.getMappedRange())]).toEqual(['mapped', 2, 3, 4, 0]);
  });

  it('allocates nothing for a large buffer until it is mapped', () => {
    const { mock, device } = start();
    for (let i = 0; i < 10_000; i++) device.createBuffer({ size: 200_000_000, usage: STORAGE });
    expect(mock.counts().bytes).toBe(2e12);
  });

  it('throws where WebGPU would report an error', async () => {
    const { device } = start();
    const buffer = device.createBuffer({ size: 16, usage: STORAGE | COPY_DST });
    expect(() => buffer.getMappedRange()).toThrow('not mapped');
    await expect(buffer.mapAsync(GPUMapMode.READ)).rejects.toThrow('cannot be mapped');
    const commands = record(device, buffer, 1);
    const late = record(device, buffer, 1);
    device.queue.submit([commands]);
    expect(() => device.queue.submit([commands])).toThrow('twice');
    expect(() => device.queue.writeBuffer(buffer, 12, new Float32Array(2))).toThrow('do not fit');
    buffer.destroy();
    expect(() => device.queue.submit([late])).toThrow('is destroyed');
  });
});

it('stands in for navigator.gpu, with the classes that code asks about', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter?.requestDevice();
  expect(device?.createBuffer({ size: 4, usage: STORAGE })).toBeInstanceOf(GPUBuffer);
  expect(device?.limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect(adapter?.info.description).toBe('a mock that counts');
});
