import { registerAdd } from './add';
import { registerSafeCast } from './cast';

let registered = false;

/** Puts our kernels in the place of tfjs's where those are slow or wrong; they serve any model. Once is enough. */
export function registerOverrides(): void {
  if (registered) return;
  registered = true;
  registerSafeCast();
  registerAdd();
}
