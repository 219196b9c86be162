import { gzipSync } from 'node:zlib';
import { tinyH5, tinyKeras3 } from './keras';
import { tinyOnnx } from './onnx';
import { tinyLayersModel } from './tfjs';
import { tinyGraphModel } from './tfjs-graph';
import type { Part } from './tiny';
import { tinyLegacy, tinySafetensors, tinyTorch } from './torch';
import { zip } from './zip';

/** A small good network in every form, and in archives. */
export const GOOD: readonly { readonly form: string; readonly parts: readonly Part[] }[] = [
  { form: 'tfjs-layers', parts: tinyLayersModel() },
  { form: 'tfjs-graph', parts: tinyGraphModel() },
  { form: 'tfjs-layers in a zip', parts: zipped(tinyLayersModel()) },
  { form: 'keras-h5', parts: tinyH5() },
  { form: 'keras-3', parts: tinyKeras3() },
  { form: 'onnx', parts: tinyOnnx() },
  { form: 'onnx as gzip', parts: tinyOnnx().map(gzipped) },
  { form: 'safetensors', parts: tinySafetensors() },
  { form: 'pytorch', parts: tinyTorch() },
  { form: 'pytorch, older', parts: tinyLegacy() },
];

function zipped(parts: readonly Part[]): Part[] {
  return [{ name: 'tiny.zip', bytes: zip(parts.map((part) => ({ ...part, deflate: true }))) }];
}

function gzipped({ name, bytes }: Part): Part {
  return { name: `${name}.gz`, bytes: gzipSync(bytes) };
}
