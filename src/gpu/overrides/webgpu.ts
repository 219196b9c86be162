import { registerAdd } from './add';
import { registerBatchNorm } from './batchnorm';
import { registerSafeCast } from './cast';
import { registerConvForward } from './conv-forward';
import { registerConvGradients } from './conv-gradients';
import { registerMatMul } from './matmul';
import { registerReductions } from './reduce';

let registered = false;

/** Puts our kernels in the place of tfjs's where those are slow or wrong; they serve any model. Once is enough. */
export function registerOverrides(): void {
  if (registered) return;
  registered = true;
  registerSafeCast();
  registerAdd();
  registerConvForward();
  registerConvGradients();
  registerMatMul();
  registerReductions();
  registerBatchNorm();
}
