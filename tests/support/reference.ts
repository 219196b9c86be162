import type { ConvGeometry } from '../../src/gpu/kernels/geometry';

/** What kernels have to compute, as plain loops in float64, without a thought for speed. */

type Values = ArrayLike<number>;

const at = (values: Values, i: number): number => values[i] ?? NaN;
const zeros = (size: number): Float64Array => new Float64Array(size);
const put = (into: Float64Array, i: number, value: number): void => {
  into[i] = at(into, i) + value;
};

/** Calls back for every product of a convolution, with the places of its input, its weight and its output. */
function eachProduct(g: ConvGeometry, visit: (x: number, w: number, y: number) => void): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = g;
  for (let image = 0; image < g.batch; image++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let ky = 0; ky < g.kernelHeight; ky++)
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const iy = oy * g.strideHeight + ky - g.padTop;
            const ix = ox * g.strideWidth + kx - g.padLeft;
            if (iy < 0 || iy >= inHeight || ix < 0 || ix >= inWidth) continue;
            for (let i = 0; i < inChannels; i++)
              for (let o = 0; o < outChannels; o++)
                visit(
                  ((image * inHeight + iy) * inWidth + ix) * inChannels + i,
                  ((ky * g.kernelWidth + kx) * inChannels + i) * outChannels + o,
                  ((image * outHeight + oy) * outWidth + ox) * outChannels + o,
                );
          }
}

/** Numbers of values of a convolution's input, filter and output. */
export const sizesOf = (g: ConvGeometry) => ({
  x: g.batch * g.inHeight * g.inWidth * g.inChannels,
  w: g.kernelHeight * g.kernelWidth * g.inChannels * g.outChannels,
  y: g.batch * g.outHeight * g.outWidth * g.outChannels,
});

/** y = x * w (+ bias) (+ residual), ReLU. */
export function convolution(
  g: ConvGeometry,
  x: Values,
  w: Values,
  more: { bias?: Values; residual?: Values; relu?: boolean } = {},
): Float64Array {
  const y = zeros(sizesOf(g).y);
  eachProduct(g, (a, b, c) => put(y, c, at(x, a) * at(w, b)));
  return y.map((value, i) => {
    const bias = more.bias ? at(more.bias, i % g.outChannels) : 0;
    const sum = value + bias + (more.residual ? at(more.residual, i) : 0);
    return more.relu === true ? Math.max(0, sum) : sum;
  });
}

export function convolutionInput(g: ConvGeometry, dy: Values, w: Values): Float64Array {
  const dx = zeros(sizesOf(g).x);
  eachProduct(g, (a, b, c) => put(dx, a, at(dy, c) * at(w, b)));
  return dx;
}

export function convolutionFilter(g: ConvGeometry, x: Values, dy: Values): Float64Array {
  const dw = zeros(sizesOf(g).w);
  eachProduct(g, (a, b, c) => put(dw, b, at(dy, c) * at(x, a)));
  return dw;
}

/** The filter with the last two axes, input and output channels, in each other's place. */
export function swappedFilter(g: ConvGeometry, w: Values): Float32Array {
  const out = new Float32Array(w.length);
  const size = g.inChannels * g.outChannels;
  for (let i = 0; i < w.length; i++) {
    const [input, output] = [Math.floor((i % size) / g.outChannels), i % g.outChannels];
    out[i - (i % size) + output * g.inChannels + input] = at(w, i);
  }
  return out;
}

/** Sums over [outer, rows, columns] -> [outer, columns]. */
export function middleSums(x: Values, outer: number, rows: number, columns: number): Float64Array {
  const out = zeros(outer * columns);
  for (let i = 0; i < outer * rows * columns; i++)
    put(out, Math.floor(i / (rows * columns)) * columns + (i % columns), at(x, i));
  return out;
}

export interface NormInputs {
  readonly x: Values;
  readonly gamma: Values;
  readonly beta: Values;
  readonly residual?: Values | undefined;
  readonly relu: boolean;
}

/** Batch norm over [rows, channels] by the batch's own biased variance, then the residual sum and the ReLU. */
export function norm({ x, gamma, beta, residual, relu }: NormInputs, epsilon = 1e-5) {
  const channels = gamma.length;
  const rows = x.length / channels;
  const mean = middleSums(x, 1, rows, channels).map((sum) => sum / rows);
  const centred = Float64Array.from(x, (value, i) => value - at(mean, i % channels));
  const squares = centred.map((value) => value * value);
  const variance = middleSums(squares, 1, rows, channels).map((sum) => sum / rows);
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const normalised = centred.map((value, i) => value * at(inverse, i % channels));
  const y = normalised.map((value, i) => {
    const c = i % channels;
    const sum = value * at(gamma, c) + at(beta, c) + (residual ? at(residual, i) : 0);
    return relu ? Math.max(0, sum) : sum;
  });
  return { y, mean, variance, inverse, normalised };
}

/** Its gradients; dz is dy behind the ReLU, which is the residual's gradient as well. */
export function normGradient(inputs: NormInputs, dy: Values, epsilon = 1e-5) {
  const { y, inverse, normalised } = norm(inputs, epsilon);
  const channels = inputs.gamma.length;
  const rows = y.length / channels;
  const dz = y.map((value, i) => (inputs.relu && value <= 0 ? 0 : at(dy, i)));
  const dBeta = middleSums(dz, 1, rows, channels);
  const products = dz.map((value, i) => value * at(normalised, i));
  const dGamma = middleSums(products, 1, rows, channels);
  const dx = dz.map((value, i) => {
    const c = i % channels;
    const pull = (at(dBeta, c) + at(normalised, i) * at(dGamma, c)) / rows;
    return at(inputs.gamma, c) * at(inverse, c) * (value - pull);
  });
  return { dz, dx, dGamma, dBeta };
}

/** x [rows, inputs] times w [inputs, units], plus bias [units]. */
export function dense(x: Values, w: Values, bias: Values): Float64Array {
  const units = bias.length;
  const inputs = w.length / units;
  const y = zeros((x.length / inputs) * units);
  for (let i = 0; i < y.length; i++) {
    const [row, unit] = [Math.floor(i / units), i % units];
    let sum = at(bias, unit);
    for (let k = 0; k < inputs; k++) sum += at(x, row * inputs + k) * at(w, k * units + unit);
    y[i] = sum;
  }
  return y;
}

/** Gradients of x, w and bias from dz [rows, units], the gradient of what `dense` gives. */
export function denseGradient(x: Values, w: Values, dz: Values, units: number) {
  const inputs = w.length / units;
  const [dx, dw, dBias] = [zeros(x.length), zeros(w.length), zeros(units)];
  for (let i = 0; i < dz.length; i++) {
    const [row, unit] = [Math.floor(i / units), i % units];
    put(dBias, unit, at(dz, i));
    for (let k = 0; k < inputs; k++) {
      put(dx, row * inputs + k, at(dz, i) * at(w, k * units + unit));
      put(dw, k * units + unit, at(dz, i) * at(x, row * inputs + k));
    }
  }
  return { dx, dw, dBias };
}

/** Logarithm of the softmax of logits / temperature, row by row. */
export function logSoftmax(logits: Values, classes: number, temperature: number): Float64Array {
  const out = Float64Array.from(logits, (value) => value / temperature);
  for (let row = 0; row < out.length; row += classes) {
    const part = out.subarray(row, row + classes);
    const top = Math.max(...part);
    const sum = part.reduce((total, value) => total + Math.exp(value - top), 0);
    part.forEach((value, i) => {
      part[i] = value - top - Math.log(sum);
    });
  }
  return out;
}
