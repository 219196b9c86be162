import { gzipSync } from 'node:zlib';
import { tinyLayersModel } from '../files/tfjs';
import { zip } from '../files/zip';
import type { ZipFile } from '../files/zip';
import { bad, part } from './case';
import type { BadCase } from './case';

const model = tinyLayersModel();
const zeros = Buffer.alloc(20 << 20);
const zipped = (name: string, files: readonly ZipFile[], options?: Parameters<typeof zip>[1]) =>
  bad(name, part(`${name}.zip`, zip(files, options)));
const good = zip(model);
/** The model with its JSON's record changed. */
const first = (more: Partial<ZipFile>) =>
  model.map((file, i) => (i === 0 ? { ...file, deflate: true, ...more } : file));
const also = (name: string) => [...model, { name, bytes: Buffer.from('x') }];
const inner = zip([{ name: 'inner.zip', bytes: good }]);

/** Archives that are damaged or made to do harm. */
export const ARCHIVES: readonly BadCase[] = [
  bad('zip-cut', part('zip-cut.zip', good.subarray(0, good.length / 2))),
  bad('zip-without-files', part('zip-without-files.zip', zip([]))),
  zipped('zip-bomb', [...model, { name: 'zeros.bin', bytes: zeros, deflate: true }]),
  zipped('zip-huge-claim', first({ size: 0xfffffff0 })),
  zipped('zip-encrypted', first({ flags: 1 })),
  zipped('zip-lzma', first({ method: 14 })),
  zipped('zip-overlapping', [...model, { name: 'x', bytes: Buffer.from('x'), header: 0 }]),
  zipped('zip-name-twice', [...model, ...model]),
  zipped('zip-upwards', also('../../etc/cron.d/x')),
  zipped('zip-absolute', also('/etc/passwd')),
  zipped('zip-drive', also('C:\\Windows\\x.dll')),
  zipped('zip-nul', also('a.txt\0.json')),
  zipped('zip-long-name', also('x'.repeat(60_000))),
  zipped('zip-more-than-said', first({ size: 30 })),
  zipped('zip-less-than-said', first({ size: 90_000 })),
  zipped('zip-check-sum', first({ crc: 1 })),
  zipped('zip-too-many', model, { wide: true, count: 200_000 }),
  zipped('zip-false-count', model, { count: 7 }),
  zipped('zip-of-links', [{ ...model[0]!, mode: 0o120777 }]),
  zipped('zip-in-zip-in-zip', [{ name: 'middle.zip', bytes: inner }]),
  bad('gzip-bomb', part('model.json.gz', gzipSync(zeros))),
  bad('gzip-cut', part('model.json.gz', gzipSync(model[0]!.bytes).subarray(0, 60))),
];
