/** Finding (or fetching) a Chromium, and the software Vulkan driver that lies beside it. */
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { npm, run } from './run.mjs';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
];

const USUAL_PLACES = [
  '/usr/lib/chromium/chromium',
  '/usr/lib/chromium-browser/chromium-browser',
  '/opt/google/chrome/chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** Where the software Vulkan driver's description lies, relative to the browser's program, and where Debian puts it. */
const DRIVER = 'vk_swiftshader_icd.json';
const DRIVER_FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Playwright's own Chromium, where it has been downloaded. */
async function playwrightChromium() {
  const { chromium } = await import('playwright');
  const file = chromium.executablePath();
  return isProgram(file) ? file : undefined;
}

/**
 * The path of a Chromium on this machine: CHROMIUM_PATH, a program on the PATH, a usual place, Playwright's own.
 * @returns {Promise<string | undefined>}
 */
export async function findChromium() {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which is not a program that can be run.`);
  }
  const extension = process.platform === 'win32' ? '.exe' : '';
  const onPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .flatMap((folder) => NAMES.map((name) => path.join(folder, name + extension)));
  return [...onPath, ...USUAL_PLACES].find(isProgram) ?? playwrightChromium();
}

function isRootOnDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * Finds a Chromium and installs one where there is none: Debian's package as root on Debian, else Playwright's.
 * @returns {Promise<string>}
 */
export async function ensureChromium() {
  const found = await findChromium();
  if (found) return found;
  if (isRootOnDebian()) {
    console.log('Installing Chromium (apt-get) ...');
    await run('apt-get', ['update', '-q']);
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium']);
  } else {
    console.log("Installing Chromium (Playwright's own) ...");
    await npm(['exec', '--', 'playwright', 'install', 'chromium']);
  }
  const installed = await findChromium();
  if (installed) return installed;
  throw new Error(
    'No Chromium was found and none could be installed. Install one, or name it in CHROMIUM_PATH.',
  );
}

/**
 * What makes the `webgpu` package use the software Vulkan driver that comes with Chromium: the driver's description,
 * and the folder with the loader, for machines that have none. Empty where no driver lies beside the browser.
 * @param {string | undefined} chromium path of the browser
 * @returns {Record<string, string>} environment of a program that is yet to be started
 */
export function softwareVulkan(chromium) {
  const beside = chromium === undefined ? [] : [path.dirname(realpathSync(chromium))];
  const folder = [...beside, ...DRIVER_FOLDERS].find((at) => existsSync(path.join(at, DRIVER)));
  if (folder === undefined) return {};
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(path.delimiter);
  return { VK_DRIVER_FILES: path.join(folder, DRIVER), LD_LIBRARY_PATH: libraries };
}
