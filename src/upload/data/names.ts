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

/** What images and their labels have in common in their names: "t10k-first500". */
function stemOf(name: string): string {
  return wordsOf(name)
    .filter((word) => !LABELS.test(word) && !IMAGES.test(word))
    .join('-');
}

/** A few names, and how many more there are. */
export function listOf(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** One array among several, before it is known what belongs together. */
export interface Half {
  readonly name: string;
  readonly part: 'images' | 'labels';
  readonly count: number;
}

/**
 * Pairs images with labels: by what their names have in common, else by being the only ones left of their count.
 * Returns what found no partner too.
 */
export function pairUp<H extends Half>(
  halves: readonly H[],
): { readonly pairs: readonly (readonly [H, H])[]; readonly left: readonly H[] } {
  const left = new Set(halves);
  const pairs: [H, H][] = [];
  const match = (fits: (images: H, labels: H) => boolean) => {
    for (const images of halves) {
      if (images.part !== 'images' || !left.has(images)) continue;
      const found = [...left].filter((other) => other.part === 'labels' && fits(images, other));
      const [labels] = found;
      if (!labels || found.length > 1) continue;
      pairs.push([images, labels]);
      left.delete(images);
      left.delete(labels);
    }
  };
  match((a, b) => stemOf(a.name) === stemOf(b.name) && a.count === b.count);
  match((a, b) => stemOf(a.name) === stemOf(b.name));
  match((a, b) => roleOf(a.name) === roleOf(b.name) && a.count === b.count);
  match((a, b) => a.count === b.count);
  return { pairs, left: [...left] };
}
