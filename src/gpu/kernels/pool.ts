import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/** Mean over the pixels, [n, pixels, channels] -> [n, channels]. Bindings: x, y. */
export function poolForward(images: number, pixels: number, channels: number): Program {
  return {
    kernel: {
      key: 'pool',
      code: () => `
${bindings(['x', '=y'], ['images', 'pixels', 'channels'])}
${entry()}
  if (at >= n.images * n.channels) { return; }
  let first = (at / n.channels) * n.pixels * n.channels + at % n.channels;
  var sum = 0.0;
  for (var i = 0; i < n.pixels; i++) { sum += x[first + i * n.channels]; }
  y[at] = sum / f32(n.pixels);
}`,
    },
    groups: spread(images * channels),
    numbers: [images, pixels, channels],
  };
}

/** Spreads dy [n, channels] evenly over the pixels. Bindings: dy, dx. */
export function poolGradient(images: number, pixels: number, channels: number): Program {
  return {
    kernel: {
      key: 'pool dx',
      code: () => `
${bindings(['dy', '=dx'], ['images', 'pixels', 'channels'])}
${entry()}
  let size = n.pixels * n.channels;
  if (at >= n.images * size) { return; }
  dx[at] = dy[(at / size) * n.channels + at % n.channels] / f32(n.pixels);
}`,
    },
    groups: spread(images * pixels * channels),
    numbers: [images, pixels, channels],
  };
}
