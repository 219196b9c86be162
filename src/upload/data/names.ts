/** Place in ROLES of what a file, array or folder is for, by its name; null where it does not say. */
export function roleOf(name: string): number | null {
  const plain = name.toLowerCase();
  if (/train/.test(plain)) return 0;
  if (/t10k|test/.test(plain)) return 2;
  if (/(^|[^a-z]|[xy])(val|valid|validation|dev)([^a-z]|[xy]|$)/.test(plain)) return 1;
  return null;
}

const ENDINGS = /\.(gz|npy|npz|idx|bin)$/;
const IMAGES = /^(x|images?|imgs?|data|features|inputs|pixels)$/;
const LABELS = /^(y|labels?|targets?|class|classes)$/;
const FORM = /^(idx\d?|ubyte|float|int)$/;

/** Words of a name: "X_train" is x and train, "trainImages" is train and images. */
function wordsOf(name: string): string[] {
  const bare = name.toLowerCase().replace(ENDINGS, '').replace(ENDINGS, '');
  return (
    bare
      .split(/[^a-z0-9]+/)
      // What belongs together stands in words of its own, or right beside the split's: xtrain, trainlabels.
      .flatMap((word) => {
        const found = /^(x|y|images|labels)?(train|test|val|valid)(x|y|images|labels)?$/.exec(word);
        return found ? found.slice(1).filter((part) => part !== undefined) : [word];
      })
      .filter((word) => word !== '' && !FORM.test(word))
  );
}

/** Whether an array holds images or labels, by its name; null where it does not say. */
export function partOf(name: string): 'images' | 'labels' | null {
  const words = wordsOf(name);
  if (words.some((word) => LABELS.test(word))) return 'labels';
  if (words.some((word) => IMAGES.test(word))) return 'images';
  return null;
}

/** What images and their labels have in common in their names: "t10k-first500". */
export function stemOf(name: string): string {
  return wordsOf(name)
    .filter((word) => !LABELS.test(word) && !IMAGES.test(word))
    .join('-');
}

/** A few names, and how many more there are. */
export function listOf(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
