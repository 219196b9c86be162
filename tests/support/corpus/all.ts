import { ARCHIVES } from './archives';
import type { BadCase } from './case';
import { FOREIGN } from './foreign';
import { GRAPHS } from './graph';
import { KERAS } from './keras';
import { ONNX } from './onnx';
import { TFJS } from './tfjs';
import { TORCH } from './torch';

/** All bad files. */
export const BAD: readonly BadCase[] = [
  ...FOREIGN,
  ...ARCHIVES,
  ...TFJS,
  ...GRAPHS,
  ...KERAS,
  ...ONNX,
  ...TORCH,
];
