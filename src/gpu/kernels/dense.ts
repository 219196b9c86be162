import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/** Dense layers [n, inputs] -> [n, units] with the activation in the same kernel, for the small heads of our networks. */

export type Activation = 'linear' | 'relu' | 'tanh';

const numbers = ['rows', 'inputs', 'units', 'weightAt', 'biasAt'] as const;

const activated: Record<Activation, string> = {
  linear: 'v',
  relu: 'max(0.0, v)',
  // tanh of a large argument overflows on some drivers; beyond 20 it is 1 in float32 anyway.
  tanh: 'tanh(clamp(v, -20.0, 20.0))',
};

/** dy behind the activation, by the output y at the same place. */
const behind: Record<Activation, string> = {
  linear: 'dy[place]',
  relu: 'select(0.0, dy[place], y[place] > 0.0)',
  tanh: 'dy[place] * (1.0 - y[place] * y[place])',
};

interface Place {
  readonly weight: number;
  readonly bias: number;
}

/** y = activation(x W + b). Bindings: x, parameters, y. */
export function denseForward(
  rows: number,
  inputs: number,
  units: number,
  activation: Activation,
  at: Place,
): Program {
  return {
    kernel: {
      key: `dense ${activation}`,
      code: () => `
${bindings(['x', 'parameters', '=y'], numbers)}
${entry()}
  if (at >= n.rows * n.units) { return; }
  let unit = at % n.units;
  let row = (at / n.units) * n.inputs;
  var v = 0.0;
  for (var i = 0; i < n.inputs; i++) {
    v += x[row + i] * parameters[n.weightAt + i * n.units + unit];
  }
  v += parameters[n.biasAt + unit];
  y[at] = ${activated[activation]};
}`,
    },
    groups: spread(rows * units),
    numbers: [rows, inputs, units, at.weight, at.bias],
  };
}

/** dL/dx. Bindings: dy, [y unless linear], parameters, dx. */
export function denseInputGradient(
  rows: number,
  inputs: number,
  units: number,
  activation: Activation,
  at: Place,
): Program {
  const names = ['dy', ...(activation === 'linear' ? [] : ['y']), 'parameters', '=dx'];
  return {
    kernel: {
      key: `dense dx ${activation}`,
      code: () => `
${bindings(names, numbers)}
${entry()}
  if (at >= n.rows * n.inputs) { return; }
  let input = at % n.inputs;
  let row = (at / n.inputs) * n.units;
  var sum = 0.0;
  for (var unit = 0; unit < n.units; unit++) {
    let place = row + unit;
    sum += ${behind[activation]} * parameters[n.weightAt + input * n.units + unit];
  }
  dx[at] = sum;
}`,
    },
    groups: spread(rows * inputs),
    numbers: [rows, inputs, units, at.weight, at.bias],
  };
}

/** dL/dW and dL/db, written into the gradient buffer. Bindings: dy, [y unless linear], x, gradient. */
export function denseWeightGradient(
  rows: number,
  inputs: number,
  units: number,
  activation: Activation,
  at: Place,
): Program {
  const names = ['dy', ...(activation === 'linear' ? [] : ['y']), 'x', '=gradient'];
  return {
    kernel: {
      key: `dense dw ${activation}`,
      code: () => `
${bindings(names, numbers)}
${entry()}
  if (at >= (n.inputs + 1) * n.units) { return; }
  let unit = at % n.units;
  let input = at / n.units;
  var sum = 0.0;
  for (var row = 0; row < n.rows; row++) {
    let place = row * n.units + unit;
    let dz = ${behind[activation]};
    // The row after the last is the bias, whose input is always 1.
    sum += dz * select(1.0, x[row * n.inputs + min(input, n.inputs - 1)], input < n.inputs);
  }
  gradient[select(n.biasAt + unit, n.weightAt + at, input < n.inputs)] = sum;
}`,
    },
    groups: spread((inputs + 1) * units),
    numbers: [rows, inputs, units, at.weight, at.bias],
  };
}
