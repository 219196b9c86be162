import { fieldOf } from '../fields';
import { refuse, shown } from '../refuse';
import type { Parts } from './build';
import type { Layer, Model } from './model';

/**
 * The shape of one row in the file's order; null where it is open.
 *
 * @param notes what had to be put right is added to it
 * @throws UserError where the file does not say it
 */
export function inputRowOf({
  model,
  notes,
  format,
  file,
}: Pick<Parts, 'model' | 'notes' | 'format' | 'file'>): readonly (number | null)[] {
  const where = shown(file.path);
  const named = model.ends?.inputs[0]?.layer;
  const layer =
    named === undefined ? model.layers[0] : model.layers.find(({ name }) => name === named);
  const shapeIn = (at: Layer | undefined, depth: number): unknown => {
    const old = fieldOf(at?.config, 'batch_input_shape', 'batchInputShape');
    const late = fieldOf(at?.config, 'batch_shape', 'batchShape');
    if (old === undefined && late !== undefined && format === 'tfjs-layers')
      notes.repairs.push('Keras 3 names its input shape batch_shape; it was read as such.');
    const own = old ?? late ?? at?.model?.shape;
    return own ?? (at?.model && depth < 8 ? shapeIn(at.model.layers[0], depth + 1) : undefined);
  };
  const raw = shapeIn(layer, 0) ?? model.shape;
  // One input may stand in a list of its own.
  const shape: unknown =
    Array.isArray(raw) && raw.length === 1 && Array.isArray(raw[0]) ? raw[0] : raw;
  if (!Array.isArray(shape) || shape.length < 2 || shape.length > 4)
    throw refuse(
      'E_UPLOAD_INPUT_SHAPE',
      `${where} does not say the shape of one image or one list of numbers as its input${raw === undefined ? '' : ` (it says ${shown(JSON.stringify(raw) ?? '', 60)})`}.`,
      'Begin the network with an Input layer that has the shape of one image, [height, width, channels], and save it anew.',
    );
  const row = (shape as readonly unknown[]).slice(1);
  const sizes = row.map((n) => (n === -1 ? null : n));
  if (!sizes.every((n) => n === null || (Number.isInteger(n) && (n as number) >= 1)))
    throw refuse(
      'E_UPLOAD_CONFIG',
      `${where} cannot be used: its input has the shape ${shown(JSON.stringify(row) ?? '', 60)}.`,
      'Save the network anew from where it was trained.',
    );
  return sizes as readonly (number | null)[];
}

/** Whether any layer has its channels before height and width. */
export function isFirst(model: Model): boolean {
  return model.layers.some((layer) =>
    layer.model
      ? isFirst(layer.model)
      : fieldOf(layer.config, 'data_format', 'dataFormat') === 'channels_first',
  );
}
