import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { checkPlace, prepareFolder, reasonOf, writeWhole } from '../../cli/support/result-file';
import { asShown } from '../../cli/support/terminal';

/** What a system call does next, by its name: a full disk, a power cut. */
const faults = vi.hoisted(() => new Map<string, Error>());
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const guarded =
    <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
    (...args: A): R => {
      const fault = faults.get(name);
      if (fault) throw fault;
      return call(...args);
    };
  return {
    ...real,
    fsyncSync: guarded('fsync', real.fsyncSync),
    renameSync: guarded('rename', real.renameSync),
  };
});

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'result-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
afterEach(() => faults.clear());

const coded = (code: string) => Object.assign(new Error(`${code}: no such luck`), { code });
const names = () => fs.readdirSync(scratch).toSorted();
const result = path.join(scratch, 'result.json');

it('a result takes the place of an older one, with its rights, and leaves nothing beside it', () => {
  fs.writeFileSync(result, 'older');
  fs.chmodSync(result, 0o640);
  writeWhole(result, 'newer');
  expect(fs.readFileSync(result, 'utf8')).toBe('newer');
  expect(fs.statSync(result).mode & 0o777).toBe(0o640);
  expect(names()).toEqual(['result.json']);
});

it.each([
  ['a full disk', 'fsync', 'ENOSPC', 'there is no room left on the disk'],
  ['an end before the last step', 'rename', 'EACCES', 'this is not allowed'],
])('%s leaves the older one, in a plain sentence', (_, call, code, why) => {
  fs.writeFileSync(result, 'older');
  faults.set(call, coded(code));
  expect(() => writeWhole(result, 'newer')).toThrow(
    `${result} cannot be written: ${why}. The file that was there before is as it was.`,
  );
  expect(fs.readFileSync(result, 'utf8')).toBe('older');
  expect(names()).toEqual(['result.json']);
});

it('a file that the command reads is no place for its result', () => {
  const folder = path.join(scratch, 'given');
  const given = path.join(folder, 'recipe.json');
  const link = path.join(scratch, 'other-name.json');
  fs.mkdirSync(folder);
  fs.writeFileSync(given, 'the recipe');
  fs.symlinkSync(given, link);
  for (const [at, read] of [
    [given, [given]],
    [given, [undefined, folder]],
    [link, [given]],
    [given, [link]],
  ] as const)
    expect(() => checkPlace(at, '--out', read)).toThrow(
      `--out is "${at}", which is read by this command and would be lost.`,
    );
  expect(() => checkPlace(path.join(folder, 'new.json'), '--out', [folder])).not.toThrow();
  expect(() => checkPlace(given, '--out', [link + 'x', scratch + '/givenx'])).not.toThrow();
  expect(fs.readFileSync(given, 'utf8')).toBe('the recipe');
  fs.rmSync(folder, { recursive: true });
  fs.rmSync(link);
});

it('a link stays a link', () => {
  const link = path.join(scratch, 'link.json');
  fs.symlinkSync(result, link);
  writeWhole(link, 'through');
  expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
  expect(fs.readFileSync(result, 'utf8')).toBe('through');
  fs.rmSync(link);
});

it.skipIf(!fs.existsSync('/dev/full'))('a device is written to and stays one', () => {
  expect(() => writeWhole('/dev/full', 'x')).toThrow('there is no room left on the disk');
  checkPlace('/dev/null', '--out');
  writeWhole('/dev/null', 'x');
  expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
});

it('a place is looked at without a trace', () => {
  const before = names();
  checkPlace(path.join(scratch, 'new.json'), '--out');
  checkPlace(result, '--out');
  prepareFolder(scratch);
  expect(names()).toEqual(before);
  expect(() => checkPlace('', '--out')).toThrow('--out is "", which names no file.');
});

it('other reasons are told in the system’s words', () => {
  expect(reasonOf(coded('EIO'))).toBe('EIO: no such luck');
});

it('lines and columns stay, all else that a terminal obeys goes', () => {
  expect(asShown('a\tb\nc\u{1b}[2Jd\re\u{202e}f')).toBe('a\tb\nc�[2Jd�e�f');
});
