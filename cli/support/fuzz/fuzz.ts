import type { Part } from '../../../tests/support/files/tiny';
import { sizeOf, weightsOf } from '../../../src/models/net/graph';
import { UserError } from '../../../src/recipe/errors';
import { Random } from '../../../src/recipe/random';
import { fromBytes } from '../../../src/upload/bytes';
import { decodePng } from '../../../src/upload/data/png';
import { readData } from '../../../src/upload/data/read';
import type { ReadNetwork, Reading } from '../../../src/upload/given';
import { readTeacher } from '../../../src/upload/read';
import { FORMS } from './forms';
import type { Form } from './forms';
import { mutate } from './mutate';

const reading: Reading = { progress: () => undefined };

/** What became of one mutated file. */
export interface Outcome {
  readonly form: string;
  /** "loaded", the code of the refusal, or "failed". */
  readonly what: string;
  /** Of a failure, what was thrown. */
  readonly why: string;
  readonly ms: number;
}

/** The files with a number: always the same for the same seed. */
export function filesOf(seed: number, index: number): { form: Form; files: readonly Part[] } {
  const random = Random.from(seed, `fuzz/${index}`);
  const form = FORMS[index % FORMS.length] as Form;
  const other = FORMS[random.integer(FORMS.length)] as Form;
  const spare = other.parts[random.integer(other.parts.length)]?.bytes ?? Buffer.alloc(1);
  // Half of all changes are made to the parts, so that they lie behind archives and their check sums.
  const files = random.bernoulli(0.5)
    ? form.wrap(mutate(form.parts, random, spare))
    : mutate(form.wrap(form.parts), random, spare);
  return { form, files };
}

/** Makes one mutated file and reads it. */
export async function fuzzOne(seed: number, index: number): Promise<Outcome> {
  const { form, files } = filesOf(seed, index);
  const given = files.map(({ name, bytes }) => fromBytes(name, new Uint8Array(bytes)));
  const started = performance.now();
  const ended = (what: string, why = '') => ({
    form: form.form,
    what,
    why,
    ms: performance.now() - started,
  });
  try {
    if (form.reads === 'data') await readData(given, decodePng, reading);
    else check(await readTeacher(given, reading));
    return ended('loaded');
  } catch (thrown) {
    if (thrown instanceof UserError && thrown.message !== '') return ended(thrown.code);
    return ended(
      'failed',
      thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    );
  }
}

/** A network that loads has every weight that its graph needs, finite and of the right length. */
function check({ graph, weights }: ReadNetwork): void {
  for (const { name, shape } of weightsOf(graph)) {
    const values = weights.get(name);
    if (values?.length !== sizeOf(shape)) throw new Error(`weight ${name} is missing or too short`);
    if (!values.every(Number.isFinite)) throw new Error(`weight ${name} is not finite`);
  }
}
