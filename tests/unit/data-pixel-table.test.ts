import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { readData } from '../../src/upload/data/read';
import { caseFiles, haveCases } from '../support/cases';
import { givenOf, reading } from '../support/given';

const SIDE = 8;
const PIXELS = SIDE * SIDE;
/** Pixel k of image i; the first one is black, as corners are. */
const pixel = (i: number, k: number) => (k === 0 ? 0 : (i * 31 + k * 7) % 256);
const image = (i: number, pixels = PIXELS) => Array.from({ length: pixels }, (_, k) => pixel(i, k));
const titles = (pixels = PIXELS) => Array.from({ length: pixels }, (_, k) => `pixel${k}`);
const COUNT = 12;
const rows = <T>(row: (i: number) => T) => Array.from({ length: COUNT }, (_, i) => row(i));
const csv = (lines: readonly (readonly (number | string)[])[], separator = ',', end = '\n') =>
  lines.map((line) => line.join(separator)).join(end) + end;
const read = (files: Readonly<Record<string, string | Uint8Array>>) =>
  readData(
    Object.entries(files).map(([name, content]) => givenOf(name, content)),
    null,
    reading,
  );

const wanted = Uint8Array.from(rows((i) => image(i)).flat());

describe('a table with the pixels of one image in each row', () => {
  it.each<[string, Readonly<Record<string, string | Uint8Array>>]>([
    [
      'a header, the label first',
      { 't.csv': csv([['label', ...titles()], ...rows((i) => [i % 3, ...image(i)])]) },
    ],
    [
      'a header, the label last',
      { 't.csv': csv([[...titles(), 'class'], ...rows((i) => [...image(i), i % 3])]) },
    ],
    ['no header, the label first', { 't.csv': csv(rows((i) => [i % 3, ...image(i)])) }],
    ['no header, the label last', { 't.csv': csv(rows((i) => [...image(i), i % 3])) }],
    [
      'semicolons and Windows’ ends of lines',
      { 't.csv': csv([['label', ...titles()], ...rows((i) => [i % 3, ...image(i)])], ';', '\r\n') },
    ],
    [
      'tabs',
      {
        't.tsv': csv(
          rows((i) => [i % 3, ...image(i)]),
          '\t',
        ),
      },
    ],
    ['quotes', { 't.csv': csv(rows((i) => [i % 3, ...image(i)].map((n) => `"${n}"`))) }],
    ['no end of its last line', { 't.csv': csv(rows((i) => [i % 3, ...image(i)])).trimEnd() }],
    [
      'gzip',
      { 't.csv.gz': gzipSync(csv([['label', ...titles()], ...rows((i) => [i % 3, ...image(i)])])) },
    ],
  ])('is read with %s', async (_, files) => {
    const own = await read(files);
    expect(own).toMatchObject({ format: 'table of pixels', count: COUNT, channels: 1 });
    expect(own.classes).toEqual(['0', '1', '2']);
    expect([...own.labels]).toEqual(rows((i) => i % 3));
    expect([own.sizes[0], own.sizes[1]]).toEqual([SIDE, SIDE]);
    expect(own.pixels).toEqual(wanted);
    expect(own.remarks[0]).toMatch(
      /was read as a table of pixels: 65 columns, the (first|last) of them the label\.$/,
    );
  });

  it('labels may be words, and numbers from 0 to 1', async () => {
    const own = await read({
      't.csv': csv([
        ['label', ...titles()],
        ...rows((i) => [i % 2 ? 'shoe' : 'coat', ...image(i).map((n) => n / 255)]),
      ]),
    });
    expect(own.classes).toEqual(['coat', 'shoe']);
    expect(own.pixels).toEqual(wanted);
    expect(own.remarks.join(' ')).toContain('Values from 0 to 1 were read as 0 to 255.');
  });

  it('three colours stand one after the other, as CIFAR has them', async () => {
    const own = await read({ 't.csv': csv(rows((i) => [i % 2, ...image(i, 3 * PIXELS)])) });
    expect(own.channels).toBe(3);
    expect(Array.from(own.pixels.slice(0, 3))).toEqual([
      pixel(0, 0),
      pixel(0, PIXELS),
      pixel(0, 2 * PIXELS),
    ]);
  });

  it('train.csv and test.csv declare the splits; a test.csv without labels is left out, which is said', async () => {
    const table = csv([['label', ...titles()], ...rows((i) => [i % 2, ...image(i)])]);
    const own = await read({ 'train.csv': table, 'test.csv': table });
    expect([...(own.roles ?? [])]).toEqual([...rows(() => 0), ...rows(() => 2)]);
    const bare = csv([titles(), ...rows((i) => image(i))]);
    const one = await read({ 'train.csv': table, 'test.csv': bare });
    expect(one.count).toBe(COUNT);
    expect(one.remarks.join(' ')).toContain(
      'test.csv was left out: it holds pixels and no labels.',
    );
    await expect(read({ 'test.csv': bare })).rejects.toMatchObject({
      code: 'E_UPLOAD_LABELS',
      message: 'test.csv is a table of 64 pixels in a row, and no column of it holds labels.',
    });
  });

  it.each([
    [
      'a row that is short',
      csv([...rows((i) => [i % 2, ...image(i)])]) + '1,2,3\n',
      'row 13 has 3 columns',
    ],
    [
      'a row that is long',
      csv([...rows((i) => [i % 2, ...image(i)])]) + `${[1, ...image(0), 9].join(',')}\n`,
      'row 13 has more than 65 columns',
    ],
    [
      'a pixel that is none',
      csv([...rows((i) => [i % 2, ...image(i)])]) + `${[1, 'x', ...image(0).slice(1)].join(',')}\n`,
      'row 13 holds x as a pixel',
    ],
  ])('%s is refused by its row', async (_, table, words) => {
    // Beyond what is looked at to recognise it.
    const long = csv(Array.from({ length: 3000 }, (__, i) => [i % 2, ...image(i)]));
    const text = long + table.split('\n').slice(COUNT).join('\n');
    const said = words.replace('row 13', 'row 3001');
    await expect(read({ 't.csv': text })).rejects.toThrow(said);
  });

  it('a table of other numbers is none, and is said to be a table', async () => {
    const table = csv(rows((i) => [i, i * 2, i * 3]));
    await expect(read({ 'sales.csv': table })).rejects.toMatchObject({
      code: 'E_UPLOAD_NOTHING',
      message: expect.stringContaining('sales.csv is a table') as string,
    });
  });
});

