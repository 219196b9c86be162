/**
 * Parameter descriptors: one table per thing (method, sampler, model, task, optimizer) from which the types, the
 * validation, the defaults, the form controls, the help text and the docs are derived.
 */

interface Described {
  /** Short name on the control. */
  readonly label: string;
  /** One sentence: what it does and what a larger value means. */
  readonly help: string;
  /** Shown only under "Advanced". */
  readonly advanced?: boolean;
}

export interface NumberField extends Described {
  readonly kind: 'number' | 'integer';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Step of the form control; validation does not round to it. */
  readonly step?: number;
  readonly scale?: 'linear' | 'log';
  readonly unit?: string;
}

export interface BooleanField extends Described {
  readonly kind: 'boolean';
  readonly default: boolean;
}

export interface ChoiceField<V extends string = string> extends Described {
  readonly kind: 'choice';
  readonly default: V;
  readonly options: readonly { readonly value: V; readonly label: string }[];
}

/** A list of integers, such as the widths of a network's stages. */
export interface ListField extends Described {
  readonly kind: 'list';
  readonly default: readonly number[];
  readonly minLength: number;
  readonly maxLength: number;
  readonly min: number;
  readonly max: number;
}

export type Field = NumberField | BooleanField | ChoiceField | ListField;
export type Fields = Readonly<Record<string, Field>>;

export type ValueOf<F> = F extends NumberField
  ? number
  : F extends BooleanField
    ? boolean
    : F extends ChoiceField<infer V>
      ? V
      : F extends ListField
        ? readonly number[]
        : never;

/** The values of a table of fields. */
export type Values<F extends Fields = Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Any parameter values, as they stand in a recipe. */
export type AnyValues = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** The defaults of a table of fields. */
export function defaultsOf<F extends Fields>(fields: F): Values<F> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, field.default]),
  ) as Values<F>;
}

/** What a field allows, as the end of a sentence: "a number from 0.1 to 100". */
export function allowedBy(field: Field): string {
  switch (field.kind) {
    case 'number':
      return `a number from ${field.min} to ${field.max}`;
    case 'integer':
      return `a whole number from ${field.min} to ${field.max}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${field.options.map((option) => option.value).join(', ')}`;
    case 'list': {
      const count =
        field.minLength === field.maxLength
          ? `${field.minLength}`
          : `${field.minLength} to ${field.maxLength}`;
      return `a list of ${count} whole numbers from ${field.min} to ${field.max}`;
    }
  }
}
