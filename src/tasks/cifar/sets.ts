import { COARSE, FINE } from './names';

/** A data set in CIFAR's binary format: records of label bytes and 3,072 bytes of pixels. */
export interface CifarSet {
  readonly title: string;
  /** For each label byte of a record, how many classes it tells apart. */
  readonly labels: readonly number[];
  /** The official archive. */
  readonly archive: string;
}

export const CIFAR10: CifarSet = {
  title: 'CIFAR-10',
  labels: [10],
  archive: 'cifar-10-binary.tar.gz',
};

export const CIFAR100: CifarSet = {
  title: 'CIFAR-100',
  labels: [COARSE.length, FINE.length],
  archive: 'cifar-100-binary.tar.gz',
};

/** Bytes of an image's pixels: 32 x 32 x 3. */
export const PIXELS = 3072;

/** Bytes of a record. */
export function recordBytes(set: CifarSet): number {
  return set.labels.length + PIXELS;
}

/** The data set whose records fit a file of `size` bytes where `set`'s do not, if there is one. */
export function otherSet(set: CifarSet, size: number): CifarSet | undefined {
  const other = set === CIFAR10 ? CIFAR100 : CIFAR10;
  return size % recordBytes(other) === 0 ? other : undefined;
}
