import { liveChange } from '../recipe/live';
import { presets } from '../recipe/presets';
import { hasBegun } from './run';
import { chosenRecipe, sameValue, type AppState } from './state';

/**
 * What has to be said of the run that is shown, so that nobody takes it for one of the settings on the page:
 * - 'recorded': it is a recording, with these settings;
 * - 'recorded otherwise': a recording, with the settings that the preset has by itself;
 * - 'before changes': it began, or ended, before the settings were changed or other files were given;
 * - 'prepared before changes': the same, and it has not made a step.
 */
export type Mark = 'recorded' | 'recorded otherwise' | 'before changes' | 'prepared before changes';

/** The mark of the run that is shown; null where it is one of the settings on the page. */
export function markOf(state: AppState): Mark | null {
  const chosen = chosenRecipe(state);
  if (state.showing === 'recorded') {
    const own = presets.find(({ id }) => id === state.draft.preset)?.recipe;
    return sameValue(chosen, own) ? 'recorded' : 'recorded otherwise';
  }
  const { live, asked } = state;
  if (!live || sameValue(chosen, asked)) return null;
  if (hasBegun(live)) return 'before changes';
  // Nothing that is shown before the first step depends on numbers that a run takes over while it goes on.
  return asked && liveChange(asked, chosen) !== null ? null : 'prepared before changes';
}
