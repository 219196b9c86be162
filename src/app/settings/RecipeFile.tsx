import { useRef } from 'react';
import { useSession } from '../context';
import ui from '../ui/ui.module.css';

/** Saves the settings as a recipe file, and opens one. */
export function RecipeFile() {
  const session = useSession();
  const input = useRef<HTMLInputElement>(null);
  const save = () => {
    const url = URL.createObjectURL(new Blob([session.recipeFile()], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'recipe.json';
    link.click();
    URL.revokeObjectURL(url);
  };
  const open = async () => {
    const file = input.current?.files?.[0];
    if (!file) return;
    session.openRecipe(await file.text());
    // The same file may be chosen again after it was mended.
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <button type="button" className={ui.button} onClick={save}>
        Save recipe
      </button>
      <button type="button" className={ui.button} onClick={() => input.current?.click()}>
        Open recipe
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label="Recipe file"
        onChange={() => void open()}
      />
    </>
  );
}
