import { gzipSync } from 'node:zlib';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { givenIn } from '../../cli/support/own-data';
import { readData } from '../../src/upload/data/read';
import type { Given } from '../../src/upload/given';
import { givenOf, reading as quiet } from '../support/given';
import { idxFile } from '../support/files/idx';

const read = (...files: Given[]) => readData(files, null, quiet);
const IMAGES = idxFile(
  [4, 2, 3],
  Array.from({ length: 24 }, (_, i) => i),
);
const LABELS = idxFile([4], [7, 3, 3, 7]);

describe('a pair of IDX files', () => {
  it('is read, packed or not', async () => {
    const plain = await read(givenOf('a-images', IMAGES), givenOf('a-labels', LABELS));
    expect(plain).toMatchObject({
      title: 'Your images',
      format: 'IDX',
      count: 4,
      channels: 1,
      classes: ['3', '7'],
      roles: null,
      remarks: [],
    });
    expect([...plain.pixels]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect([...plain.sizes]).toEqual([2, 3, 2, 3, 2, 3, 2, 3]);
    expect([...plain.labels]).toEqual([1, 0, 0, 1]);
    const packed = await read(
      givenOf('x/images.gz', new Uint8Array(gzipSync(IMAGES))),
      givenOf('x/labels.gz', new Uint8Array(gzipSync(LABELS))),
    );
    expect({ ...packed, title: plain.title }).toEqual(plain);
    expect(packed.title).toBe('x');
  });

  it('declares its splits by its names, and takes names of classes from beside', async () => {
    const own = await read(
      givenOf('t10k-labels-idx1-ubyte', idxFile([1], [0])),
      givenOf('t10k-images-idx3-ubyte', idxFile([1, 2, 3], [9, 9, 9, 9, 9, 9])),
      givenOf('train-labels-idx1-ubyte', idxFile([4], [0, 1, 1, 0])),
      givenOf('train-images-idx3-ubyte', IMAGES),
      givenOf('class_names.txt', new TextEncoder().encode('ant\r\nbee\ncat\n')),
    );
    expect(own.classes).toEqual(['ant', 'bee', 'cat']);
    expect([...own.roles!]).toEqual([2, 0, 0, 0, 0]);
    expect([...own.labels]).toEqual([0, 0, 1, 1, 0]);
  });

  const lying = (file: Uint8Array) => {
    const copy = file.slice();
    copy.set([255, 255, 255, 255], 4);
    return copy;
  };
  it.each([
    ['is cut off', IMAGES.slice(0, 30), LABELS, 'which would be 40 bytes; it has 30.'],
    [
      'is cut off, packed',
      new Uint8Array(gzipSync(IMAGES.slice(0, 30))),
      LABELS,
      'ends after 14 of 24 bytes.',
    ],
    [
      'goes on',
      new Uint8Array(gzipSync(idxFile([4, 2, 3], new Uint8Array(25)))),
      LABELS,
      'goes on after the 4 x 2 x 3 values',
    ],
    ['lies about its size', lying(IMAGES), lying(LABELS), 'more than is allowed'],
    [
      'has other labels',
      IMAGES,
      idxFile([3], [0, 1, 2]),
      'a-images holds 4 images and a-labels 3 labels.',
    ],
    ['has float labels', IMAGES, idxFile([4], [0, 1, 2, 3], 0x0d), 'holds numbers with fractions'],
    [
      'has float images',
      idxFile([4, 1, 1], [0, 1, 2, 3], 0x0d),
      LABELS,
      'images are needed as bytes',
    ],
    ['is damaged gzip', new Uint8Array(gzipSync(IMAGES)).fill(7, 20, 26), LABELS, 'a-images'],
  ])('that %s is refused', async (_, images, labels, sentence) => {
    const reading = read(givenOf('a-images', images), givenOf('a-labels', labels));
    await expect(reading).rejects.toMatchObject({ name: 'UserError' });
    await expect(reading).rejects.toThrow(sentence);
  });

  it('lacks its half', async () => {
    await expect(read(givenOf('a-images', IMAGES))).rejects.toThrow(
      'The labels that belong to a-images are missing.',
    );
    await expect(read(givenOf('a-labels', LABELS))).rejects.toThrow(
      'The images that belong to a-labels are missing.',
    );
  });
});

it('leaves out images that another file holds too', async () => {
  const own = await read(
    givenOf(
      't10k-first2-images',
      idxFile(
        [2, 2, 3],
        Array.from({ length: 12 }, (_, i) => i),
      ),
    ),
    givenOf('t10k-first2-labels', idxFile([2], [7, 3])),
    givenOf('t10k-images', IMAGES),
    givenOf('t10k-labels', LABELS),
  );
  expect(own.count).toBe(4);
  expect(own.remarks).toEqual([
    't10k-first2-images was left out: it is the beginning of t10k-images.',
    'The files call all images test or validation images; they were taken as one set and divided anew.',
  ]);
  expect(own.roles).toBe(null);
});

const mnist = path.join(process.env['DATA_DIR'] ?? '', 'mnist');
it.runIf(existsSync(mnist))('reads MNIST as it comes', async () => {
  const own = await readData(givenIn(mnist), null, quiet);
  expect(own).toMatchObject({ title: 'mnist', count: 65_000, channels: 1 });
  expect(own.classes.join('')).toBe('0123456789');
  const train = own.roles!.indexOf(0);
  const test = own.roles!.indexOf(2);
  expect(Array.from(own.labels.subarray(train, train + 8))).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
  expect(Array.from(own.labels.subarray(test, test + 8))).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);
  expect(own.roles!.filter((role) => role === 2)).toHaveLength(5000);
  expect(own.pixels).toHaveLength(65_000 * 784);
});
