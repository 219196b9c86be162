import { givenOf } from './given';

/** Writes GraphModels of TensorFlow.js for tests. */

export interface GraphSpec {
  readonly nodes: readonly {
    readonly name: string;
    readonly op: string;
    readonly input?: readonly string[];
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  /** Without the rows. */
  readonly input: readonly number[];
  readonly weights?: Readonly<
    Record<
      string,
      {
        readonly shape: readonly number[];
        readonly values: ArrayLike<number>;
        readonly whole?: boolean;
      }
    >
  >;
  readonly outputs?: readonly string[];
}

function attribute(name: string, value: unknown): unknown {
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'string') return { s: btoa(value) };
  if (typeof value === 'number')
    return /epsilon|alpha/.test(name) ? { f: value } : { i: String(value) };
  if (!Array.isArray(value)) return value;
  const list = value as readonly unknown[];
  return typeof list[0] === 'string'
    ? { list: { s: list.map((text) => btoa(text as string)) } }
    : { list: { i: list.map(String) } };
}

/** model.json and its weight file. Its input is called x. */
export function graphFiles({ nodes, input, weights = {}, outputs }: GraphSpec) {
  const entries = Object.entries(weights);
  const dim = [-1, ...input].map((size) => ({ size: String(size) }));
  const placeholder = {
    name: 'x',
    op: 'Placeholder',
    attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } },
  };
  const json = {
    format: 'graph-model',
    modelTopology: {
      node: [
        placeholder,
        ...entries.map(([name, { whole }]) => ({
          name,
          op: 'Const',
          attr: { dtype: { type: whole ? 'DT_INT32' : 'DT_FLOAT' } },
        })),
        ...nodes.map(({ name, op, input: from, attributes = {} }) => ({
          name,
          op,
          input: from,
          attr: Object.fromEntries(
            Object.entries(attributes).map(([key, value]) => [key, attribute(key, value)]),
          ),
        })),
      ],
    },
    ...(outputs && {
      signature: {
        outputs: Object.fromEntries(outputs.map((name, i) => [`out${i}`, { name: `${name}:0` }])),
      },
    }),
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: entries.map(([name, { shape, whole }]) => ({
          name,
          shape,
          dtype: whole ? 'int32' : 'float32',
        })),
      },
    ],
  };
  const bytes = entries.flatMap(([, { values, whole }]) => [
    ...new Uint8Array((whole ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  ]);
  return [
    givenOf('model.json', JSON.stringify(json)),
    givenOf('w.bin', Uint8Array.from(bytes)),
  ] as const;
}
