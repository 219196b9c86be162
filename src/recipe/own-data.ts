/** What an image of a person's own data is for, as `OwnData.roles` counts them. */
export const ROLES = ['train', 'validation', 'test'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Labelled images that a person brought, as a reader made them of files: plain arrays that can be sent between workers,
 * stored and read again. Images keep their own sides (large ones come reduced); a task brings them to one.
 */
export interface OwnData {
  /** What to call it: the folder's or file's name. */
  readonly title: string;
  readonly format: 'IDX' | 'NumPy' | 'image files' | 'image files with a table' | 'table of pixels';
  readonly count: number;
  /** 1 is grey, 3 is red, green, blue. */
  readonly channels: 1 | 3;
  /** All images end to end, each row-major [height, width, channels], 0..255. */
  readonly pixels: Uint8Array;
  /** [count, 2]: height and width of each image. */
  readonly sizes: Uint16Array;
  /** Place in `classes` of each image. */
  readonly labels: Uint8Array;
  readonly classes: readonly string[];
  /** Where the files say what an image is for: a place in ROLES each. Null where they say nothing. */
  readonly roles: Uint8Array | null;
  /** What the reader did, found or left out, a sentence each. */
  readonly remarks: readonly string[];
}

/** How many images of a class there are. */
export interface ClassCount extends Readonly<Record<Role, number>> {
  readonly name: string;
}

/** What a person is shown of data before it is used. */
export interface DataSummary {
  readonly title: string;
  readonly format: OwnData['format'];
  readonly count: number;
  /** [height, width, channels] as networks will see them. */
  readonly shape: readonly [number, number, number];
  /** Smallest and largest [height, width] among the images. */
  readonly sides: {
    readonly smallest: readonly [number, number];
    readonly largest: readonly [number, number];
  };
  readonly classes: readonly ClassCount[];
  /** Which splits the files declare; the others were drawn from `seed`. */
  readonly declared: { readonly validation: boolean; readonly test: boolean };
  readonly seed: number;
  /** What the reader did, found or left out, a sentence each. */
  readonly remarks: readonly string[];
  /** What a person should think about before training, a sentence each. */
  readonly warnings: readonly string[];
  /** Up to `columns` training images of each class: a row for each class, tiles of `tile` pixels, as RGBA. */
  readonly sheet: {
    readonly rgba: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;
    readonly tile: number;
    readonly columns: number;
  };
  /** Bytes of the data as it is kept. */
  readonly bytes: number;
}

/** Own images that are kept in the browser's private file system. */
export interface KeptData {
  readonly id: string;
  /** As the person called it. */
  readonly name: string;
  readonly count: number;
  readonly classes: number;
  /** Size of its file. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}
