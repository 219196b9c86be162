import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file beside the old one and puts it in its place: whoever reads it finds one of the two, whole. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.part`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
