import { sameMargins } from '../../net/windows';
import type { LayerUse, Rule, Rules } from './rule';

/** The largest or mean value of windows; "same" margins count for neither. */
const windows =
  (kind: 'max' | 'mean'): Rule =>
  (use) => {
    const { settings, builder } = use;
    const image = use.image();
    const [h, w] = builder.shape(image) as [number, number, number];
    const size = settings.pair('pool_size', 1, [2, 2]);
    const stride = settings.pair('strides', 1, size);
    const same = settings.choice('padding', ['valid', 'same'], 'valid') === 'same';
    const margins = same ? sameMargins([h, w], { kernel: size, stride }) : ([0, 0, 0, 0] as const);
    const body = { op: 'window', kind, size, stride, margins, countMargins: false } as const;
    const y = builder.add(use.name, image, body);
    return use.back(builder.follow(y, same ? { kind: 'same', before: false } : null));
  };

/** The largest or mean value of a whole image for each channel. */
const whole =
  (kind: 'max' | 'mean'): Rule =>
  (use) => {
    const { builder, name } = use;
    const image = use.image();
    const keep = use.settings.flag('keepdims', false);
    if (kind === 'mean' && !keep) return builder.add(name, image, { op: 'pool' });
    const y = builder.add(name, image, { op: 'reduce', kind, axes: [0, 1], keep });
    return keep ? use.back(y) : y;
  };

export const POOLINGS: Rules = [
  ['MaxPooling2D', windows('max')],
  ['MaxPool2D', windows('max')],
  ['AveragePooling2D', windows('mean')],
  ['AvgPool2D', windows('mean')],
  ['GlobalAveragePooling2D', whole('mean')],
  ['GlobalAvgPool2D', whole('mean')],
  ['GlobalMaxPooling2D', whole('max')],
  ['GlobalMaxPool2D', whole('max')],
];

/** Every pixel several times, or drawn larger with straight lines between pixels. */
const larger: Rule = (use: LayerUse) => {
  const { settings, builder, name } = use;
  const image = use.image();
  const [h, w] = builder.shape(image) as [number, number, number];
  const [up, across] = settings.pair('size', 1, [2, 2]);
  const kind = settings.choice('interpolation', ['nearest', 'bilinear'], 'nearest');
  if (kind === 'nearest' && up === 2 && across === 2)
    return use.back(builder.add(name, image, { op: 'upsample' }));
  const grid = kind === 'nearest' ? 'asymmetric' : 'half-pixel';
  const size = [h * up, w * across] as const;
  const y = builder.add(name, image, { op: 'resize', size, kind, grid });
  return use.back(builder.follow(y, { kind: 'times', by: [up, across] }));
};

const resizing: Rule = (use) => {
  const { settings, builder } = use;
  const size = [settings.whole('height', 1), settings.whole('width', 1)] as const;
  const kind = settings.choice('interpolation', ['nearest', 'bilinear'], 'bilinear');
  for (const flag of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias'])
    if (settings.flag(flag, false)) throw use.wrong(`its ${flag} is set, which is not read`);
  const image = use.image();
  return use.back(builder.add(use.name, image, { op: 'resize', size, kind, grid: 'half-pixel' }));
};

export const SIZES: Rules = [
  ['UpSampling2D', larger],
  ['Resizing', resizing],
];
