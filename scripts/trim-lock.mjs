/**
 * Drops from the lock file the optional packages (bindings for other systems) that it has no entry for. They are
 * missing where the lock file was written against a registry that does not hold them, and `npm ci` refuses such a file.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
let dropped = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    const held =
      `${path}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages;
    if (held) continue;
    delete entry.optionalDependencies[name];
    dropped += 1;
  }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${dropped} optional packages without an entry dropped from ${file}.`);
