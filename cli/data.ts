import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../src/recipe/errors';
import { download, verify } from './support/download';
import { main } from './support/main';
import { ProgressLine } from './support/progress';
import { reasonOf } from './support/result-file';
import { unpackBins } from './support/unpack';

const USAGE = 'npm run data -- cifar10|cifar100 [--out DIR] [--from URL] [--md5 DIGEST]';

const HOME = 'https://www.cs.toronto.edu/~kriz/';

/** The official archives in their binary version, and the files that matter in them. */
const ARCHIVES = new Map([
  [
    'cifar10',
    {
      name: 'cifar-10-binary.tar.gz',
      md5: 'c32a1d4ab5d03f1284b67883e8d87530',
      files: [...[1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`), 'test_batch.bin'],
    },
  ],
  [
    'cifar100',
    {
      name: 'cifar-100-binary.tar.gz',
      md5: '03b5dce01913d631647c71ecec9e9cb8',
      files: ['train.bin', 'test.bin'],
    },
  ],
]);

function optionsOf(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { out: { type: 'string' }, from: { type: 'string' }, md5: { type: 'string' } },
    });
    const [id = '', ...surplus] = positionals;
    const archive = ARCHIVES.get(id);
    if (!archive || surplus.length > 0)
      throw new UserError('E_USAGE', 'Give one data set: cifar10 or cifar100.', `Usage: ${USAGE}`);
    const url = values.from ?? HOME + archive.name;
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
      throw new UserError('E_USAGE', `--from is "${url}", which is no web address.`);
    const md5 = (values.md5 ?? archive.md5).toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(md5))
      throw new UserError('E_USAGE', `--md5 is "${md5}", but an MD5 digest is 32 hex digits.`);
    return { archive, url, md5, out: values.out ?? path.join('data', id) };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('E_USAGE', (cause as Error).message, `Usage: ${USAGE}`, { cause });
  }
}

/** Fetches, checks and unpacks what the arguments name. */
async function fetchData({ archive, url, md5, out }: ReturnType<typeof optionsOf>): Promise<void> {
  mkdirSync(out, { recursive: true });
  const part = path.join(out, `${archive.name}.part`);
  const line = new ProgressLine();
  console.log(`Fetching ${url}`);
  let first: { readonly time: number; readonly there: number } | undefined;
  await download(url, part, (there, whole) => {
    first ??= { time: Date.now(), there };
    const rate = (there - first.there) / (Date.now() - first.time);
    const left = whole !== null && rate > 0 ? (whole - there) / rate / 1000 : null;
    line.show(`${(there / 1e6).toFixed(1)} MB`, whole ? there / whole : 0, left);
  });
  line.done();
  await verify(part, md5);
  console.log(`The archive is complete: MD5 ${md5}.`);
  const files = await unpackBins(part, out, (share) => line.show('Unpacking', share, null));
  line.done();
  rmSync(part);
  const missing = archive.files.filter((name) => !files.some((file) => file.name === name));
  if (missing.length > 0)
    throw new UserError('E_DATA_VERSION', `The archive does not hold ${missing.join(', ')}.`);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const names = files.map((file) => file.name).join(', ');
  console.log(`${out} holds ${names} (${(size / 1e6).toFixed(1)} MB).`);
}

main(
  {
    what: 'Fetches CIFAR-10 or CIFAR-100 from its authors’ site, checks it and unpacks it.',
    usage: USAGE,
  },
  async (args) => {
    const options = optionsOf(args);
    const { archive, out } = options;
    if (archive.files.every((name) => existsSync(path.join(out, name)))) {
      console.log(
        `${out} holds ${archive.files.join(', ')} already; delete them to fetch them again.`,
      );
      return;
    }
    await fetchData(options).catch((cause: unknown) => {
      // The file system's errors have a system call's name.
      if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
      throw new UserError(
        'E_WRITE',
        `The data cannot be written to ${out}: ${reasonOf(cause)}.`,
        'Make room there, or name another folder with --out.',
        { cause },
      );
    });
  },
);
