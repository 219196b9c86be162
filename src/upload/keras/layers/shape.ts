import { sizeOf } from '../../../models/net/graph';
import type { SideRule } from '../../net/windows';
import type { LayerUse, Rule, Rules } from './rule';

/** All values in a line, channels last, whichever way the image stands. */
const flatten: Rule = (use) => {
  const { builder } = use;
  const first = use.settings.get('data_format') === 'channels_first';
  const input = first && builder.shape(use.input).length === 3 ? use.image() : use.input;
  const shape = [sizeOf(builder.shape(input))];
  return builder.add(use.name, input, { op: 'reshape', shape });
};

const reshape: Rule = (use) => {
  const { builder, settings } = use;
  const size = sizeOf(builder.shape(use.input));
  const target = settings.wholes('target_shape');
  const rest = target.filter((n) => n !== -1);
  const known = sizeOf(rest);
  const fits =
    rest.every((n) => n >= 1) &&
    target.length - rest.length <= 1 &&
    (rest.length === target.length ? known === size : size % known === 0);
  if (!fits) throw use.wrong(`it makes the shape [${target.join(', ')}] of ${size} values`);
  const shape = target.map((n) => (n === -1 ? size / known : n));
  return builder.add(use.name, use.input, { op: 'reshape', shape });
};

const permute: Rule = (use) => {
  const order = use.settings.wholes('dims').map((axis) => axis - 1);
  return use.builder.add(use.name, use.input, { op: 'permute', order });
};

const pad: Rule = (use) => {
  const [top, bottom, left, right] = use.settings.margins('padding');
  const pads = [
    [top, bottom],
    [left, right],
    [0, 0],
  ] as const;
  return use.back(use.builder.add(use.name, use.image(), { op: 'pad', pads, value: 0 }));
};

/** The part of an image from a row and a column on. */
function cut(
  use: LayerUse,
  image: string,
  begin: readonly number[],
  size: readonly number[],
  rule: SideRule | null = null,
): string {
  const [, , c] = use.builder.shape(image) as [number, number, number];
  const step = [1, 1, 1];
  const body = { op: 'slice', begin: [...begin, 0], size: [...size, c], step } as const;
  return use.back(use.builder.follow(use.builder.add(use.name, image, body), rule));
}

const crop: Rule = (use) => {
  const image = use.image();
  const [h, w] = use.builder.shape(image) as [number, number, number];
  const [top, bottom, left, right] = use.settings.margins('cropping');
  const ends = [top, bottom, left, right] as const;
  const rule = { kind: 'cut', ends } as const;
  return cut(use, image, [top, left], [h - top - bottom, w - left - right], rule);
};

/** The middle of an image; of an odd rest, the smaller half lies before it. */
const centre: Rule = (use) => {
  const image = use.image();
  const [h, w] = use.builder.shape(image) as [number, number, number];
  const height = use.settings.whole('height', 1);
  const width = use.settings.whole('width', 1);
  if (height > h || width > w)
    throw use.wrong(`it cuts ${height} x ${width} pixels out of ${h} x ${w}`);
  const begin = [Math.floor((h - height) / 2), Math.floor((w - width) / 2)];
  return cut(use, image, begin, [height, width]);
};

export const SHAPES: Rules = [
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Permute', permute],
  ['ZeroPadding2D', pad],
  ['Cropping2D', crop],
  ['CenterCrop', centre],
];
