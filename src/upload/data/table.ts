import { take } from '../bytes';
import type { Given } from '../given';
import { refuse, shown } from '../refuse';
import { BOUNDS } from './bounds';
import { roleOf } from './names';

/** What a table says of each image, by the image's path. */
export interface Table {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Places in ROLES; empty where it says none. */
  readonly roles: ReadonlyMap<string, number>;
  /** Rows that fit no image. */
  readonly surplus: number;
}

/** Titles of a column of labels. */
export const LABEL = /^(labels?|class(_?(name|id))?|targets?|category|emotion|digit|y)$/i;
const SPLIT = /^(split|set|subset|partition|usage)$/i;
const MOST_COLUMNS = 64;
const MOST_ROWS = 1_000_000;
/** Rows by which a column is recognised. */
const PROBE = 200;

/**
 * Reads a CSV table whose one column names images and another one their labels: found by the header, else by what stands
 * in them. Null where no column names images.
 */
export async function readTable(file: Given, paths: readonly string[]): Promise<Table | null> {
  const name = shown(file.path);
  if (file.size > BOUNDS.tableBytes)
    throw refuse(
      'E_UPLOAD_CSV',
      `${name} is larger than ${BOUNDS.tableBytes / 2 ** 20} MB.`,
      'Give a table with the columns file and label alone.',
    );
  const rows = rowsOf(new TextDecoder().decode(await take(file, 0, file.size)), name);
  const known = finderOf(paths);
  const [first = []] = rows;
  const probe = rows.slice(0, PROBE);
  const hits = first.map((_, c) => probe.filter((row) => known(row[c] ?? '') !== null).length);
  const fileColumn = hits.indexOf(Math.max(...hits));
  if (fileColumn < 0 || (hits[fileColumn] ?? 0) === 0) return null;
  const header = known(first[fileColumn] ?? '') === null;
  const body = header ? rows.slice(1) : rows;
  const labelColumn = labelColumnOf(first, body, header, fileColumn);
  if (labelColumn < 0)
    throw refuse(
      'E_UPLOAD_CSV',
      `${name} names images, but no column of it holds their labels.`,
      'Name the columns: file,label.',
    );
  const splitColumn = header ? first.findIndex((title) => SPLIT.test(title.trim())) : -1;
  const labels = new Map<string, string>();
  const roles = new Map<string, number>();
  let surplus = 0;
  body.forEach((row, i) => {
    const path = known(row[fileColumn] ?? '');
    const label = (row[labelColumn] ?? '').trim();
    if (path === null || label === '') {
      surplus += 1;
      return;
    }
    const before = labels.get(path);
    if (before !== undefined && before !== label)
      throw refuse(
        'E_UPLOAD_CSV',
        `${name}: row ${i + (header ? 2 : 1)} gives ${shown(path)} the label ${shown(label, 40)}; an earlier row says ${shown(before, 40)}.`,
        'Give each image one label.',
      );
    labels.set(path, label);
    const role = splitColumn < 0 ? null : roleOf(row[splitColumn] ?? '');
    if (role !== null) roles.set(path, role);
  });
  return { name, labels, roles, surplus };
}

/** The column of labels: by its title, else the one with the fewest different values, at least two. */
function labelColumnOf(
  titles: readonly string[],
  body: readonly (readonly string[])[],
  header: boolean,
  fileColumn: number,
): number {
  const byTitle = header
    ? titles.findIndex((title, c) => c !== fileColumn && LABEL.test(title.trim()))
    : -1;
  if (byTitle >= 0) return byTitle;
  let best = -1;
  let fewest = Infinity;
  titles.forEach((title, c) => {
    if (c === fileColumn || (header && SPLIT.test(title.trim()))) return;
    const distinct = new Set(body.map((row) => row[c] ?? '')).size;
    if (distinct >= 2 && distinct <= BOUNDS.classes && distinct < fewest) {
      best = c;
      fewest = distinct;
    }
  });
  return best;
}

/** Finds an image by what a table calls it: its path or its end, with or without the ending .png. */
function finderOf(paths: readonly string[]): (cell: string) => string | null {
  const byName = new Map<string, string | null>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let from = 0; from < parts.length; from += 1) {
      const end = parts.slice(from).join('/');
      for (const key of [end, end.replace(/\.[A-Za-z]{3,4}$/, '')])
        // A name that two images share tells nothing.
        byName.set(key, byName.has(key) && byName.get(key) !== path ? null : path);
    }
  }
  return (cell) =>
    byName.get(
      cell
        .trim()
        .replaceAll('\\', '/')
        .replace(/^\.?\//, ''),
    ) ?? null;
}

/** Rows of cells: fields between commas, semicolons or tabs, quoted where they hold one. */
export function rowsOf(whole: string, name: string): readonly (readonly string[])[] {
  const text = whole.startsWith('\u{feff}') ? whole.slice(1) : whole;
  const end = text.search(/[\r\n]/);
  const line = end < 0 ? text : text.slice(0, end);
  const [comma = ','] = [',', ';', '\t'].toSorted(
    (a, b) => line.split(b).length - line.split(a).length,
  );
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let at = 0;
  const endCell = () => {
    row.push(cell);
    cell = '';
    if (row.length > MOST_COLUMNS) throw tooWide(name, MOST_COLUMNS);
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (rows.length > MOST_ROWS) throw tooWide(name, MOST_ROWS);
  };
  while (at < text.length) {
    const letter = text[at];
    if (letter === '"' && cell === '') {
      const close = closing(text, at + 1);
      if (close < 0)
        throw refuse(
          'E_UPLOAD_CSV',
          `${name}: a quoted field that begins in row ${rows.length + 1} does not end.`,
          'Close the quotes, and double those within.',
        );
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    } else if (letter === comma) {
      endCell();
      at += 1;
    } else if (letter === '\n' || letter === '\r') {
      endRow();
      at += letter === '\r' && text[at + 1] === '\n' ? 2 : 1;
    } else {
      let stop = at + 1;
      while (stop < text.length && !`${comma}\r\n`.includes(text[stop] ?? '')) stop += 1;
      cell += text.slice(at, stop);
      at = stop;
    }
  }
  endRow();
  return rows;
}

/** The quote that ends a field; doubled ones belong to it. */
function closing(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}

function tooWide(name: string, most: number) {
  return refuse(
    'E_UPLOAD_CSV',
    `${name} has more than ${most.toLocaleString('en')} ${most === MOST_COLUMNS ? 'columns' : 'rows'}.`,
    'Give a table with the columns file and label alone.',
  );
}
