import { refuse, shown } from '../refuse';
import type { Flow } from './flow';

const CHUNK = 1 << 18;
/** Letters of one cell: numbers and labels are short. */
const LONGEST = 200;
const [LF, CR, QUOTE] = [10, 13, 34] as const;

/** One row of a table of pixels. */
export interface PixelRow {
  readonly label: string;
  readonly numbers: Float32Array;
}

/** Reads the rows of a table of numbers as they come, so that a table of any length needs no more room than its pixels. */
export class Cells {
  private readonly flow: Flow;
  private readonly separator: number;
  private readonly columns: number;
  private readonly label: number;
  private readonly name: string;

  /** @param columns of each row @param label which of them is the label */
  constructor(flow: Flow, separator: string, columns: number, label: number, name: string) {
    this.flow = flow;
    this.separator = separator.charCodeAt(0);
    this.columns = columns;
    this.label = label;
    this.name = name;
  }

  /** @throws UserError where a row has another number of columns, or a pixel is no number */
  async *rows(header: boolean): AsyncGenerator<PixelRow> {
    const chunk = new Uint8Array(CHUNK);
    let [line, column, text, any] = [1, 0, '', false];
    let row = this.row();
    const end = (): PixelRow | null => {
      this.cell(row, column, text, line, header);
      const done = column + 1 === this.columns ? row : null;
      const empty = column === 0 && text === '' && !any;
      if (!done && !empty) throw this.wrong(line, `has ${column + 1} columns`);
      const skip = empty || (header && line === 1);
      line += 1;
      [column, text, any] = [0, '', false];
      row = this.row();
      return skip ? null : done;
    };
    for (;;) {
      const count = await this.flow.take(chunk);
      if (count === 0) break;
      for (let i = 0; i < count; i += 1) {
        const byte = chunk[i] as number;
        if (byte === this.separator) {
          this.cell(row, column, text, line, header);
          column += 1;
          if (column >= this.columns)
            throw this.wrong(line, `has more than ${this.columns} columns`);
          [text, any] = ['', true];
        } else if (byte === LF) {
          const done = end();
          if (done) yield done;
        } else if (byte !== CR && byte !== QUOTE) {
          text += byte < 128 ? String.fromCharCode(byte) : '?';
          any = true;
          if (text.length > LONGEST) throw this.wrong(line, 'has a cell that is too long');
        }
      }
    }
    if (any || text !== '') {
      const done = end();
      if (done) yield done;
    }
  }

  private row(): { label: string; readonly numbers: Float32Array } {
    return { label: '', numbers: new Float32Array(this.columns - 1) };
  }

  private cell(
    row: { label: string; readonly numbers: Float32Array },
    column: number,
    text: string,
    line: number,
    header: boolean,
  ): void {
    if (header && line === 1) return;
    if (column === this.label) {
      row.label = text.trim();
      return;
    }
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
      if (column === 0 && text === '') return;
      throw this.wrong(line, `holds ${shown(text || 'nothing', 40)} as a pixel`);
    }
    row.numbers[column < this.label ? column : column - 1] = value;
  }

  private wrong(line: number, why: string): Error {
    return refuse(
      'E_UPLOAD_CSV',
      `${this.name}: row ${line} ${why}, where its first rows have ${this.columns} columns of numbers.`,
      'The table is damaged or cut off: save or copy it again.',
    );
  }
}
