import { head } from '../bytes';
import type { Given, ReadNetwork, Reading } from '../given';
import { networkOf } from './architectures/network';
import { openLegacy } from './legacy';
import { isRounded } from './numbers';
import type { TensorRef } from './pickled';
import { EXPORT } from '../plain/advice';
import { refuse, shown } from '../refuse';
import { saidBy } from './sequence';
import { stateDictOf } from './state-dict';
import { materialise, storageBytes, typeOf } from './storage';
import type { Stored, TensorFile } from './tensors';
import type { Values } from '../net/builder';
import { openZipFile } from './zip-file';
import type { TorchFile } from './zip-file';

/**
 * Reads a PyTorch checkpoint (.pt, .pth, .th, .bin): weights by name, from which the network is recognised.
 *
 * @throws UserError where the file is damaged, needs a program to be read, or holds a network that is not known
 */
export async function readTorch(
  file: Given,
  _beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  return networkOf(file, 'pytorch', await openTorch(file, reading), reading);
}

/** The tensors of a PyTorch checkpoint. */
async function openTorch(file: Given, reading: Reading): Promise<TensorFile> {
  const start = await head(file, 4);
  const zipped = start[0] === 0x50 && start[1] === 0x4b;
  if (!zipped && start[0] !== 0x80)
    throw refuse(
      'E_UPLOAD_TORCH_FORM',
      `${shown(file.path)} cannot be used: it does not begin as a file of torch.save does.`,
      EXPORT,
    );
  const torch = zipped ? await openZipFile(file, reading) : await openLegacy(file);
  const { tensors, remarks, module } = stateDictOf(torch.root, file.path);
  const rounded = [...tensors.values()].some((ref) => isRounded(typeOf(ref) ?? 'F32'));
  return {
    tensors: new Map([...tensors].map(([name, ref]) => [name, storedOf(ref)])),
    metadata: new Map(),
    ...(module && { said: saidBy(module) }),
    repairs: [],
    remarks: rounded ? [...remarks, 'Its float64 weights were rounded to float32.'] : remarks,
    load: (names) => load(file, torch, tensors, names, reading),
  };
}

const storedOf = (ref: TensorRef): Stored => ({
  shape: ref.shape,
  type: (ref.dtype ?? ref.storage.type).replace(/^torch\.|Storage$/g, ''),
});

/** Tensors by name; those that share a storage one after the other, so that each storage is read once. */
async function load(
  file: Given,
  torch: TorchFile,
  tensors: ReadonlyMap<string, TensorRef>,
  names: readonly string[],
  reading: Reading,
): Promise<ReadonlyMap<string, Values>> {
  const loaded = new Map<string, Values>();
  const byStorage = new Map<string, [string, TensorRef][]>();
  for (const name of names) {
    const ref = tensors.get(name);
    if (!ref) continue;
    const { key } = ref.storage;
    const known = byStorage.get(key);
    if (known) known.push([name, ref]);
    else byStorage.set(key, [[name, ref]]);
  }
  for (const refs of byStorage.values()) {
    reading.signal?.throwIfAborted();
    reading.progress('Reading weights', loaded.size / names.length);
    const [first] = refs as [[string, TensorRef]];
    const most = refs.reduce((sum, [, ref]) => {
      const type = typeOf(ref);
      return Math.max(sum, storageBytes(ref, type ?? 'U8'));
    }, 0);
    const bytes = await torch.storage(first[1].storage, most);
    for (const [name, ref] of refs)
      loaded.set(name, materialise(name, ref, bytes, torch.little, file.path));
  }
  return loaded;
}
