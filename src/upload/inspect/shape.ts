import { sizeOf } from '../../models/net/graph';
import type { Meaning } from '../../recipe/meaning';
import { refuse } from '../refuse';
import type { TaskSide } from '../../recipe/task-side';

type Image = readonly [number, number, number];

/** How a task's input becomes what a network reads. */
export interface Fit {
  /** The image that the network sees, [height, width, channels]; null where it reads points. */
  readonly image: Image | null;
  /** The shape that its graph takes, where that is another one for the same numbers; else null. */
  readonly reshaped: readonly number[] | null;
  readonly resized: boolean;
  readonly colours: 'same' | 'grey to colours' | 'colours to grey';
  /** In which order its list holds an image, where its shape says it: [pixels, colours] or [colours, pixels]. */
  readonly order: Meaning['flatten'] | null;
  /** What is done to the inputs, as sentences; none where they fit as they are. */
  readonly sentences: readonly string[];
}

const shape = (of: readonly number[]): string => of.join(' x ');

/**
 * How the inputs of a task can be brought to a network.
 *
 * @param file what sentences call the network @param wanted the shape of its input
 * @throws UserError where they cannot: networks for text, sound or other numbers
 */
export function fitOf(file: string, wanted: readonly number[], task: TaskSide): Fit {
  const same = {
    reshaped: null,
    resized: false,
    colours: 'same',
    order: null,
    sentences: [],
  } as const;
  if (task.shape.length === 1) {
    if (String(wanted) === String(task.shape)) return { ...same, image: null };
    if (sizeOf(wanted) === sizeOf(task.shape)) return { ...same, image: null, reshaped: wanted };
    throw refuse(
      'E_UPLOAD_SHAPE',
      `${file} reads inputs of shape ${shape(wanted)}, and the task’s are ${task.shape[0]} numbers.`,
      'Choose a task with inputs like those that it was trained on.',
    );
  }
  const own = task.shape as Image;
  const image = imageOf(wanted, own);
  if (!image)
    throw refuse(
      'E_UPLOAD_SHAPE',
      wanted.length <= 2
        ? `${file} reads inputs of shape ${shape(wanted)}, such as text, sound or tables have, and the task’s are images of ${shape(own)}.`
        : `${file} reads images of ${shape(wanted)}, and the task’s are ${shape(own)}; only grey images and those of three colours can be turned into each other.`,
      'Choose a network for images, or a task with inputs like those that it was trained on.',
    );
  const resized = image[0] !== own[0] || image[1] !== own[1];
  const colours =
    image[2] === own[2] ? 'same' : image[2] === 3 ? 'grey to colours' : 'colours to grey';
  return {
    image,
    reshaped: wanted.length === 3 ? null : wanted,
    resized,
    colours,
    order:
      wanted.length === 2 && image[2] > 1 ? (wanted[1] === image[2] ? 'pixels' : 'colours') : null,
    sentences: [
      ...(resized
        ? [
            `Images of ${own[0]} x ${own[1]} are resized to ${image[0]} x ${image[1]} for it${image[0] * own[1] === image[1] * own[0] ? '' : ', which changes their proportions'}.`,
          ]
        : []),
      ...(colours === 'grey to colours' ? ['Grey images are given to it as three colours.'] : []),
      ...(colours === 'colours to grey' ? ['Colours are turned into grey for it.'] : []),
      ...(wanted.length === 3 ? [] : [`It reads an image as numbers of shape ${shape(wanted)}.`]),
    ],
  };
}

/** The image behind a network's input shape; null where none is. */
function imageOf(wanted: readonly number[], own: Image): Image | null {
  const usable = (channels: number) =>
    channels === own[2] || (channels === 1 && own[2] === 3) || (channels === 3 && own[2] === 1);
  if (wanted.length === 3) {
    const image = wanted as Image;
    return usable(image[2]) ? image : null;
  }
  if (wanted.length === 2) {
    const [h, w] = wanted as readonly [number, number];
    // A sequence has two axes too; those of an image are alike.
    const alike = h === w || (h === own[0] && w === own[1]);
    if (alike && h > 1) return usable(1) ? [h, w, 1] : null;
    // Pixels one after the other, each with its colours, or a list of pixels for each colour.
    const colours = Math.min(h, w);
    const side = Math.sqrt(Math.max(h, w));
    const pixels = colours === 3 && usable(3) && Number.isInteger(side) && side >= 8;
    return pixels ? [side, side, 3] : null;
  }
  if (wanted.length !== 1) return null;
  const size = sizeOf(wanted);
  if (size === sizeOf(own)) return own;
  for (const channels of [own[2], 1, 3]) {
    const side = Math.sqrt(size / channels);
    if (usable(channels) && Number.isInteger(side) && side >= 8) return [side, side, channels];
  }
  return null;
}
