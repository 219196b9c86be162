/** What has to be freed by its owner. */
export interface Freed {
  dispose(): void;
}

/**
 * Things that are freed together, the last one first. What is made of several of them puts each here as it is made, and
 * frees all where a later one cannot be made.
 */
export class Belongings implements Freed {
  private readonly things: Freed[] = [];

  /** Takes a thing over and hands it on. */
  add<T extends Freed>(thing: T): T {
    this.things.push(thing);
    return thing;
  }

  dispose(): void {
    for (const thing of this.things.splice(0).toReversed()) thing.dispose();
  }
}

/** Makes something of parts that have to be freed: where it throws, the parts that were made by then are. */
export function whole<T>(make: (parts: Belongings) => T): T {
  const parts = new Belongings();
  try {
    return make(parts);
  } catch (thrown) {
    parts.dispose();
    throw thrown;
  }
}
