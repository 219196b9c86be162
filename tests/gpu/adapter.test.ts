import { expect, test } from 'vitest';
import { create, globals } from 'webgpu';

test('WebGPU computes outside the browser, on the adapter that is asked for', async () => {
  Object.assign(globalThis, globals);
  const adapter = await create([]).requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter: is there a Vulkan driver (VK_DRIVER_FILES)?');
  console.info(
    `adapter: ${adapter.info.vendor} ${adapter.info.architecture} ${adapter.info.device}`,
  );
  const device = await adapter.requestDevice();
  const size = 16;
  const storage = device.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const readable = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const code = `@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  out[id.x] = f32(id.x) * 0.5;
}`;
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: storage } }],
    }),
  );
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(storage, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(GPUMapMode.READ);
  expect([...new Float32Array(readable.getMappedRange())]).toEqual([0, 0.5, 1, 1.5]);
  device.destroy();
});
