/**
 * `npm test [-- PART ...]`: installs what is missing, runs the parts of the suite in order, and ends with one line for
 * each: "unit: 412 passed, 0 failed". Exit code 1 where a part failed or executed no test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { version } from './lib/version.mjs';
import { cleaned } from './lib/words.mjs';

/** @typedef {{passed: number, failed: number, skipped: number}} Counts */

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'extracurricular-'));

/** Runs a program of an installed package. @param {string} file @param {readonly string[]} args */
const tool = (file, args = /** @type {string[]} */ ([])) =>
  run(process.execPath, [path.join('node_modules', file), ...args]);

/**
 * Runs named checks one after the other; each counts as a test.
 * @param {Record<string, () => Promise<boolean>>} checks
 * @returns {Promise<Counts>}
 */
async function runChecks(checks) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, check] of Object.entries(checks)) {
    const started = Date.now();
    const passed = await check();
    if (passed) counts.passed += 1;
    else counts.failed += 1;
    console.log(`${passed ? 'ok' : 'NOT OK'}  ${name} (${secondsSince(started)} s)`);
  }
  return counts;
}

/** @param {string} file @param {readonly string[]} [args] */
const succeeds = (file, args) => async () => (await tool(file, args)) === 0;

/** Compares the build with its limits. */
async function sizesFit() {
  const { measure } = await import('./lib/size.mjs');
  const sizes = measure(path.join(root, 'dist'));
  for (const { what, size, limit } of sizes)
    console.log(`    ${what}: ${size.toFixed(1)} of ${limit} kB after gzip`);
  return sizes.length > 0 && sizes.every(({ fits }) => fits);
}

/**
 * Runs one vitest project and counts from its JSON report.
 * @param {string} project
 * @returns {Promise<Counts>}
 */
async function runProject(project) {
  const report = path.join(scratch, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await tool('vitest/vitest.mjs', ['run', '--project', project, ...reporters]);
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    // A file that cannot be loaded fails without having a test; any other failure shows in the exit code.
    const brokenFiles = result.testResults.filter(
      (/** @type {{status: string, assertionResults: unknown[]}} */ file) =>
        file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
    const failed = result.numFailedTests + brokenFiles;
    return {
      passed: result.numPassedTests,
      failed: code !== 0 && failed === 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs a part that needs a browser or its software Vulkan driver. @param {string} project */
async function runWithChromium(project) {
  const { ensureChromium } = await import('./lib/chromium.mjs');
  process.env['CHROMIUM_PATH'] = await ensureChromium();
  return runProject(project);
}

/** @type {Record<string, () => Promise<Counts>>} */
const PARTS = {
  checks: () =>
    runChecks({
      types: succeeds('typescript/bin/tsc', ['-b']),
      lint: succeeds('oxlint/bin/oxlint'),
      format: succeeds('oxfmt/bin/oxfmt', ['--check']),
      'unused code and dependencies': succeeds('knip/bin/knip.js'),
    }),
  unit: () => runProject('unit'),
  gpu: () => runWithChromium('gpu'),
  cli: () => runWithChromium('cli'),
  build: () => runChecks({ build: succeeds('vite/bin/vite.js', ['build']), size: sizesFit }),
  e2e: () => runWithChromium('e2e'),
};

/** @param {number} started */
const secondsSince = (started) => ((Date.now() - started) / 1000).toFixed(1);

/** The parts asked for, in their order; the browser's tests need a build. */
function askedParts() {
  const asked = process.argv.slice(2);
  if (asked.some((arg) => ['--help', '-h', '--version'].includes(arg))) {
    console.log(asked.includes('--version') ? version(root) : USAGE);
    rmSync(scratch, { recursive: true });
    process.exit(0);
  }
  const unknown = asked.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    console.error(
      `There is no part ${cleaned(unknown.join(', '))}. Parts: ${Object.keys(PARTS).join(', ')}.`,
    );
    process.exit(2);
  }
  const wanted = new Set(asked.length > 0 ? asked : Object.keys(PARTS));
  if (wanted.has('e2e')) wanted.add('build');
  return Object.entries(PARTS).filter(([name]) => wanted.has(name));
}

const USAGE = `Runs the tests, all of them or some parts, and ends with a line for each.

Usage:
  npm test [-- PART ...]

Parts: ${Object.keys(PARTS).join(', ')}.

Options, after --:
  --help        this text
  --version     the version of this program`;

process.chdir(root);
const parts = askedParts();
const started = Date.now();
/** @type {string[]} */
const closing = [];
let green = true;
let interrupted = false;
process.on('SIGINT', () => (interrupted = true));
await ensurePackages(root);

for (const [name, runPart] of parts) {
  if (interrupted) break;
  console.log(`\n== ${name}`);
  const partStarted = Date.now();
  const counts = await runPart().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  });
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  closing.push(`${name}: ${counts.passed} passed, ${counts.failed} failed${skipped}`);
  if (counts.failed > 0 || counts.passed === 0) green = false;
  console.log(`== ${name} took ${secondsSince(partStarted)} s`);
}

rmSync(scratch, { recursive: true });
console.log(`\nAll parts took ${secondsSince(started)} s.`);
if (interrupted) console.log('Interrupted: the parts below are those that ran.');
console.log(closing.join('\n'));
process.exit(green && !interrupted ? 0 : 1);
