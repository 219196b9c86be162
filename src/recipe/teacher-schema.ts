import * as v from 'valibot';
import { ACTIVATIONS, ALPHAS } from './layers';
import type { LayerStep } from './layers';
import { cropField, gaussianTeacherFields, nonTargetEntropyField, runFields } from './run-fields';
import { fieldSchema, fieldsSchema, nameSchema, optionalSchema } from './schema-parts';
import type { Schema } from './schema-parts';

/** Most classes, channels or targets that a meaning speaks of, and most characters of a name from a file. */
const MOST = 4096;
const LONGEST = 256;

const finite = v.pipe(v.number('a number'), v.finite('a finite number'));
const numbers = v.pipe(
  v.array(finite, 'a list of numbers'),
  v.check((list) => list.length >= 1 && list.length <= MOST, `a list of 1 to ${MOST} numbers`),
);
/** A name inside a file, which has to stay as it is to be found there. */
const fileName = v.pipe(
  v.string(`a name of 1 to ${LONGEST} characters`),
  v.check(
    (text) => text.length >= 1 && text.length <= LONGEST,
    `a name of 1 to ${LONGEST} characters`,
  ),
);

const inputRange = v.strictObject({
  name: fileName,
  order: v.picklist(['rgb', 'bgr'], 'rgb or bgr'),
  scale: finite,
  mean: numbers,
  std: v.pipe(
    numbers,
    v.check((list) => list.every((n) => n > 0), 'a list of numbers above zero'),
  ),
  perImage: v.union(
    [v.boolean(), v.picklist(['channels', 'range'])],
    'true, false, channels or range',
  ),
});

const classAnswers = v.strictObject({
  kind: v.picklist(['logits', 'probabilities', 'sigmoid'], 'logits, probabilities or sigmoid'),
  classes: v.pipe(
    v.array(
      v.nullable(
        v.pipe(
          v.number('a place or null'),
          v.check((n) => Number.isInteger(n) && n >= 0, 'a place, counted from 0, or null'),
        ),
      ),
      'a list with a place for each class',
    ),
    v.check((list) => list.length <= MOST, `a list of at most ${MOST} places`),
  ),
});

const valueAnswers = v.strictObject({
  kind: v.literal('values'),
  scale: v.pipe(
    numbers,
    v.check((list) => list.every((n) => n !== 0), 'a list of numbers other than zero'),
  ),
  shift: numbers,
  spread: v.variant(
    'kind',
    [
      v.strictObject({ kind: v.literal('constant'), logVariance: numbers }),
      v.strictObject({
        kind: v.picklist(['variance', 'log-variance', 'deviation'], 'a known kind'),
        output: fileName,
      }),
    ],
    'constant, variance, log-variance or deviation',
  ),
});

const MOST_STEPS = 1000;
const LARGEST = 65_536;

const count = (from: number) =>
  v.pipe(
    v.number(`a whole number from ${from} to ${LARGEST}`),
    v.check(
      (n) => Number.isInteger(n) && n >= from && n <= LARGEST,
      `a whole number from ${from} to ${LARGEST}`,
    ),
  );
/** [height, width]; of a square one number does. */
const pair = (from: number, absent?: readonly [number, number]) => {
  const one = v.pipe(
    count(from),
    v.transform((n) => [n, n] as const),
  );
  const either = v.union(
    [v.tuple([count(from), count(from)], 'a pair'), one],
    `a whole number from ${from} on, or a pair [height, width]`,
  );
  return absent ? v.optional(either, absent) : either;
};

