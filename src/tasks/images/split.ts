import { Random } from '../../recipe/random';
import type { OwnData, Role } from '../../recipe/own-data';

/** Which images each split holds, in the order in which the students see them. */
export type Rows = Readonly<Record<Role, Uint32Array>>;

export interface Shares {
  readonly seed: number;
  /** Shares of all images, where the files do not declare the split. */
  readonly validation: number;
  readonly test: number;
}

/**
 * Divides images into three splits. What the files declare stays; a validation or test split that they do not declare is
 * drawn, class by class, from the images that are declared as training or not at all. Images that are equal pixel for
 * pixel stay together. Within a split images are shuffled such that every prefix has the classes in their proportions.
 *
 * @param first for each image the first one that is equal to it
 */
export function splitRows(own: OwnData, first: Uint32Array, shares: Shares): Rows {
  const { count, labels, roles } = own;
  const declared = { validation: roles?.includes(1) ?? false, test: roles?.includes(2) ?? false };
  const place = roles?.slice() ?? new Uint8Array(count);
  const free = (i: number) => place[i] === 0;
  // Only what has no equal in a declared split is drawn from: else the copies would come apart.
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i += 1) {
    const key = first[i] ?? i;
    const members = groups.get(key) ?? [];
    members.push(i);
    groups.set(key, members);
  }
  const byClass = own.classes.map((): number[][] => []);
  for (const [key, members] of groups)
    if (members.every(free)) byClass[labels[key] ?? 0]?.push(members);
  byClass.forEach((members, label) => {
    const total = members.reduce((sum, group) => sum + group.length, 0);
    const order = Random.from(shares.seed, `images/split/${label}`).permutation(members.length);
    const wanted = {
      test: declared.test ? 0 : share(shares.test, total),
      validation: declared.validation ? 0 : share(shares.validation, total),
    };
    let taken = 0;
    for (const at of order) {
      const group = members[at] ?? [];
      const role = taken < wanted.test ? 2 : taken < wanted.test + wanted.validation ? 1 : 0;
      if (role === 0) break;
      for (const i of group) place[i] = role;
      taken += group.length;
    }
  });
  const rows = (role: number, name: string) =>
    arranged(
      own,
      Array.from({ length: count }, (_, i) => i).filter((i) => place[i] === role),
      Random.from(shares.seed, `images/order/${name}`),
    );
  return { train: rows(0, 'train'), validation: rows(1, 'validation'), test: rows(2, 'test') };
}

/** A share of a class, at least one image of three or more. */
function share(of: number, total: number): number {
  return total < 3 ? 0 : Math.max(1, Math.round(of * total));
}

/** Shuffles each class, then deals the classes out evenly. */
function arranged(own: OwnData, rows: readonly number[], random: Random): Uint32Array {
  const byClass = own.classes.map((): number[] => []);
  for (const row of rows) byClass[own.labels[row] ?? 0]?.push(row);
  const dealt = byClass.flatMap((members) => {
    const offset = random.uniform();
    return [...random.permutation(members.length)].map((at, i) => ({
      row: members[at] ?? 0,
      key: (i + offset) / members.length,
    }));
  });
  return Uint32Array.from(
    dealt.sort((a, b) => a.key - b.key || a.row - b.row),
    ({ row }) => row,
  );
}
