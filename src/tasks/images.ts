import { UserError } from '../recipe/errors';
import { defineTask } from './contract';
import { loadOwn } from './images/load';

/** Labelled images that the user brings, of classes that nobody knew before. */
export default defineTask({
  id: 'images',
  title: 'Your own images',
  oneLine: 'Labelled images that you bring: folders, archives, tables or arrays.',
  kind: 'image',
  params: {
    size: {
      kind: 'integer',
      label: 'Side',
      help: 'Every image is brought to a square of so many pixels; larger ones show more and train more slowly.',
      default: 32,
      min: 8,
      max: 64,
      unit: 'pixels',
    },
    fit: {
      kind: 'choice',
      label: 'Fit',
      help: 'What becomes of images that are no such square: cut at the sides, given black margins, or stretched.',
      default: 'cover',
      options: [
        { value: 'cover', label: 'fill, cut the rest' },
        { value: 'contain', label: 'show all, with margins' },
        { value: 'stretch', label: 'stretch' },
        { value: 'whole', label: 'whole steps, with margins' },
      ],
    },
    channels: {
      kind: 'choice',
      label: 'Colours',
      help: 'As the files are, or all grey, or all in three channels.',
      default: 'auto',
      options: [
        { value: 'auto', label: 'as in the files' },
        { value: 'grey', label: 'grey' },
        { value: 'rgb', label: 'red, green, blue' },
      ],
    },
    split: {
      kind: 'integer',
      label: 'Seed of the split',
      help: 'Which images are held out, where the files do not say it themselves.',
      default: 1,
      min: 0,
      max: 1_000_000,
    },
    validation: {
      kind: 'number',
      label: 'Share for validation',
      help: 'Of each class, where the files have no validation split of their own.',
      default: 0.1,
      min: 0.02,
      max: 0.4,
      step: 0.01,
    },
    test: {
      kind: 'number',
      label: 'Share for the test',
      help: 'Of each class, where the files have no test split of their own.',
      default: 0.1,
      min: 0.02,
      max: 0.4,
      step: 0.01,
    },
  },
  cite: [],
  licence: 'Yours to know: the images stay on this computer.',
  source:
    'Image folders or zips (a folder for each class), .npz or .npy arrays, IDX files as of MNIST, or images with a CSV table of labels.',
  needsFiles: true,
  transfer: { default: 1000, min: 10, max: 50_000 },

  async load(params, context) {
    if (!context.own)
      throw new UserError(
        'E_DATA_NEEDED',
        'No images were given yet.',
        'Give image folders or a zip with a folder for each class, an .npz file, IDX files, or images with a CSV table of labels.',
      );
    return loadOwn(context.own, params, context);
  },
});
