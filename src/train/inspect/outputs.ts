import { outputsOf } from '../../tasks/contract';
import type { TaskData } from '../../tasks/contract';
import { refuse, shown } from '../../upload/refuse';

/**
 * The output that answers: the one that a person chose, or the first whose size fits the task; and which of several it is
 * and why, as a sentence.
 *
 * @param sizes of all outputs by their names @throws UserError where none fits
 */
export function outputFor(
  file: string,
  sizes: ReadonlyMap<string, number>,
  data: TaskData,
  wanted: string | undefined,
): { readonly output: string; readonly said: string | null } {
  const all = [...sizes].map(([name, size]) => `${shown(name)} (${count(size)})`).join(', ');
  const chosen = (output: string, why: string) => ({
    output,
    said:
      sizes.size < 2
        ? null
        : `It has ${sizes.size} outputs: ${all}. ${shown(output)} is used, ${why}.`,
  });
  if (wanted !== undefined) {
    if (sizes.has(wanted)) return chosen(wanted, 'as you said');
    throw refuse(
      'E_UPLOAD_MEANING',
      `${file} has no output named ${shown(wanted)}.`,
      'Choose one of its outputs.',
    );
  }
  const named = [...sizes];
  const d = data.targets?.names.length;
  const exact = d === undefined ? [data.classes.length] : [d, 2 * d];
  const asked = d === undefined ? `${data.classes.length} classes` : `${d} real values`;
  const fits = named.filter(([, size]) => exact.includes(size));
  const [fit] = fits;
  if (fit)
    return chosen(
      fit[0],
      `${fits.length > 1 ? 'the first of those' : 'the only one'} whose size fits the task’s ${asked}`,
    );
  // The nearest in size: a feature map has thousands.
  const [large] = named
    .filter(([, size]) => (d === undefined ? size > 1 : size > d))
    .toSorted(([, a], [, b]) => a - b);
  if (large)
    return chosen(large[0], `the smallest that is large enough; none has just the task’s ${asked}`);
  const single = named.find(([, size]) => size === 1);
  if (single && d === undefined && data.classes.length === 2)
    return chosen(single[0], 'the only one that tells two classes apart');
  throw refuse(
    'E_UPLOAD_OUTPUTS',
    `${file} puts out ${named.map(([, size]) => size).join(' and ')} number${named.length === 1 && named[0]?.[1] === 1 ? '' : 's'}, and the task asks for ${outputsOf(data) === data.classes.length ? `${data.classes.length} classes` : `${d} real values`}.`,
    'Choose the task that it was trained for.',
  );
}

const count = (size: number): string =>
  `${size.toLocaleString('en')} number${size === 1 ? '' : 's'}`;
