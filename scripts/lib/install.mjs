/** Installing what is missing: npm packages, from the lock file. Plain Node, nothing else is there yet. */
import { readFileSync } from 'node:fs';
import { npm } from './run.mjs';

const OLDEST_NODE = [20, 19];

/** Ends the program with a plain sentence where this Node is too old. */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = OLDEST_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(
    `Node ${process.versions.node} is too old: version ${OLDEST_NODE.join('.')} or later is needed (https://nodejs.org).`,
  );
  process.exit(1);
}

/** @param {string} file @returns {Record<string, {version?: string, optional?: boolean}>} */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/**
 * True where node_modules holds every package of the lock file at its version. Optional ones are for other systems.
 * @param {string} root the project's folder
 */
function isInstalled(root) {
  const installed = packagesIn(`${root}/node_modules/.package-lock.json`);
  return Object.entries(packagesIn(`${root}/package-lock.json`)).every(
    ([path, entry]) =>
      path === '' || entry.optional === true || installed[path]?.version === entry.version,
  );
}

/**
 * Installs the packages of the lock file where they are missing or differ; ends the program where that fails.
 * @param {string} root the project's folder
 */
export async function ensurePackages(root) {
  checkNode();
  if (isInstalled(root)) return;
  console.log('Installing packages (npm ci) ...');
  const code = await npm(['ci', '--no-audit', '--no-fund']);
  if (code === 0) return;
  console.error('npm ci failed: see its message above. Is the package registry in reach?');
  process.exit(code);
}