const layerVariant = v.variant(
  'op',
  [
    v.strictObject({
      op: v.literal('conv'),
      name: fileName,
      stride: pair(1, [1, 1]),
      padding: pair(0, [0, 0]),
      dilation: pair(1, [1, 1]),
    }),
    v.strictObject({ op: v.literal('dense'), name: fileName }),
    v.strictObject({
      op: v.literal('norm'),
      name: fileName,
      epsilon: v.optional(
        v.pipe(
          finite,
          v.check((n) => n > 0, 'a number above zero'),
        ),
        1e-5,
      ),
    }),
    v.strictObject({ op: v.literal('slope'), name: fileName }),
    v.strictObject({
      op: v.literal('activation'),
      kind: v.picklist(ACTIVATIONS, `one of ${ACTIVATIONS.join(', ')}`),
      alpha: v.optional(finite),
    }),
    v.strictObject({
      op: v.literal('pool'),
      kind: v.picklist(['max', 'mean'], 'max or mean'),
      size: pair(1, [2, 2]),
      stride: v.optional(pair(1)),
      padding: pair(0, [0, 0]),
      ceil: v.optional(v.boolean('true or false'), false),
    }),
    v.strictObject({ op: v.literal('flatten') }),
    v.strictObject({ op: v.literal('global'), kind: v.picklist(['mean', 'max'], 'mean or max') }),
  ],
  'a step whose op is conv, dense, norm, slope, activation, pool, flatten or global',
);

/** What a step leaves out is as in PyTorch: a pool goes on by its size, an ELU's scale is 1. */
const layerStep = v.pipe(
  layerVariant,
  v.transform((step): LayerStep => {
    if (step.op === 'pool') return { ...step, stride: step.stride ?? step.size };
    if (step.op !== 'activation') return step;
    return { ...step, alpha: step.alpha ?? ALPHAS[step.kind] ?? 0.01 };
  }),
);

/** How the weights of a file that holds nothing else are put together; what is usual may be left out. */
export const layersSchema = v.strictObject(
  {
    input: v.pipe(
      v.array(count(1), 'a list of whole numbers'),
      v.check(
        (list) => list.length === 1 || list.length === 3,
        '[numbers] or [height, width, channels]',
      ),
    ),
    steps: v.pipe(
      v.array(layerStep, 'a list of steps'),
      v.check(
        (list) => list.length >= 1 && list.length <= MOST_STEPS,
        `a list of 1 to ${MOST_STEPS} steps`,
      ),
    ),
  },
  'a table of input and steps',
);

/** What a network from a file means on the task. */
const meaningSchema = v.strictObject(
  {
    layers: v.optional(layersSchema),
    output: fileName,
    resize: v.picklist(['bilinear', 'nearest'], 'bilinear or nearest'),
    flatten: v.picklist(['pixels', 'colours'], 'pixels or colours'),
    input: inputRange,
    answers: v.variant(
      'kind',
      [classAnswers, valueAnswers],
      'answers whose kind is logits, probabilities, sigmoid or values',
    ),
    taps: v.pipe(
      v.record(fileName, fileName, 'a table of names'),
      v.check((taps) => Object.keys(taps).length <= 64, 'a table of at most 64 names'),
    ),
  },
  'a table with known keys',
);

/** The keys of a network from a file. */
const fileEntries = {
  name: nameSchema(LONGEST),
  sha256: v.pipe(
    v.string('64 hexadecimal digits'),
    v.check((text) => /^[0-9a-f]{64}$/.test(text), '64 hexadecimal digits'),
  ),
  meaning: meaningSchema,
};

/** A student's architecture from a file. */
export const fileStudentSchema = v.strictObject(
  { ...fileEntries, weights: v.picklist(['kept', 'fresh'], 'kept or fresh') },
  'a table with known keys',
);

/** A teacher: bundled, trained before the run, or from a file. */
export function teacherSchema(model: Schema, optimizer: Schema, ids: readonly string[]) {
  return v.variant(
    'source',
    [
      v.strictObject({
        source: v.literal('bundled'),
        id: v.picklist(ids, `one of ${ids.join(', ')}`),
      }),
      v.strictObject({
        source: v.literal('train'),
        model,
        optimizer,
        ...fieldsSchema({ batch: runFields.batch, steps: runFields.steps }),
        augment: v.optional(v.picklist(['none', 'crop-flip'], 'none or crop-flip'), 'none'),
        pad: fieldSchema(cropField),
        nonTargetEntropy: optionalSchema(nonTargetEntropyField),
        members: optionalSchema(gaussianTeacherFields.members),
        meanWarmup: optionalSchema(gaussianTeacherFields.meanWarmup),
      }),
      v.strictObject({ source: v.literal('file'), ...fileEntries }),
    ],
    'a teacher whose source is bundled, train or file',
  );
}
