/** How a student looks everywhere: its colour, its dash and its marker, so that colour is never the only sign. */
export interface Identity {
  readonly name: string;
  /** A CSS colour: one of the custom properties --arm-1 to --arm-8. */
  readonly colour: string;
  /** A stroke-dasharray; empty for a solid line. */
  readonly dash: string;
  readonly marker: Marker;
}

export type Marker =
  | 'circle'
  | 'square'
  | 'triangle'
  | 'diamond'
  | 'cross'
  | 'star'
  | 'ring'
  | 'bar';

type Look = Omit<Identity, 'name'>;

const LOOKS: readonly Look[] = [
  { colour: 'var(--arm-1)', dash: '', marker: 'circle' },
  { colour: 'var(--arm-2)', dash: '7 4', marker: 'square' },
  { colour: 'var(--arm-3)', dash: '2 3', marker: 'triangle' },
  { colour: 'var(--arm-4)', dash: '9 3 2 3', marker: 'diamond' },
  { colour: 'var(--arm-5)', dash: '12 4', marker: 'cross' },
  { colour: 'var(--arm-6)', dash: '4 2 1 2 1 2', marker: 'star' },
  { colour: 'var(--arm-7)', dash: '1 4', marker: 'ring' },
  { colour: 'var(--arm-8)', dash: '16 3 4 3', marker: 'bar' },
];

/** The looks that three methods have in every run. */
const RESERVED: Readonly<Record<string, number>> = {
  erm: 0,
  kd: 1,
  xcl: 2,
  'gaussian-nll': 0,
  'kd-mean': 1,
  'xcl-gaussian': 2,
};

/**
 * Looks for the students of a run, in their order: ERM, KD and XCL keep theirs, the first of each; others get the next
 * free one. Beyond eight students looks repeat.
 */
export function identities(
  students: readonly { readonly name: string; readonly method: { readonly id: string } }[],
): Identity[] {
  const taken = new Map<number, number>();
  students.forEach((student, index) => {
    const look = RESERVED[student.method.id];
    if (look !== undefined && ![...taken.values()].includes(look)) taken.set(index, look);
  });
  students.forEach((_, index) => {
    if (taken.has(index)) return;
    const used = new Set(taken.values());
    const free = LOOKS.findIndex((_, look) => look > 2 && !used.has(look));
    const spare = LOOKS.findIndex((_, look) => !used.has(look));
    taken.set(index, free >= 0 ? free : spare >= 0 ? spare : index % LOOKS.length);
  });
  return students.map((student, index) => {
    const look = LOOKS[taken.get(index) ?? 0] ?? FALLBACK;
    return { name: student.name, ...look };
  });
}

const FALLBACK: Look = { colour: 'var(--arm-1)', dash: '', marker: 'circle' };
