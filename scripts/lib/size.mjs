/** Transfer sizes of the build, against their limits. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Thousands of bytes after gzip. */
const LIMITS = { firstPaint: 150, worker: 350, reader: 120 };

/** Files that a chunk imports before it runs; `import(...)` is not among them. @param {string} code */
export function staticImports(code) {
  const pattern = /(?:^|[;}\s])(?:import|export)(?:[\w$*{}\s,]*from)?\s*["'](\.[^"']+)["']/g;
  return [...code.matchAll(pattern)].flatMap(([, file]) => (file ? [file] : []));
}

/** Files that a chunk imports when it needs them. @param {string} code */
export function dynamicImports(code) {
  return [...code.matchAll(/\bimport\(\s*["'`](\.[^"'`]+)["'`]/g)].flatMap(
    ([, file]) => file ?? [],
  );
}

/** Scripts, styles and preloads that a page names. @param {string} html */
export function pageFiles(html) {
  const pattern = /<(?:script|link)\b[^>]*?(?:src|href)="(\.?\/?[^"]+\.(?:js|css))"/g;
  return [...html.matchAll(pattern)].flatMap(([, file]) => (file ? [file] : []));
}

/**
 * Adds a file and everything that it needs at once, or ever.
 * @param {string} file
 * @param {Set<string>} into
 * @param {boolean} [ever]
 */
function close(file, into, ever = false) {
  if (into.has(file)) return into;
  into.add(file);
  const text = readFileSync(file, 'utf8');
  const needed = file.endsWith('.html')
    ? pageFiles(text)
    : file.endsWith('.js')
      ? [...staticImports(text), ...(ever ? dynamicImports(text) : [])]
      : [];
  for (const name of needed) close(path.join(path.dirname(file), name), into, ever);
  return into;
}

/** Thousands of bytes after gzip of the files together. @param {Iterable<string>} files */
function gzipped(files) {
  const bytes = [...files].map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
  return bytes.reduce((sum, size) => sum + size, 0) / 1000;
}

/**
 * Measures a build: the first paint of each page, and each worker.
 * @param {string} dist the build's folder
 * @returns {{what: string, size: number, limit: number, fits: boolean}[]} sizes in kB after gzip
 */
export function measure(dist) {
  const pages = readdirSync(dist).filter((name) => name.endsWith('.html'));
  const assets = path.join(dist, 'assets');
  const workers = readdirSync(assets).filter((name) => name.includes('.worker-'));
  const parts = [
    ...pages.map((name) => {
      const limit = LIMITS.firstPaint;
      return { what: name, file: path.join(dist, name), limit, ever: false };
    }),
    // The reader of strangers' files is small with all its forms together: TensorFlow.js is not among them.
    ...workers.map((name) => {
      const ever = name.startsWith('reader.');
      const limit = ever ? LIMITS.reader : LIMITS.worker;
      return { what: name, file: path.join(assets, name), limit, ever };
    }),
  ];
  return parts.map(({ what, file, limit, ever }) => {
    const size = gzipped(close(file, new Set(), ever));
    return { what, size, limit, fits: size <= limit };
  });
}
