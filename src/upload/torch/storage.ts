import { sizeOf } from '../../models/net/graph';
import { LIMITS } from '../limits';
import type { Values } from '../net/builder';
import { refuse, shown } from '../refuse';
import { bytesOf, float32Of, readerOf } from './numbers';
import type { NumberType } from './numbers';
import type { TensorRef } from './pickled';

/** Types of numbers by the names of storages and of dtypes. */
const TYPES: ReadonlyMap<string, NumberType> = new Map([
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
  ['torch.float64', 'F64'],
  ['torch.float32', 'F32'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint64', 'U64'],
  ['torch.uint32', 'U32'],
  ['torch.uint16', 'U16'],
  ['torch.uint8', 'U8'],
  ['torch.bool', 'BOOL'],
]);

/** The type of a tensor's numbers, or null where we read none such. */
export function typeOf({ storage, dtype }: TensorRef): NumberType | null {
  return TYPES.get(dtype ?? storage.type) ?? null;
}

/** Bytes of one number of a storage, by its type's name; null for types that we do not know. */
export function unitOf(type: string): number | null {
  if (type === 'UntypedStorage') return 1;
  const known = TYPES.get(type);
  return known ? bytesOf(known) : null;
}

/** How many bytes of its storage a file must hold. */
export function storageBytes(ref: TensorRef, type: NumberType): number {
  // An untyped storage counts bytes, every other one its numbers.
  return ref.storage.type === 'UntypedStorage'
    ? ref.storage.count
    : ref.storage.count * bytesOf(type);
}

/**
 * A tensor's numbers out of its storage, whatever its strides.
 *
 * @param bytes the whole storage
 * @throws UserError where it reaches beyond its storage or is too large
 */
export function materialise(
  name: string,
  ref: TensorRef,
  bytes: Uint8Array,
  little: boolean,
  file: string,
): Values {
  const { shape, strides, offset } = ref;
  const wrong = (why: string) =>
    refuse(
      'E_UPLOAD_TENSOR',
      `${shown(file)} cannot be used: tensor ${shown(name)} ${why}.`,
      'Check that the file is whole; save the weights anew with torch.save(model.state_dict(), "weights.pth").',
    );
  const type = typeOf(ref);
  if (!type) throw wrong(`holds numbers of type ${shown(ref.dtype ?? ref.storage.type)}`);
  const size = sizeOf(shape);
  if (!(size <= LIMITS.parameters)) throw wrong(`would have the shape [${shape.join(', ')}]`);
  if (size === 0) return { shape, values: new Float32Array() };
  const last = offset + shape.reduce((sum, n, i) => sum + (n - 1) * (strides[i] as number), 0);
  if (!(last < Math.floor(bytes.length / bytesOf(type)))) throw wrong('reaches beyond its storage');
  if (isContiguous(shape, strides))
    return { shape, values: float32Of(type, bytes, offset, size, little) };
  const read = readerOf(type, bytes, little);
  const values = new Float32Array(size);
  const place = shape.map(() => 0);
  for (let i = 0, at = offset; i < size; i++) {
    values[i] = read(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      place[axis] = (place[axis] as number) + 1;
      at += stride;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      at -= stride * (shape[axis] as number);
      place[axis] = 0;
    }
  }
  return { shape, values };
}

/** True where numbers lie one behind the other in order. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis] as number;
  }
  return true;
}
