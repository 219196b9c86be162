import type { BackendName, DeviceReport } from '../../worker/protocol';
import { presets } from '../../recipe/presets';
import type { RunView } from '../run';
import type { Notice } from '../state';
import { whole } from './format';

/** Key of what is said about the device. */
export const DEVICE_NOTICE = 'device';

/** Key of what is said about the files of a task. */
export const FILES_NOTICE = 'files';

/**
 * What is said where a run is asked for and the files of its task are not here.
 *
 * @param own the task is that of a person's own images, which are given in a dialog
 */
export function filesFirst(own: boolean): Notice {
  return {
    key: FILES_NOTICE,
    tone: 'info',
    sentence: own
      ? 'This task needs your images first: press “Own images” under “Task”, or drop them anywhere on the page.'
      : 'This task needs its files first: drop them under “Task”, or choose them there.',
  };
}

export const TEACHER_FIRST: Notice = {
  key: 'own-teacher',
  tone: 'info',
  sentence:
    'The settings name a teacher whose file is not here: give it under “Teacher”, or go back to the preset’s teacher there.',
};

export const STUDENT_FIRST: Notice = {
  key: 'own-teacher',
  tone: 'info',
  sentence:
    'The settings name a student from a file that is not here: give that file under “Teacher”, which looks at any network, or take the student away.',
};

/** What is said where one's own teacher cannot come along to other data. */
export function teacherLeft(name: string): Notice {
  return {
    key: 'own-teacher',
    tone: 'info',
    sentence: `The teacher ${name} was left: it was brought for another task.`,
  };
}

/** What is said of a run that was ended by choosing something else. */
export function runEnded({ recipe, progress }: RunView): Notice {
  const title = presets.find(({ id }) => id === recipe.preset)?.title ?? recipe.task.id;
  const at = progress ? ` at step ${whole(progress.step)} of ${whole(progress.steps)}` : '';
  return {
    key: 'ended',
    tone: 'info',
    sentence: `The run of “${title}” was ended${at}, because something else was chosen.`,
  };
}

export const DROP_UNREAD: Notice = {
  key: FILES_NOTICE,
  tone: 'warning',
  sentence: 'What was dropped could not be opened: choose its files with the button instead.',
};

/** What is said about settings that cannot be used, or not all of them. */
export function linkNotice(
  problems: readonly string[],
  from: 'start' | 'link' | 'file' = 'link',
): Notice {
  const sentences = {
    start: 'These settings cannot be run together.',
    link: 'Not everything in this link could be used.',
    file: 'This recipe file cannot be used; the settings stay as they were.',
  };
  return { key: from, tone: 'warning', sentence: sentences[from], more: problems };
}

/**
 * What is said where the device is not the best one; null where there is nothing to say.
 * @param before what trained in the worker that was lost; null where none was
 */
export function deviceNotice(
  device: DeviceReport,
  before: BackendName | null = null,
): Notice | null {
  const more = device.refused;
  const about = (sentence: string): Notice => ({
    key: DEVICE_NOTICE,
    tone: 'info',
    sentence,
    more,
  });
  if (!device.selfTest.passed)
    return {
      ...about('This device failed the check of its gradients: do not trust what it learns here.'),
      tone: 'warning',
    };
  if (before !== null && RANK.indexOf(device.backend) > RANK.indexOf(before))
    return about(
      `${BACKENDS[before]} did not come back, so ${BACKENDS[device.backend]} trains from now on; a restart of the browser may bring it back.`,
    );
  if (device.software)
    return about(
      'Running on a software GPU, which is for tests: about a hundred times slower than a real one.',
    );
  switch (device.backend) {
    case 'webgpu':
      return null;
    case 'webgl':
      return about('Running on WebGL: everything works, more slowly than with WebGPU.');
    case 'wasm':
      return about(
        'No GPU can be used here, so the processor trains (WebAssembly): the spiral is quick, images take many times as long.',
      );
    case 'cpu':
      return about('Running on plain JavaScript, which is for tests: use it for the spiral only.');
  }
}

/** Backends, the fastest first. */
const RANK: readonly BackendName[] = ['webgpu', 'webgl', 'wasm', 'cpu'];

const BACKENDS: Record<BackendName, string> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
};

/** The device in a few words, as on its button. */
export function deviceName(device: DeviceReport): string {
  return BACKENDS[device.backend];
}
