import { describe, expect, it, vi } from 'vitest';
import { reasonOf, requireDevice, requireSettled, watch, watchNothing } from '../../src/gpu/health';
import { UserError, faultOf, saysMemory } from '../../src/recipe/errors';

const well = { settle: () => Promise.resolve() };

describe('words of memory', () => {
  it.each([
    // Chromium's, Firefox's and Safari's JavaScript
    new RangeError('Array buffer allocation failed'),
    new RangeError('Invalid typed array length: 134217728'),
    new RangeError('Invalid array buffer length'),
    new Error('allocation size overflow'),
    new Error('out of memory'),
    new RangeError('Out of memory'),
    // WebGPU
    new RangeError(
      "Failed to execute 'createBuffer' on 'GPUDevice': createBuffer failed, size (128) is too large for the implementation when mappedAtCreation == true",
    ),
    'Buffer size (4294967296) exceeds the max buffer size limit (1073741824).',
    'Binding size (536870912) of [Buffer] is larger than the maximum storage buffer binding size (134217728).',
    'Dispatch workgroup count X (70000) exceeds max compute workgroups per dimension (65535).',
    'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY: out of device memory',
    new (class GPUOutOfMemoryError {
      message = 'anything';
    })(),
    // WebAssembly and WebGL
    new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded'),
    new Error('Aborted(OOM). Build with -sASSERTIONS for more info.'),
    new Error('Unable to create WebGLTexture.'),
    'Requested texture size [16x40000] greater than WebGL maximum on this browser / GPU [8192x8192].',
  ])('%s', (said) => {
    expect(saysMemory(said)).toBe(true);
    expect(faultOf(said)).toMatchObject({
      code: 'E_OUT_OF_MEMORY',
      message: 'There is not enough memory for this.',
      hint: expect.stringMatching(/smaller batch, narrower students .* fewer students/),
    });
  });

  it.each([
    new RangeError('Invalid typed array length: -1'),
    new TypeError('x is not a function'),
    'Binding range (offset: 0, size: 64) does not fit in the size (32) of [Buffer].',
    'The total use of workgroup storage (70000 bytes) is larger than the maximum allowed.',
    new UserError('E_BATCH', 'The batch is out of memory of man.'),
    null,
    undefined,
    9,
  ])('none in %s', (said) => {
    expect(saysMemory(said)).toBe(false);
  });
});

describe('a device under watch', () => {
  it('that is well lets work go on, and what fails keeps its own reason', async () => {
    watch(well);
    requireDevice();
    await requireSettled();
    const thrown = new Error('a mistake');
    expect(await reasonOf(thrown)).toBe(thrown);
  });

  it('tells its first trouble once, whatever comes after it', () => {
    const one = watch(well);
    const tell = vi.fn<(trouble: UserError) => void>();
    one.telling(tell);
    one.befall('lost', 'destroyed: by a test');
    one.befall('refused', 'Device is lost.');
    expect(tell.mock.calls.map(([{ code }]) => code)).toEqual(['E_DEVICE_LOST']);
    expect(() => requireDevice()).toThrow('The graphics processor was taken away.');
  });

  it('tells trouble that was there before anybody listened', () => {
    const one = watch(well);
    one.befall('refused', 'a shader');
    const tell = vi.fn<(trouble: UserError) => void>();
    one.telling(tell);
    expect(tell.mock.calls.map(([{ code }]) => code)).toEqual(['E_DEVICE_REFUSED']);
  });

  it('is the reason of whatever fails on it, also where its loss is heard only after that', async () => {
    const one = watch({
      settle() {
        setTimeout(() => one.befall('lost', 'driver reset'));
        return Promise.resolve();
      },
    });
    const thrown = new Error('A valid external Instance reference no longer exists.');
    const reason = faultOf(await reasonOf(thrown));
    expect(reason).toMatchObject({ code: 'E_DEVICE_LOST' });
    expect(reason.detail).toContain('driver reset');
    expect(reason.detail).toContain('external Instance');
  });

  it('is lost where it does not answer any more, and is asked by whoever tells the last figures', async () => {
    watch({ settle: () => Promise.reject(new Error('Instance dropped')) });
    await expect(requireSettled()).rejects.toMatchObject({ code: 'E_DEVICE_LOST' });
  });

  it('that has no memory left is called that, by whichever way it says so', () => {
    for (const [trouble, detail] of [
      ['memory', 'GPUOutOfMemoryError'],
      ['refused', 'Buffer size (9) exceeds the max buffer size limit (8).'],
      ['lost', 'VK_ERROR_OUT_OF_DEVICE_MEMORY, out of device memory'],
    ] as const) {
      watch(well).befall(trouble, detail);
      expect(() => requireDevice()).toThrow(
        'The graphics processor has not enough memory for this.',
      );
    }
  });

  it('is looked at whenever a step ends', () => {
    const one = watch({ ...well, look: () => one.befall('lost', 'the WebGL context was lost') });
    expect(() => requireDevice()).toThrow('taken away');
  });

  it('is forgotten when another takes its place', () => {
    const one = watch(well);
    watchNothing();
    one.befall('lost', 'later');
    expect(() => requireDevice()).not.toThrow();
  });
});
