import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Given } from '../../src/upload/given';
import { givenOf } from './given';

const folder = path.join(process.env['DATA_DIR'] ?? '', 'cases');

/** Whether the folder of real cases is there. */
export const haveCases = existsSync(folder);

/** The files of a case, as somebody would give them. */
export function caseFiles(name: string): readonly Given[] {
  return readdirSync(path.join(folder, name))
    .filter((file) => file !== 'README.txt')
    .map((file) => givenOf(file, readFileSync(path.join(folder, name, file))));
}
