import type { OwnData } from '../../recipe/own-data';
import { head } from '../bytes';
import type { Given, Reading } from '../given';
import { baseOf } from '../names';
import { refuse, shown } from '../refuse';
import { assemble, tooMany } from './assemble';
import type { Block, RawLabels } from './assemble';
import { BOUNDS } from './bounds';
import { Flow } from './flow';
import { roleOf } from './names';
import { layoutOf, rangeOf } from './npy-images';
import { Cells } from './pixel-cells';
import { LABEL } from './table';

/** A table of which each row is an image: one label, and as many numbers as it has pixels. */
export interface PixelTable {
  readonly file: Given;
  readonly separator: string;
  /** Columns of a row, and how many of them are pixels. */
  readonly columns: number;
  readonly pixels: number;
  /** Which column is the label; -1 where none is. */
  readonly label: number;
  readonly header: boolean;
  readonly said: string;
}

/** Bytes by which a table is recognised: a header of 3,072 columns and some rows fit. */
const PROBE = 256 * 1024;
/** Images of fewer pixels are none: any table of numbers has that many columns. */
const LEAST_PIXELS = 49;

/** Those of the files that are tables of pixels, packed or not, by what their first rows hold. */
export async function pixelTables(
  files: readonly Given[],
  reading: Reading,
): Promise<readonly PixelTable[]> {
  const found: PixelTable[] = [];
  for (const file of files) {
    if (!/\.(csv|tsv|txt)(\.gz)?$/i.test(file.path)) continue;
    const table = tableIn(file, await beginning(file, reading));
    if (table) found.push(table);
  }
  return found;
}

/** The first lines of a file as text, unpacked. */
async function beginning(file: Given, reading: Reading): Promise<string> {
  if (!/\.gz$/i.test(file.path)) return new TextDecoder().decode(await head(file, PROBE));
  const flow = await Flow.open(file, reading);
  const bytes = new Uint8Array(PROBE);
  try {
    return new TextDecoder().decode(bytes.subarray(0, await flow.take(bytes)));
  } finally {
    await flow.close();
  }
}

function tableIn(file: Given, text: string): PixelTable | null {
  const lines = text.replace(/^\u{feff}/u, '').split(/\r?\n/);
  // The last one may be cut off.
  const whole = (lines.length > 1 && text.length >= PROBE / 4 ? lines.slice(0, -1) : lines).filter(
    (line) => line.trim() !== '',
  );
  const [first = '', second] = whole;
  const separator = [',', ';', '\t', ' '].reduce((a, b) =>
    first.split(b).length > first.split(a).length ? b : a,
  );
  const cells = (line: string) =>
    line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const titles = cells(first);
  const columns = titles.length;
  if (columns < LEAST_PIXELS) return null;
  const header = titles.filter((cell) => !isNumber(cell)).length > 1;
  const rows = (header ? whole.slice(1) : whole).map(cells);
  if (header && second === undefined) return null;
  if (
    rows.some((row) => row.length !== columns || row.filter((cell) => !isNumber(cell)).length > 1)
  )
    return null;
  const label = labelIn(header ? titles : null, rows);
  const pixels = label < 0 ? columns : columns - 1;
  if (!isImage(pixels)) return null;
  return {
    file,
    separator,
    columns,
    pixels,
    label,
    header,
    said: `${shown(baseOf(file.path))} was read as a table of pixels: ${columns.toLocaleString('en')} columns${label < 0 ? '' : `, the ${label === 0 ? 'first' : label === columns - 1 ? 'last' : `${label + 1}th`} of them the label`}.`,
  };
}

const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell));

const isImage = (pixels: number): boolean =>
  pixels >= LEAST_PIXELS &&
  (Number.isInteger(Math.sqrt(pixels)) || Number.isInteger(Math.sqrt(pixels / 3)));

/** The column of labels: by its title, else the first or the last where one column is more than an image has. */
function labelIn(titles: readonly string[] | null, rows: readonly (readonly string[])[]): number {
  const columns = rows[0]?.length ?? 0;
  const named = titles?.findIndex((title) => LABEL.test(title)) ?? -1;
  if (named >= 0) return named;
  if (!isImage(columns - 1)) return -1;
  const varied = (column: number) => new Set(rows.map((row) => row[column])).size > 1;
  const words = (column: number) => rows.some((row) => !isNumber(row[column] ?? ''));
  const last = columns - 1;
  // The corner of a picture is mostly one colour; labels differ.
  return words(last) || (varied(last) && !varied(0)) ? last : 0;
}

/** Reads tables of pixels. @throws UserError where labels are missing or a row has other columns than the first */
export async function readPixelTables(
  title: string,
  tables: readonly PixelTable[],
  names: readonly string[] | null,
  reading: Reading,
): Promise<OwnData> {
  const labelled = tables.filter(({ label }) => label >= 0);
  const remarks = labelled.map(({ said }) => said);
  for (const { file } of tables.filter(({ label }) => label < 0))
    remarks.push(`${shown(baseOf(file.path))} was left out: it holds pixels and no labels.`);
  const [first] = tables;
  if (labelled.length === 0)
    throw refuse(
      'E_UPLOAD_LABELS',
      `${shown(baseOf(first?.file.path ?? ''))} is a table of ${first?.pixels ?? 0} pixels in a row, and no column of it holds labels.`,
      'Give the table with labels: one more column, named label, first or last.',
    );
  const blocks: Block[] = [];
  const total = labelled.reduce((sum, { file }) => sum + file.size, 0);
  let from = 0;
  for (const table of labelled) {
    const share = { from: from / total, share: table.file.size / total };
    blocks.push(await blockOf(table, remarks, reading, share));
    from += table.file.size;
  }
  return assemble({ title, format: 'table of pixels' }, blocks, names, remarks);
}

async function blockOf(
  table: PixelTable,
  remarks: string[],
  reading: Reading,
  share: { readonly from: number; readonly share: number },
): Promise<Block> {
  const { file, columns, label, pixels, header, separator } = table;
  const name = shown(baseOf(file.path));
  const flow = await Flow.open(file, reading, share);
  const rows: Float32Array[] = [];
  const labels: string[] = [];
  let [low, high] = [Infinity, -Infinity];
  try {
    for await (const row of new Cells(flow, separator, columns, label, name).rows(header)) {
      rows.push(row.numbers);
      labels.push(row.label);
      for (const n of row.numbers) {
        if (n < low) low = n;
        if (n > high) high = n;
      }
      if (rows.length > BOUNDS.images || rows.length * pixels > BOUNDS.pixelBytes / 4)
        throw tooMany(name, rows.length, rows.length * pixels);
    }
  } finally {
    await flow.close();
  }
  const { height, width, channels, first } = layoutOf([rows.length, pixels], name);
  const range = rangeOf(low, high, name);
  if (range.remark) remarks.push(range.remark);
  const out = new Uint8Array(rows.length * pixels);
  const plane = height * width;
  rows.forEach((row, i) =>
    row.forEach((n, at) => {
      const place = first ? (at % plane) * channels + Math.floor(at / plane) : at;
      out[i * pixels + place] = Math.round((n + range.add) * range.times);
    }),
  );
  const whole = labels.every((text) => /^-?\d+(\.0*)?$/.test(text));
  const raw: RawLabels = whole
    ? { kind: 'numbers', values: labels.map(Number) }
    : { kind: 'names', values: labels };
  return {
    name,
    role: roleOf(file.path),
    count: rows.length,
    height,
    width,
    channels: channels as 1 | 3,
    pixels: out,
    labels: raw,
  };
}
