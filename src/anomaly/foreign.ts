import { cos, sin } from '../recipe/elementary';
import type { Random } from '../recipe/random';

/**
 * A texture that has nothing to do with the normal images, RGB bytes [side, side, 3]: two colours, between which waves,
 * stripes, squares or grains decide. Stands for the photographs of textures that the paper pastes in.
 */
export function foreignTexture(side: number, random: Random): Uint8Array {
  const colour = () => [random.integer(256), random.integer(256), random.integer(256)] as const;
  const [one, other] = [colour(), colour()];
  const share = pattern(random);
  const out = new Uint8Array(side * side * 3);
  for (let y = 0, at = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const part = share(x, y);
      for (let c = 0; c < 3; c += 1, at += 1)
        out[at] = Math.round((one[c] as number) * part + (other[c] as number) * (1 - part));
    }
  return out;
}

/** How much of the first colour a pixel has, 0 to 1. */
function pattern(random: Random): (x: number, y: number) => number {
  const wave = (): ((x: number, y: number) => number) => {
    const frequency = random.range(0.2, 2);
    const angle = random.range(0, 2 * Math.PI);
    const phase = random.range(0, 2 * Math.PI);
    const [fx, fy] = [frequency * cos(angle), frequency * sin(angle)];
    return (x, y) => sin(fx * x + fy * y + phase);
  };
  switch (random.integer(4)) {
    case 0: {
      const waves = [wave(), wave(), wave()];
      return (x, y) => 0.5 + waves.reduce((sum, at) => sum + at(x, y), 0) / 6;
    }
    case 1: {
      const stripe = wave();
      return (x, y) => (stripe(x, y) > 0 ? 1 : 0);
    }
    case 2: {
      const size = 2 + random.integer(5);
      return (x, y) => (Math.floor(x / size) + Math.floor(y / size)) % 2;
    }
    default:
      return () => random.uniform();
  }
}
