import { UserError } from '../../recipe/errors';
import { open } from '../cifar/open';
import type { LoadContext, Source } from '../contract';
import { pauses } from '../support/pause';

/** Side of an image in pixels; one grey byte for each. */
export const SIDE = 28;
const BYTES = SIDE * SIDE;
const CHUNK = 1 << 16;
/** The types of values that an IDX file may say it holds. */
const TYPES: Readonly<Record<number, string>> = { 0x08: 'bytes', 0x0d: 'float32 numbers' };

/** Images and the angle of each, in degrees. */
export interface Turned {
  readonly x: Uint8Array;
  readonly angles: Float32Array;
  readonly count: number;
}

type Part = 'images' | 'angles';
const HINT =
  'Give train-images-idx3-ubyte, train-angles-idx1-float, test-images-idx3-ubyte and test-angles-idx1-float (or each as .gz).';

/** Which of the four files a name stands for; null for other files, which are passed over. */
function roleOf(name: string): `${'train' | 'test'} ${Part}` | null {
  const plain = name.toLowerCase();
  const split = /test|t10k/.test(plain) ? 'test' : plain.includes('train') ? 'train' : null;
  const part = /images?-idx3/.test(plain) ? 'images' : /angles?-idx1/.test(plain) ? 'angles' : null;
  return split && part ? `${split} ${part}` : null;
}

/** Reads the four IDX files from sources. @throws UserError where one is missing, doubled or unfit */
export async function readTurned(
  context: LoadContext,
): Promise<{ readonly train: Turned; readonly test: Turned }> {
  const found = new Map<string, Source>();
  for (const source of context.sources) {
    const role = roleOf(source.name);
    if (!role) continue;
    const earlier = found.get(role);
    if (earlier)
      throw new UserError(
        'E_DATA_TWICE',
        `${earlier.name} and ${source.name} both hold the ${role}.`,
        'Give each file once.',
      );
    found.set(role, source);
  }
  const total = [...found.values()].reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  const pause = pauses(context.signal);
  const read = async (role: string, type: number, shape: readonly number[]) => {
    const source = found.get(role);
    if (!source) throw new UserError('E_DATA_MISSING', `The file of the ${role} is missing.`, HINT);
    const values = await readIdx(source, type, shape, async (bytes) => {
      context.progress(`Reading ${source.name}`, Math.min(1, (before + bytes) / total));
      await pause();
    });
    before += source.size;
    return values;
  };
  const split = async (name: 'train' | 'test'): Promise<Turned> => {
    const x = await read(`${name} images`, 0x08, [SIDE, SIDE]);
    const raw = await read(`${name} angles`, 0x0d, []);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const angles = Float32Array.from({ length: raw.length / 4 }, (_, i) => view.getFloat32(4 * i));
    const count = x.length / BYTES;
    if (count !== angles.length)
      throw new UserError(
        'E_DATA_MISMATCH',
        `There are ${count} ${name} images and ${angles.length} angles.`,
        'Give files that belong together.',
      );
    if (!angles.every((angle) => Math.abs(angle) <= 360))
      throw new UserError(
        'E_DATA_RANGE',
        `The ${name} angles hold a value that is no angle in degrees.`,
        HINT,
      );
    return { x, angles, count };
  };
  return { train: await split('train'), test: await split('test') };
}

/** The values of an IDX file of a type and shape, big-endian as they stand. */
async function readIdx(
  source: Source,
  type: number,
  shape: readonly number[],
  progress: (bytes: number) => Promise<void>,
): Promise<Uint8Array> {
  let seen = 0;
  const { reader } = await open(source, (bytes) => {
    seen = bytes;
  });
  try {
    const dims = 1 + shape.length;
    const head = (await reader.take(4 + 4 * dims)).slice();
    const [zero, nought, kind, rank] = head;
    const view = new DataView(head.buffer);
    const sizes = Array.from({ length: dims }, (_, i) =>
      head.length < 8 + 4 * i ? NaN : view.getUint32(4 + 4 * i),
    );
    const wanted = ['N', ...shape].join(' x ');
    if (zero !== 0 || nought !== 0 || kind !== type || rank !== dims)
      throw new UserError(
        'E_DATA_FORMAT',
        `${source.name} is no IDX file of ${wanted} ${TYPES[type] ?? 'values'}.`,
        HINT,
      );
    if (shape.some((size, i) => sizes[i + 1] !== size))
      throw new UserError(
        'E_DATA_FORMAT',
        `${source.name} holds values of ${sizes.join(' x ')}; ${wanted} are needed.`,
        HINT,
      );
    const width = type === 0x08 ? 1 : 4;
    const length = sizes.reduce((a, b) => a * b, width);
    const most = width * 1e6 * shape.reduce((a, b) => a * b, 1);
    if (!(length > 0 && length <= most))
      throw new UserError(
        'E_DATA_SIZE',
        `${source.name} says it holds ${sizes[0]} examples.`,
        HINT,
      );
    const out = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const part = await reader.take(Math.min(CHUNK, length - filled));
      if (part.length === 0)
        throw new UserError(
          'E_DATA_DAMAGED',
          `${source.name} ends after ${filled} of ${length} bytes.`,
          'Give the whole file.',
        );
      out.set(part, filled);
      filled += part.length;
      await progress(seen);
    }
    return out;
  } finally {
    await reader.cancel();
  }
}
