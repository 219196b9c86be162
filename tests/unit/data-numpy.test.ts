import { describe, expect, it } from 'vitest';
import { readData } from '../../src/upload/data/read';
import { givenOf, reading } from '../support/given';
import { npyFile, npzFile } from '../support/files/npz';

const npz = (arrays: Readonly<Record<string, Uint8Array>>) =>
  readData([givenOf('set.npz', npzFile(arrays))], null, reading);
const IMAGES = npyFile(
  [4, 2, 2],
  Array.from({ length: 16 }, (_, i) => 10 * i),
);
const LABELS = npyFile([4], [1, 0, 1, 0], { descr: '<i8' });

describe('names and shapes say what arrays are', () => {
  it.each([
    [
      'MedMNIST',
      {
        train_images: IMAGES,
        train_labels: npyFile([4, 1], [1, 0, 1, 0]),
        val_images: IMAGES,
        val_labels: LABELS,
        test_images: IMAGES,
        test_labels: LABELS,
      },
      [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
    ],
    [
      'Keras',
      { x_train: IMAGES, y_train: LABELS, x_test: IMAGES, y_test: LABELS },
      [0, 0, 0, 0, 2, 2, 2, 2],
    ],
    ['one pair', { images: IMAGES, labels: LABELS }, null],
    ['data and targets', { data: IMAGES, targets: LABELS }, null],
    ['unnamed', { arr_0: IMAGES, arr_1: LABELS }, null],
    ['short', { X: IMAGES, y: LABELS }, null],
  ])('%s', async (_, arrays, roles) => {
    const own = await npz(arrays);
    expect(own.roles && Array.from(own.roles)).toEqual(roles);
    expect(Array.from(own.labels.subarray(0, 4))).toEqual([1, 0, 1, 0]);
    expect(Array.from(own.pixels.subarray(0, 16))).toEqual(
      Array.from({ length: 16 }, (_, i) => 10 * i),
    );
  });

  it('and so do files of their own, with names beside', async () => {
    const own = await readData(
      [
        givenOf('d/X_train.npy', IMAGES),
        givenOf('d/y_train.npy', LABELS),
        givenOf('d/classes.txt', 'ant\nbee\n'),
      ],
      null,
      reading,
    );
    expect(own).toMatchObject({ title: 'd', count: 4, classes: ['ant', 'bee'] });
  });

  it('names in the archive', async () => {
    const own = await npz({
      x: IMAGES,
      y: LABELS,
      class_names: npyFile([2], ['ant', 'bee'], { descr: '<U3' }),
    });
    expect(own.classes).toEqual(['ant', 'bee']);
  });

  it('names as labels', async () => {
    const own = await npz({ x: IMAGES, y: npyFile([4], ['b', 'a', 'b', 'a'], { descr: '<U1' }) });
    expect([own.classes, Array.from(own.labels)]).toEqual([
      ['a', 'b'],
      [1, 0, 1, 0],
    ]);
  });
});

describe('values', () => {
  const one = (shape: number[], values: number[], descr: string) =>
    npz({ x: npyFile(shape, values, { descr }), y: npyFile([2], [0, 1]) });

  it('from -1 to 1 become 0 to 255', async () => {
    const own = await one([2, 1, 2], [-1, 0, 0.5, 1], '<f4');
    expect(Array.from(own.pixels)).toEqual([0, 128, 191, 255]);
    expect(own.remarks).toEqual(['Values from -1 to 1 were read as 0 to 255.']);
  });

  it('of rows are grey squares, or planes of red, green and blue', async () => {
    const grey = await one([2, 4], [1, 2, 3, 4, 5, 6, 7, 8], '|u1');
    expect([grey.channels, Array.from(grey.sizes)]).toEqual([1, [2, 2, 2, 2]]);
    const planes = await one(
      [2, 12],
      Array.from({ length: 24 }, (_, i) => i),
      '<i4',
    );
    expect(Array.from(planes.pixels.subarray(0, 6))).toEqual([0, 4, 8, 1, 5, 9]);
  });

  it('with alpha are laid on white', async () => {
    const own = await one(
      [2, 2, 1, 4],
      [10, 20, 30, 255, 10, 20, 30, 0, 1, 2, 3, 255, 4, 5, 6, 255],
      '|u1',
    );
    expect(Array.from(own.pixels)).toEqual([10, 20, 30, 255, 255, 255, 1, 2, 3, 4, 5, 6]);
  });

  it('of large images come reduced', async () => {
    const side = 128;
    const own = await one([2, side, side], Array<number>(2 * side * side).fill(77), '|u1');
    expect(Array.from(own.sizes)).toEqual([64, 64, 64, 64]);
    expect(own.pixels.every((value) => value === 77)).toBe(true);
    expect(own.remarks).toEqual(['The images of x were kept at 64 x 64 instead of 128 x 128.']);
  });
});

describe('refused with a sentence', () => {
  const header = (text: string) => npyFile([4], [0, 1, 0, 1], { header: text });
  it.each([
    [
      'Python objects',
      {
        x: IMAGES,
        y: npyFile([4], [0, 0, 0, 0], {
          header: "{'descr': '|O', 'fortran_order': False, 'shape': (4,), }",
        }),
      },
      'y holds Python objects',
    ],
    [
      'records',
      {
        x: IMAGES,
        y: header(
          "{'descr': [('a', '<i4'), ('b', '<f4')], 'fortran_order': False, 'shape': (4,), }",
        ),
      },
      'it holds records of several columns',
    ],
    [
      'code in a header',
      { x: IMAGES, y: header("{'descr': __import__('os').system('x'), 'shape': (4,)}") },
      'its header is not what NumPy writes',
    ],
    [
      'a negative shape',
      { x: IMAGES, y: header("{'descr': '|u1', 'fortran_order': False, 'shape': (-4,), }") },
      'its header is not what NumPy writes',
    ],
    [
      'a deep header',
      { x: IMAGES, y: header(`{'descr': ${'('.repeat(900)}`) },
      'its header is not what NumPy writes',
    ],
    [
      'a huge shape',
      {
        x: IMAGES,
        y: header("{'descr': '|u1', 'fortran_order': False, 'shape': (9007199254740991, 4), }"),
      },
      'y should hold 9007199254740991 x 4 values',
    ],
    [
      'complex numbers',
      { x: IMAGES, y: header("{'descr': '<c8', 'fortran_order': False, 'shape': (4,), }") },
      'its values are of the kind <c8',
    ],
    [
      'a cut file',
      { x: IMAGES.slice(0, -3), y: LABELS },
      'x should hold 4 x 2 x 2 values, which are 16 bytes; it holds 13.',
    ],
    ['no labels', { x: IMAGES }, 'The labels that belong to x are missing.'],
    ['other counts', { x: IMAGES, y: npyFile([3], [0, 1, 2]) }, 'x holds 4 images and y 3 labels.'],
    [
      'a value that is no number',
      { x: npyFile([4, 1, 1], [0, 1, NaN, 1], { descr: '<f4' }), y: LABELS },
      'x holds NaN at place 2.',
    ],
    [
      'an odd range',
      { x: npyFile([4, 1, 1], [0, 1, 2, 900], { descr: '<f4' }), y: LABELS },
      'have values from 0 to 900',
    ],
    [
      'an odd shape',
      { x: npyFile([4, 2, 2, 2], new Uint8Array(32)), y: LABELS },
      'x has the shape 4 x 2 x 2 x 2',
    ],
    [
      'soft labels',
      { x: IMAGES, y: npyFile([4, 2], [1, 0, 0.5, 0.5, 0, 1, 1, 0], { descr: '<f4' }) },
      'Row 1 of the labels in y is no choice of one class.',
    ],
    [
      'labels with fractions',
      { x: IMAGES, y: npyFile([4], [0, 1, 0.5, 1], { descr: '<f4' }) },
      'label 2 is 0.5, which is no class.',
    ],
  ])('%s', async (_, arrays, sentence) => {
    await expect(npz(arrays)).rejects.toMatchObject({ name: 'UserError' });
    await expect(npz(arrays)).rejects.toThrow(sentence);
  });

  it('300 classes', async () => {
    const [x, y] = [
      npyFile([300, 1, 1], new Uint8Array(300).fill(9)),
      npyFile(
        [300],
        Array.from({ length: 300 }, (_, i) => i),
        { descr: '<i4' },
      ),
    ];
    await expect(npz({ x, y })).rejects.toThrow('set has 300 different labels');
  });
});
