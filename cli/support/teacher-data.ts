import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { defaultsOf } from '../../src/recipe/fields';
import { UserError } from '../../src/recipe/errors';
import { sizeOf } from '../../src/models/net/graph';
import { ROLES } from '../../src/recipe/own-data';
import type { OwnData } from '../../src/recipe/own-data';
import type { Split, TaskData } from '../../src/tasks/contract';
import { tasks } from '../../src/tasks/registry';
import { CIFAR10, CIFAR100, recordBytes } from '../../src/tasks/cifar/sets';
import { readData } from '../../src/upload/data/read';
import { shown } from '../../src/upload/refuse';
import { decodeImage } from './decode';
import { givenIn } from './own-data';
import { surroundings } from './surroundings';

/** The data that a network is looked at with, and where it is from. */
export interface Looked {
  readonly task: string;
  readonly folder: string;
  readonly data: TaskData;
}

const isFolder = (at: string): boolean => existsSync(at) && statSync(at).isDirectory();

const IDX = /-images-idx3-ubyte(\.gz)?$/;

/** The files of CIFAR's form in a folder, and which of the two sets they are: by the size of their records, or by name. */
function cifarIn(at: string): (typeof CIFAR)[number] | null {
  if (!isFolder(at)) return null;
  for (const name of readdirSync(at).toSorted()) {
    const { size } = statSync(path.join(at, name));
    const binary = name.endsWith('.bin') && size > 0;
    if (binary && size % recordBytes(CIFAR10) === 0) return 'cifar10';
    if (binary && size % recordBytes(CIFAR100) === 0) return 'cifar100';
    const archive = /^cifar-(10|100)-binary\.(tar|tgz|tar\.gz)$/.exec(name);
    if (archive) return archive[1] === '10' ? 'cifar10' : 'cifar100';
  }
  return null;
}

/** Tasks that read CIFAR's files. */
const CIFAR = ['cifar10', 'cifar100'] as const;

/**
 * The data that fit a network's input, from a file or a folder: CIFAR's for three colours, images and labels of one's own
 * for grey ones; the other one where only that is there. What a folder holds is told by its files, whatever its name.
 *
 * @param wanted the task's id; null guesses it
 * @throws UserError where nothing in it is known
 */
export async function dataFor(
  given: string,
  wanted: string | null,
  input: readonly number[],
): Promise<Looked> {
  const size = input.reduce((a, b) => a * b, 1);
  const grey = input.length === 3 ? input[2] === 1 : input.length < 3 && size % 3 !== 0;
  const idx = [path.join(given, 'mnist'), given].find(
    (at) => isFolder(at) && readdirSync(at).some((name) => IDX.test(name)),
  );
  const places = [...CIFAR.map((id) => path.join(given, id)), given];
  const cifar = places.flatMap((at) => {
    const id = cifarIn(at);
    return id ? [{ id, at }] : [];
  });
  if (wanted === 'images' || (wanted === null && (cifar.length === 0 || (idx && grey))))
    return ownImages(idx ?? given);
  const id = wanted ?? cifar[0]?.id ?? 'images';
  const at = cifar.find((one) => one.id === id)?.at ?? given;
  return cached(`${id} ${given}`, async () => {
    const around = surroundings(at, () => undefined);
    const task = tasks.get(id);
    const data = await task.load(defaultsOf(task.params), {
      trainCount: task.transfer.min,
      seed: undefined,
      sources: around.sources(id),
      progress: () => undefined,
    });
    return { task: id, folder: at, data };
  });
}

const loaded = new Map<string, Promise<Looked>>();

function cached(key: string, load: () => Promise<Looked>): Promise<Looked> {
  const found = loaded.get(key) ?? load();
  loaded.set(key, found);
  return found;
}

/** Images of one's own at their own size; of several IDX sets for one purpose the largest. */
function ownImages(folder: string): Promise<Looked> {
  return cached(`images ${folder}`, async () => {
    const files = givenIn(folder);
    const names = isFolder(folder) ? readdirSync(folder).filter((name) => IDX.test(name)) : [];
    const purpose = (name: string) => name.split('-')[0] ?? '';
    const sides = (name: string) => Number(/first(\d+)/.exec(name)?.[1] ?? Infinity);
    const largest = names.filter(
      (name) =>
        !names.some((other) => purpose(other) === purpose(name) && sides(other) > sides(name)),
    );
    const left = names.filter((name) => !largest.includes(name)).map((name) => stem(name));
    const kept = files.filter(
      ({ path: at }) => !left.some((part) => stem(path.basename(at)) === part),
    );
    const own = await readData(kept, decodeImage, { progress: () => undefined }).catch(
      (cause: unknown) => {
        throw unread(folder, cause);
      },
    );
    const task = tasks.get('images');
    const [height = 0, width = 0] = own.sizes;
    const params = { ...defaultsOf(task.params), size: Math.min(64, Math.max(8, height, width)) };
    const data = await task.load(params, {
      trainCount: task.transfer.min,
      seed: undefined,
      sources: [],
      own,
      progress: () => undefined,
    });
    if (data.test.count === 0)
      throw new UserError('E_DATA', `${folder} holds no test images.`, 'Give a test set too.');
    return { task: 'images', folder, data: { ...data, test: inOrder(own, data) } };
  });
}

/** What is said of data that are of no known form; what else is wrong with them is said as it is. */
function unread(at: string, cause: unknown): unknown {
  if (!(cause instanceof UserError) || cause.code !== 'E_UPLOAD_NOTHING') return cause;
  return new UserError(
    'E_DATA',
    `--data is ${shown(at, 200)}, which holds no data that are known. ${cause.message}`,
    `${cause.hint} Or give a folder with CIFAR's .bin files.`,
    { cause },
  );
}

/** The test images in the order of their file, which the task would shuffle; where all have the task's size. */
function inOrder(own: OwnData, { test, shape }: TaskData): Split {
  const [height = 0, width = 0] = shape;
  const size = sizeOf(shape);
  const whole = own.sizes.every((side, i) => side === (i % 2 === 0 ? height : width));
  if (!whole || own.pixels.length !== own.count * size || !own.roles) return test;
  const rows = Array.from(own.roles.keys()).filter((row) => own.roles?.[row] === TEST);
  const x = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => x.set(own.pixels.subarray(row * size, (row + 1) * size), i * size));
  return { x, y: Uint8Array.from(rows, (row) => own.labels[row] ?? 0), count: rows.length };
}

const TEST = ROLES.indexOf('test');

/** What the files of one IDX set have in common: "t10k-first500" of "t10k-first500-labels-idx1-ubyte". */
const stem = (name: string): string => name.replace(/-(images|labels|angles)-idx.*$/, '');
