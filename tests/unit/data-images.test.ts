import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../cli/support/decode';
import { givenIn } from '../../cli/support/own-data';
import { imageHead } from '../../src/upload/data/image-head';
import { readData } from '../../src/upload/data/read';
import { rowsOf } from '../../src/upload/data/table';
import { givenOf, reading } from '../support/given';
import { pngFile } from '../support/files/png';
import type { PngOptions } from '../support/files/png';
import { zip } from '../support/files/zip';

const read = (files: Readonly<Record<string, Uint8Array | string>>) =>
  readData(
    Object.entries(files).map(([name, bytes]) => givenOf(name, bytes)),
    decodeImage,
    reading,
  );
const grey = (value: number, side = 2, how: PngOptions = {}) =>
  pngFile(side, side, Array<number>(side * side).fill(value), { colour: 0, ...how });
const RED = pngFile(1, 1, [200, 10, 20]);

describe('folders of images', () => {
  it('name the classes; what is no image is said', async () => {
    const own = await read({
      'pets/dog/1.png': grey(1),
      'pets/cat/2.PNG': grey(2),
      'pets/cat/3.png': grey(3),
      'pets/dog 10/old/4.png': grey(4),
      'pets/cat/film.gif': 'GIF89a',
      'pets/cat/.DS_Store': 'x',
      '__MACOSX/pets/cat/._2.png': 'x',
      'pets/dog/Thumbs.db': 'x',
    });
    expect(own).toMatchObject({
      title: 'pets',
      format: 'image files',
      count: 4,
      channels: 1,
      classes: ['cat', 'dog', 'dog 10'],
      roles: null,
      remarks: ['One file was left out, being no PNG, JPEG or WebP: pets/cat/film.gif.'],
    });
    expect(Array.from(own.labels)).toEqual([1, 0, 0, 2]);
    expect(Array.from(own.pixels)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
  });

  it('below train, val and test declare the splits', async () => {
    const own = await read({
      'd/train/a/1.png': grey(1),
      'd/Validation/a/2.png': grey(2),
      'd/test/b/3.png': grey(3),
    });
    expect([own.classes, Array.from(own.roles ?? [])]).toEqual([
      ['a', 'b'],
      [0, 1, 2],
    ]);
  });

  it('may hold grey and coloured, small and large, transparent and damaged ones', async () => {
    const own = await read({
      'a/1.png': grey(7),
      'a/2.png': RED,
      'b/3.png': pngFile(1, 1, [9, 9, 9, 0], { colour: 6 }),
      'b/4.png': grey(50, 200),
      'b/5.png': grey(1).slice(0, 50),
      'b/6.png': 'no image',
      'loose.png': grey(1),
    });
    expect(own).toMatchObject({ title: 'Your images', channels: 3, count: 4 });
    expect(Array.from(own.sizes)).toEqual([2, 2, 1, 1, 1, 1, 64, 64]);
    expect(Array.from(own.pixels.subarray(0, 18))).toEqual([
      ...Array<number>(12).fill(7),
      200,
      10,
      20,
      255,
      255,
      255,
    ]);
    expect(own.pixels.subarray(18).every((value) => value === 50)).toBe(true);
    expect(own.remarks).toEqual([
      'One image lies in no folder of a class and was left out: loose.png.',
      '2 images could not be read and were left out: b/5.png (damaged PNG), b/6.png (no PNG, JPEG or WebP by its content).',
      'One image is transparent in places; white was put behind.',
    ]);
  });

  it('may come as a zip', async () => {
    const own = await read({
      'pets.zip': zip([
        { name: 'x/cat/1.png', bytes: grey(1) },
        { name: 'x/dog/2.png', bytes: grey(2), deflate: true },
      ]),
    });
    expect(own).toMatchObject({ title: 'pets', classes: ['cat', 'dog'], count: 2 });
  });

  const bomb = grey(0).slice();
  bomb.set([0, 0, 100, 0, 0, 0, 100, 0], 16);
  it.each([
    [
      'without folders',
      { 'a.png': grey(1), 'b.png': grey(2) },
      'lie in no folders that would say their classes',
    ],
    [
      'that are none',
      { 'a/1.png': 'x', 'b/2.jpg': 'y' },
      'None of the 2 images of Your images could be read: a/1.png (no PNG, JPEG or WebP by its content).',
    ],
    [
      'with more pixels than allowed',
      { 'a/1.png': bomb, 'b/1.png': bomb },
      'a/1.png (25600 x 25600 pixels)',
    ],
    ['of CIFAR', { 'data_batch_1.bin': new Uint8Array(3073) }, 'looks like CIFAR-10'],
    [
      'of Git LFS',
      { 'a.png.tar': 'version https://git-lfs.github.com/spec/v1' },
      'a pointer of Git LFS',
    ],
    ['from the web', { 'images.tgz': '<!DOCTYPE html>' }, 'images.tgz is a web page'],
  ])('%s are refused', async (_, files, sentence) => {
    await expect(read(files)).rejects.toMatchObject({ name: 'UserError' });
    await expect(read(files)).rejects.toThrow(sentence);
  });

  it('need a decoder', async () => {
    const files = [givenOf('a/1.png', grey(1))];
    await expect(readData(files, null, reading)).rejects.toThrow(
      'nothing here that could decode it',
    );
  });

  it('stop where somebody cancels', async () => {
    const abort = new AbortController();
    abort.abort();
    const files = [givenOf('a/1.png', grey(1)), givenOf('b/2.png', grey(1))];
    await expect(
      readData(files, decodeImage, { ...reading, signal: abort.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a table beside images', () => {
  const images = { 'i/a.png': grey(1), 'i/b.png': grey(2), 'i/c.png': grey(3), 'i/d.png': grey(4) };
  it.each([
    [
      'by its header',
      'id,file,label,split\r\n1,a.png,cat,train\r\n2,b.png,"dog, big",test\r\n3,c.png,cat,train\r\n4,d.png,cat,val\r\n',
    ],
    [
      'with other columns and quotes',
      'Usage;"label";"path"\ntrain;cat;"i\\a.png"\ntest;"dog, big";./i/b.png\ntrain;cat;i/c.png\nval;cat;i/d.png',
    ],
    [
      'without endings',
      'name\tclass\tset\na\tcat\ttrain\nb\tdog, big\ttest\nc\tcat\ttrain\nd\tcat\tvalidation\n',
    ],
  ])('is understood %s', async (_, csv) => {
    const own = await read({ ...images, 'i/labels.csv': csv });
    expect(own).toMatchObject({ format: 'image files with a table', remarks: [] });
    expect([own.classes, Array.from(own.labels), Array.from(own.roles ?? [])]).toEqual([
      ['cat', 'dog, big'],
      [0, 1, 0, 0],
      [0, 2, 0, 1],
    ]);
  });

  it('is understood without a header, with numbers; gaps are said', async () => {
    const own = await read({ ...images, 't.csv': 'a.png,10\nb.png,9\nc.png,10\nz.png,9\n' });
    expect([own.classes, Array.from(own.labels)]).toEqual([
      ['9', '10'],
      [1, 0, 1],
    ]);
    expect(own.remarks).toEqual([
      'One image has no label in t.csv and was left out.',
      'One row of t.csv fits no image.',
    ]);
  });

  it.each([
    [
      'contradicts itself',
      'file,label\na.png,1\na.png,2\n',
      'row 3 gives i/a.png the label 2; an earlier row says 1.',
    ],
    ['has no labels', 'file\na.png\nb.png\n', 'no column of it holds their labels'],
    [
      'has an open quote',
      'file,label\n"a.png,1\n',
      'a quoted field that begins in row 2 does not end',
    ],
  ])('that %s is refused', async (_, csv, sentence) => {
    await expect(read({ ...images, 't.csv': csv })).rejects.toThrow(sentence);
  });

  it('reads quotes as RFC 4180 says', () => {
    expect(rowsOf('a,"b ""c"", d"\r\n\r\n"x\ny",z', 't')).toEqual([
      ['a', 'b "c", d'],
      ['x\ny', 'z'],
    ]);
  });
});

it.each([0, 1, 2, 3, 4] as const)('PNG rows of filter %i', async (filter) => {
  const samples = Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256);
  const { rgba } = await decodeImage(pngFile(5, 4, samples, { filter }), 'png');
  expect(Array.from(rgba).filter((_, i) => i % 4 < 3)).toEqual(samples);
});

it('PNG of 16 bits, of few bits, and with a colour that is transparent', async () => {
  const pixels = async (file: Uint8Array) => Array.from((await decodeImage(file, 'png')).rgba);
  expect(await pixels(pngFile(1, 1, [0xabcd], { colour: 0, depth: 16 }))).toEqual([
    0xab, 0xab, 0xab, 255,
  ]);
  expect(await pixels(pngFile(3, 1, [0, 1, 3], { colour: 0, depth: 2 }))).toEqual([
    0, 0, 0, 255, 85, 85, 85, 255, 255, 255, 255, 255,
  ]);
  expect(
    await pixels(
      pngFile(2, 1, [1, 0], { colour: 3, depth: 1, palette: [1, 2, 3, 4, 5, 6], alpha: [9] }),
    ),
  ).toEqual([4, 5, 6, 255, 1, 2, 3, 9]);
  await expect(pixels(pngFile(1, 1, [7], { colour: 3, palette: [1, 2, 3] }))).rejects.toThrow(
    'palette',
  );
});

it('heads that break off are none', () => {
  for (const file of [
    RED,
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16),
    Uint8Array.of(0x52, 0x49, 0x46, 0x46),
  ])
    expect(imageHead(file.subarray(0, 15))).toBeNull();
});

const folder = path.join(process.env['DATA_DIR'] ?? '', 'cifar10', 'image_folder');
describe.runIf(existsSync(folder))('the folder of CIFAR images', () => {
  it('says sides and kinds of all 60 files', async () => {
    const files = givenIn(folder);
    const heads = await Promise.all(
      files.map(async (file) => imageHead(await file.read(0, file.size))),
    );
    expect(heads.filter((head) => head?.kind === 'png')).toHaveLength(40);
    expect(heads.filter((head) => head?.kind === 'jpeg')).toHaveLength(20);
    expect(heads.every((head) => head?.width === 32 && head.height === 32)).toBe(true);
  });

  it('has six images of each of ten classes', async () => {
    const files = givenIn(folder);
    const own = await readData(files, decodeImage, reading);
    expect(own).toMatchObject({ title: 'image_folder', count: 60, channels: 3, remarks: [] });
    expect(own.classes).toEqual([
      'airplane',
      'automobile',
      'bird',
      'cat',
      'deer',
      'dog',
      'frog',
      'horse',
      'ship',
      'truck',
    ]);
    // The first training image of CIFAR-10 is the frog train_00000: its upper left corner.
    const frog = files.findIndex(({ path }) => path.endsWith('frog/train_00000.png'));
    expect(Array.from(own.pixels.subarray(frog * 3072, frog * 3072 + 3))).toEqual([59, 62, 63]);
  });
});

it('WebP needs a browser', async () => {
  await expect(decodeImage(new Uint8Array(), 'webp')).rejects.toThrow('only browsers decode these');
});