describe('what people have instead of data that are read is named, with a way to bring it', () => {
  const pickle = (text: string) => Buffer.concat([Buffer.from([0x80, 2, 0x7d]), Buffer.from(text)]);
  it.each<[string, Uint8Array | string, string, string]>([
    ['data_batch_1', pickle('q'), 'a batch of CIFAR in Python’s version', 'cifar-10-binary.tar.gz'],
    ['mine', pickle('Xbatch_label'), 'a batch of CIFAR in Python’s version', 'numpy.savez'],
    ['digits.pkl', pickle('q'), 'is a Python pickle', 'numpy.savez'],
    [
      'cifar-10-python.tar.gz',
      Buffer.from([0x1f, 0x8b, 8, 0]),
      'is the Python version of CIFAR',
      'binary version',
    ],
    [
      'cifar-10-binary.tar.gz',
      Buffer.from([0x1f, 0x8b, 8, 0]),
      'is CIFAR in its binary version',
      'Choose the task CIFAR-10',
    ],
    [
      'images.tar.gz',
      Buffer.from([0x1f, 0x8b, 8, 0]),
      'is an archive of another kind than zip',
      'Unpack it',
    ],
    ['test.bin', new Uint8Array(3073), 'looks like CIFAR-10', 'Choose the task CIFAR-10'],
    ['test.bin', new Uint8Array(3074), 'looks like CIFAR-100', 'Choose the task CIFAR-100'],
    ['train_32x32.mat', 'MATLAB 5.0 MAT-file, Platform', 'is a MATLAB file', 'scipy.io.loadmat'],
    ['train.parquet', 'PAR1', 'is a Parquet table', 'load_dataset'],
    ['train.tfrecord', 'xx', 'in the form of one training program', 'numpy.savez'],
    ['a.gif', 'GIF89a', 'in a form that is not read', 'PNG or JPEG'],
    ['d.h5', Buffer.from('894844460d0a1a0a00', 'hex'), 'is an HDF5 file', 'h5py'],
    ['x.tgz', '<!DOCTYPE html><html>', 'is a web page', 'download button'],
  ])('%s', async (name, content, is, how) => {
    const thrown = await read({ [name]: content }).catch((cause: unknown) => cause);
    expect(thrown).toBeInstanceOf(UserError);
    const { code, message, hint } = thrown as UserError;
    expect(code).toBe('E_UPLOAD_NOTHING');
    expect(message).toContain(is);
    expect(hint).toContain(how);
  });
});

describe.skipIf(!haveCases)('files found in the world', () => {
  const only = (name: string) =>
    caseFiles('data_forms_not_named').filter(({ path }) => path === name);

  it('a table of 784 pixels is read', async () => {
    const own = await readData(only('train.csv'), null, reading);
    expect([own.count, own.channels, ...own.sizes.slice(0, 2)]).toEqual([12, 1, 28, 28]);
  });

  it('a batch of CIFAR’s Python version is named', async () => {
    await expect(readData(only('data_batch_1'), null, reading)).rejects.toThrow(
      'data_batch_1 is a batch of CIFAR in Python’s version',
    );
  });
});
