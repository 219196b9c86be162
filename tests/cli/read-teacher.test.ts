import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTeacherFiles } from '../../cli/support/read-teacher';
import { tinyLayersModel } from '../support/files/tfjs';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'teacher-'));
const command = process.argv[1] ?? '';
beforeAll(() => {
  // Threads are built with any command and lie beside it.
  spawnSync(process.execPath, ['scripts/cli.mjs', 'data', '--help']);
  process.argv[1] = path.resolve('build/cli/data.js');
});
afterAll(() => {
  process.argv[1] = command;
  rmSync(scratch, { recursive: true });
});

it('a folder is read in a thread, and a file that is none refused with its sentence', async () => {
  for (const { name, bytes } of tinyLayersModel()) writeFileSync(path.join(scratch, name), bytes);
  const network = await readTeacherFiles([scratch]);
  expect([network.format, network.title]).toEqual(['tfjs-layers', path.basename(scratch)]);
  expect([...network.weights.values()][0]).toBeInstanceOf(Float32Array);
  const text = path.join(scratch, 'a.txt');
  writeFileSync(text, 'hello');
  await expect(readTeacherFiles([text])).rejects.toMatchObject({ code: 'E_UPLOAD_KIND' });
  await expect(readTeacherFiles([`${text}s`])).rejects.toMatchObject({ code: 'E_USAGE' });
});
