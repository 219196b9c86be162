import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { defaultsOf } from '../../src/recipe/fields';
import { UserError } from '../../src/recipe/errors';
import { sizeOf } from '../../src/models/net/graph';
import { ROLES } from '../../src/recipe/own-data';
import type { OwnData } from '../../src/recipe/own-data';
import type { Split, TaskData } from '../../src/tasks/contract';
import { tasks } from '../../src/tasks/registry';
import { readData } from '../../src/upload/data/read';
import { givenIn } from './own-data';
import { surroundings } from './surroundings';

/** The data that a network is looked at with, and where it is from. */
export interface Looked {
  readonly task: string;
  readonly folder: string;
  readonly data: TaskData;
}

/** Data sets whose files are told by the folder's content: the tasks that read them. */
const CIFAR = ['cifar10', 'cifar100'] as const;

const isFolder = (at: string): boolean => existsSync(at) && statSync(at).isDirectory();
const holds = (at: string, wanted: RegExp): boolean =>
  isFolder(at) && readdirSync(at).some((name) => wanted.test(name));

const IDX = /-images-idx3-ubyte(\.gz)?$/;

/**
 * The task that fits a network's input, from files at or below a folder: CIFAR's for three colours, IDX files of images
 * and labels for grey ones; the other one where only that is there.
 *
 * @param wanted the task's id; null guesses it
 */
export async function dataFor(
  folder: string,
  wanted: string | null,
  input: readonly number[],
): Promise<Looked | null> {
  const size = input.reduce((a, b) => a * b, 1);
  const grey = input.length === 3 ? input[2] === 1 : input.length < 3 && size % 3 !== 0;
  const idx = [path.join(folder, 'mnist'), folder].find((at) => holds(at, IDX));
  const cifar = CIFAR.flatMap((id) =>
    [path.join(folder, id), ...(path.basename(path.resolve(folder)) === id ? [folder] : [])]
      .filter((at) => holds(at, /\.(bin|tar|tgz|gz)$/))
      .map((at) => ({ id, at })),
  );
  if (wanted === 'images' || (wanted === null && idx && (grey || cifar.length === 0)))
    return ownImages(idx ?? folder);
  const id = wanted ?? cifar[0]?.id;
  if (id === undefined) return null;
  return cached(`${id} ${folder}`, async () => {
    const around = surroundings(folder, () => undefined);
    const task = tasks.get(id);
    const data = await task.load(defaultsOf(task.params), {
      trainCount: task.transfer.min,
      seed: undefined,
      sources: around.sources(id),
      progress: () => undefined,
    });
    return { task: id, folder: cifar.find((one) => one.id === id)?.at ?? folder, data };
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
    const names = readdirSync(folder).filter((name) => IDX.test(name));
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
    const own = await readData(kept, null, { progress: () => undefined });
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
