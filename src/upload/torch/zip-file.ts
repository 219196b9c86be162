import { openZip } from '../archive/zip';
import { take } from '../bytes';
import type { Given, Reading } from '../given';
import { EXPORT } from '../plain/advice';
import { refuse, shown } from '../refuse';
import type { Pickled, StorageRef } from './pickled';
import { unpickle } from './unpickle';

/** What both forms of PyTorch's files come down to: a pickled value, and storages that it refers to. */
export interface TorchFile {
  readonly root: Pickled;
  readonly little: boolean;
  /** The bytes of a storage, at least `bytes` of them. */
  storage(of: StorageRef, bytes: number): Promise<Uint8Array>;
}

const PICKLE = 'data.pkl';
/** A state dict's pickle holds names and shapes: some hundred bytes a tensor. */
const MOST_PICKLE = 64 * 1024 * 1024;

/**
 * Opens the form that torch.save writes since version 1.6: a zip archive with a pickle, data.pkl, and one file for each
 * storage under data/.
 *
 * @throws UserError where it is a TorchScript archive, or holds no pickle
 */
export async function openZipFile(file: Given, reading: Reading): Promise<TorchFile> {
  const entries = new Map((await openZip(file, reading)).map((entry) => [entry.path, entry]));
  const pickles = [...entries.keys()].filter(
    (path) => path === PICKLE || (path.endsWith(`/${PICKLE}`) && path.split('/').length === 2),
  );
  const [path] = pickles;
  if (path === undefined || pickles.length > 1)
    throw refuse(
      'E_UPLOAD_TORCH_FORM',
      `${shown(file.path)} cannot be used: it is a zip archive ${path === undefined ? 'without' : 'with more than one'} ${PICKLE}, so it is no file of torch.save.`,
      EXPORT,
    );
  const folder = path.slice(0, -PICKLE.length);
  const script = [...entries.keys()].some(
    (name) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`),
  );
  if (script) throw torchScript(file);
  const pickle = entries.get(path) as Given;
  if (pickle.size > MOST_PICKLE)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${shown(file.path)} cannot be used: its pickle has ${pickle.size} bytes, which no state dict needs.`,
      EXPORT,
    );
  const order = entries.get(`${folder}byteorder`);
  const named = order
    ? new TextDecoder().decode(await take(order, 0, Math.min(16, order.size)))
    : '';
  const { value } = unpickle(await take(pickle, 0, pickle.size), 0, file.path);
  return {
    root: value,
    little: named.trim() !== 'big',
    async storage({ key }, bytes) {
      const entry = entries.get(`${folder}data/${key}`);
      if (!entry || entry.size < bytes)
        throw refuse(
          'E_UPLOAD_TRUNCATED',
          `${shown(file.path)} cannot be used: its storage ${shown(key)} ${entry ? `has ${entry.size} bytes where ${bytes} are needed` : 'is missing'}.`,
          'Download or copy it again; it is not whole.',
        );
      return take(entry, 0, entry.size);
    },
  };
}

function torchScript(file: Given): Error {
  return refuse(
    'E_UPLOAD_TORCHSCRIPT',
    `${shown(file.path)} cannot be used: it is a TorchScript program, and programs from files are never run.`,
    EXPORT,
  );
}
