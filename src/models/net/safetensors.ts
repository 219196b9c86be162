import { UserError } from '../../recipe/errors';

/** A file in the safetensors form: float32 tensors and free text beside them. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: Float32Array }
  >;
  readonly metadata: Readonly<Record<string, string>>;
}

const HEADER_LIMIT = 4 * 1024 * 1024;

function refuse(name: string, why: string): UserError {
  return new UserError(
    'E_WEIGHTS_FILE',
    `${name} cannot be used: ${why}.`,
    'Load it again; if it stays so, the file is damaged where it comes from.',
  );
}

/**
 * Reads float32 tensors out of safetensors bytes (8-byte little-endian header length, JSON header, raw data).
 * @throws UserError naming the file and what is wrong with it
 */
export function readSafetensors(bytes: Uint8Array, name: string): TensorFile {
  if (bytes.byteLength < 8) throw refuse(name, `it holds only ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT || length > bytes.byteLength - 8)
    throw refuse(name, `its header would be ${length} bytes long`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new UserError('E_WEIGHTS_FILE', `${name} cannot be used: its header is not JSON.`, '', {
      cause,
    });
  }
  if (typeof header !== 'object' || header === null)
    throw refuse(name, 'its header is not a table');
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  let metadata: Record<string, string> = {};
  for (const [key, entry] of Object.entries(header as Record<string, unknown>)) {
    if (key === '__metadata__') metadata = entry as Record<string, string>;
    else tensors.set(key, readTensor(bytes.subarray(8 + length), key, entry, name));
  }
  return { tensors, metadata };
}

function readTensor(data: Uint8Array, key: string, entry: unknown, name: string) {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (entry ?? {}) as {
    dtype?: unknown;
    shape?: unknown;
    data_offsets?: unknown;
  };
  if (dtype !== 'F32') throw refuse(name, `tensor ${key} is ${String(dtype)}, not F32`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw refuse(name, `tensor ${key} has no proper shape or place`);
  const [from, to] = offsets as unknown as [number, number];
  const size = shape.reduce((a, b) => a * b, 1);
  if (to - from !== size * 4 || to > data.byteLength)
    throw refuse(name, `tensor ${key} needs ${size * 4} bytes and has ${to - from}`);
  // Copied, because a view of float32 must start at a multiple of four (and a Node Buffer's slice is no copy).
  const values = new Float32Array(new Uint8Array(data.subarray(from, to)).buffer);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw refuse(name, `tensor ${key} holds ${values[bad]} at place ${bad}`);
  return { shape, values };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Writes float32 tensors in the safetensors form. */
export function writeSafetensors(file: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: file.metadata };
  let offset = 0;
  for (const [name, { shape, values }] of file.tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const out = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(text, 8);
  let at = 8 + padded;
  for (const { values } of file.tensors.values()) {
    out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return out;
}
