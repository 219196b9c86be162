import type { AnyValues } from '../../recipe/fields';
import type { DataSummary, OwnData } from '../../recipe/own-data';
import { countsOf, labelsOf, warningsOf } from './examine';
import { alikeIn, rowsOf, viewOf } from './load';
import { Renderer } from './render';

/** Images of a class on the contact sheet, and the largest side of a tile. */
const COLUMNS = 10;
const LARGEST_TILE = 32;

/** What a person is shown of data, split and shaped as a recipe's parameters say. @throws UserError as `rowsOf` */
export function summaryOf(own: OwnData, params: AnyValues): DataSummary {
  const rows = rowsOf(own, params);
  const view = viewOf(own, params);
  const [train, validation, test] = [rows.train, rows.validation, rows.test].map((part) =>
    countsOf(own, labelsOf(own, part)),
  );
  const sides = sidesOf(own);
  return {
    title: own.title,
    format: own.format,
    count: own.count,
    shape: [view.side, view.side, view.channels],
    sides,
    classes: own.classes.map((name, label) => ({
      name,
      train: train?.[label] ?? 0,
      validation: validation?.[label] ?? 0,
      test: test?.[label] ?? 0,
    })),
    declared: {
      validation: own.roles?.includes(1) ?? false,
      test: own.roles?.includes(2) ?? false,
    },
    seed: params.split as number,
    remarks: own.remarks,
    warnings: [...warningsOf(own, rows, alikeIn(own)), ...aboutSides(own, sides, view.side)],
    sheet: sheetOf(own, rows.train, { ...view, side: Math.min(view.side, LARGEST_TILE) }),
    bytes: own.pixels.byteLength + own.sizes.byteLength + own.labels.byteLength,
  };
}

/** The images of least and of most area. */
function sidesOf({ sizes, count }: OwnData): DataSummary['sides'] {
  const area = (i: number) => (sizes[2 * i] ?? 0) * (sizes[2 * i + 1] ?? 0);
  let [small, large] = [0, 0];
  for (let i = 1; i < count; i += 1) {
    if (area(i) < area(small)) small = i;
    if (area(i) > area(large)) large = i;
  }
  const sides = (i: number) => [sizes[2 * i] ?? 0, sizes[2 * i + 1] ?? 0] as const;
  return { smallest: sides(small), largest: sides(large) };
}

function aboutSides(
  { sizes }: OwnData,
  { smallest, largest }: DataSummary['sides'],
  side: number,
): string[] {
  if (sizes.every((n, i) => n === sizes[i % 2])) return [];
  const [low, high] = [smallest, largest].map(([height, width]) => `${width} x ${height}`);
  return [
    `The images have different sizes, from ${low} to ${high} (width x height); all are brought to ${side} x ${side}.`,
  ];
}

/** Tiles of the first training images of each class, a row for each class. */
function sheetOf(
  own: OwnData,
  rows: Uint32Array,
  view: ReturnType<typeof viewOf>,
): DataSummary['sheet'] {
  const { side: tile, channels } = view;
  const [width, height] = [COLUMNS * tile, own.classes.length * tile];
  const rgba = new Uint8ClampedArray(width * height * 4);
  const renderer = new Renderer(own, view);
  const filled = own.classes.map(() => 0);
  for (const row of rows) {
    const label = own.labels[row] ?? 0;
    const column = filled[label] ?? 0;
    if (column >= COLUMNS) continue;
    filled[label] = column + 1;
    const image = new Uint8Array(tile * tile * channels);
    renderer.draw(row, image, 0);
    for (let i = 0; i < tile * tile; i += 1) {
      const y = label * tile + Math.floor(i / tile);
      const at = 4 * (y * width + column * tile + (i % tile));
      for (let c = 0; c < 3; c += 1)
        rgba[at + c] = image[i * channels + (channels === 3 ? c : 0)] ?? 0;
      rgba[at + 3] = 255;
    }
  }
  return { rgba, width, height, tile, columns: COLUMNS };
}
