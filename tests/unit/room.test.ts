import { expect, it } from 'vitest';
import { models } from '../../src/models/registry';
import { requireRoom } from '../../src/train/room';

const wide = (width: number) =>
  models.get('resnet8half').graph([32, 32, 3], 10, { stemStride: 2, widths: Array(4).fill(width) });
const wasm = { backend: 'WebAssembly', all: 2 ** 32, piece: null };
const gpu = (piece: number) => ({ backend: 'this graphics processor', all: null, piece });

it('a network whose step cannot fit is refused with what it needs, what there is, and what to lower', () => {
  const code = 'E_TOO_LARGE';
  const hint = expect.stringMatching(/smaller batch, narrower students .* fewer students/);
  expect(() => requireRoom('KD', wide(512), 1024, wasm)).toThrow(
    expect.objectContaining({
      code,
      hint,
      message: expect.stringMatching(
        /^KD is too large for WebAssembly: the layers’ answers to a batch of 1,024 take \d+\.\d GB, and its memory has at most 4\.3 GB\.$/,
      ),
    }),
  );
  expect(() => requireRoom('KD', wide(512), 1024, gpu(2 ** 27))).toThrow(
    expect.objectContaining({
      code,
      hint,
      message:
        'KD is too large for this graphics processor: one layer’s answers to a batch of 1,024 take 0.5 GB, and one piece of its memory has at most 0.1 GB.',
    }),
  );
});

it('a network that fits, or whose room nobody knows, is not refused', () => {
  expect(() => requireRoom('KD', wide(512), 1024, gpu(2 ** 30))).not.toThrow();
  expect(() => requireRoom('KD', wide(64), 128, wasm)).not.toThrow();
  expect(() => requireRoom('KD', wide(512), 1024, { ...wasm, all: null })).not.toThrow();
});
