/** What an unpickler may make: plain data, tensors by reference, and names of things that it never looks up or calls. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | List
  | Dict
  | Global
  | Opaque
  | StorageRef
  | TensorRef;

/** A list, a tuple or a set. */
export class List {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: Pickled[];

  constructor(kind: 'list' | 'tuple' | 'set', items: Pickled[] = []) {
    this.kind = kind;
    this.items = items;
  }
}

/** A dict or an OrderedDict. A Map, so that no key means anything but itself. */
export class Dict {
  readonly entries = new Map<Pickled, Pickled>();
}

/** The name of a class or function: "torch._utils._rebuild_tensor_v2". */
export class Global {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a class or function that we do not know would have made. */
export class Opaque {
  readonly name: string;
  /** What its class would be given to build itself anew: plain data, which nothing is done with; undefined without any. */
  state: Pickled | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** Numbers that stand elsewhere in the file. */
export class StorageRef {
  /** The file's name for it: "0" in an archive, a long number in the older form. */
  readonly key: string;
  /** "FloatStorage", "UntypedStorage". */
  readonly type: string;
  readonly count: number;
  /** Place in it from which numbers are counted: older files hold views of storages. */
  readonly from: number;

  constructor(key: string, type: string, count: number, from: number) {
    this.key = key;
    this.type = type;
    this.count = count;
    this.from = from;
  }
}

/** A tensor as a view of a storage: number [i, j, ...] stands at offset + i strides[0] + j strides[1] + ... */
export class TensorRef {
  readonly storage: StorageRef;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** As PyTorch says it, where the storage's type does not: "torch.float32". */
  readonly dtype: string | null;

  constructor(
    storage: StorageRef,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    dtype: string | null,
  ) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
    this.dtype = dtype;
  }
}
