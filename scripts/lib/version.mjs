import { readFileSync } from 'node:fs';
import path from 'node:path';

/** "extracurricular 0.1.0". @param {string} root the project's folder */
export function version(root) {
  const { name, version: number } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  return `${name} ${number}`;
}
