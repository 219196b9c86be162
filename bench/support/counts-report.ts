import { nameOf } from './cells';
import type { Measured, Row } from './measure';

/** Bytes in units of a thousand: "39.0 KB", "209.3 MB". */
function size(bytes: number): string {
  const inKb = bytes < 1e6;
  return `${(bytes / (inKb ? 1e3 : 1e6)).toFixed(1)} ${inKb ? 'KB' : 'MB'}`;
}

const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => string | number])[] = [
  ['model', (row) => row.model],
  ['arm', (row) => row.arm],
  ['batch', (row) => row.batch],
  ['implementation', (row) => row.implementation],
  ['dispatches', (row) => row.dispatches],
  ['written', (row) => size(row.bytesWritten)],
  ['copied', (row) => size(row.bytesCopied)],
  ['submits', (row) => row.submits],
  ['passes', (row) => row.passes],
  ['bind groups', (row) => row.bindGroups],
  ['GPU memory', (row) => size(row.gpuBytes)],
  ['buffers', (row) => row.buffers],
  ['tensors', (row) => row.tensors],
];

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** The rows as a Markdown table: what one training step costs. */
export function countsTable(rows: readonly Row[]): string {
  return [
    line(COLUMNS.map(([title]) => title)),
    line(COLUMNS.map((_, column) => (column < 2 || column === 3 ? '---' : '---:'))),
    ...rows.map((row) => line(COLUMNS.map(([, cell]) => cell(row)))),
  ].join('\n');
}

/** Which shaders the dispatches of one step run, the most frequent first, as a Markdown table. */
export function traceTable({ row, trace }: Measured): string {
  const shaders = new Map<string, { dispatches: number; workgroups: number }>();
  for (const {
    shader,
    workgroups: [x, y, z],
  } of trace) {
    const sums = shaders.get(shader) ?? { dispatches: 0, workgroups: 0 };
    sums.dispatches += 1;
    sums.workgroups += x * y * z;
    shaders.set(shader, sums);
  }
  const sorted = [...shaders].sort(([, a], [, b]) => b.dispatches - a.dispatches);
  return [
    `${nameOf(row)}:`,
    '',
    '| shader | dispatches | workgroups |',
    '| --- | ---: | ---: |',
    ...sorted.map(([shader, sums]) => line([shader, sums.dispatches, sums.workgroups])),
  ].join('\n');
}
