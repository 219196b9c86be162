import { useSyncExternalStore } from 'react';
import { CLASS_COLOURS } from './classes';
import { parseColour, type Colour } from './paint';

/** The colours that canvases need; canvases do not follow the style sheet by themselves. */
export interface Palette {
  readonly ink: string;
  readonly paper: Colour;
  /** As in the style sheet, one for each class. */
  readonly classes: readonly string[];
}

const palettes = new Map<boolean, Palette>();

const darkness = () => matchMedia('(prefers-color-scheme: dark)');

function subscribe(listener: () => void): () => void {
  const media = darkness();
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** The colours of the scheme in force; another object after it has changed. */
export function usePalette(): Palette {
  const dark = useSyncExternalStore(subscribe, () => darkness().matches);
  const known = palettes.get(dark) ?? read();
  palettes.set(dark, known);
  return known;
}

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  return {
    ink: style.getPropertyValue('--ink'),
    paper: parseColour(style.getPropertyValue('--card')),
    classes: CLASS_COLOURS.map((property) => style.getPropertyValue(property)),
  };
}
