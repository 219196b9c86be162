/**
 * The learning rate of a recipe under which training came apart: the students', that of the teacher that is trained
 * before the run, or one of the two of a run that finds faults.
 */
export type RateOf = 'students' | 'teacher' | 'student' | 'segmentation';

/** A mistake that a person can mend: a stable code, one sentence that says what is wrong, and what to do. */
export class UserError extends Error {
  readonly code: string;
  readonly hint: string;
  /** Which learning rate led there, where one did. */
  readonly rate: RateOf | null;

  constructor(
    code: string,
    message: string,
    hint = '',
    { rate = null, ...options }: ErrorOptions & { readonly rate?: RateOf | null } = {},
  ) {
    super(message, options);
    this.name = 'UserError';
    this.code = code;
    this.hint = hint;
    this.rate = rate;
  }
}

/** An error in the form in which it crosses from the worker to the page. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Stack and causes, for "copy details". */
  readonly detail: string;
  /** The learning rate to lower; absent where the error has nothing to do with one. */
  readonly rate?: RateOf;
}

/** Turns anything thrown into a fault, keeping every cause in the detail. */
export function faultOf(thrown: unknown): Fault {
  const parts: string[] = [];
  for (let at: unknown = thrown; at !== undefined && parts.length < 8;) {
    parts.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  const detail = parts.join('\ncaused by: ');
  if (thrown instanceof UserError) {
    const { code, message, hint, rate } = thrown;
    return { code, message, hint, detail, ...(rate && { rate }) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'E_UNEXPECTED',
    message: `Something went wrong that should not have: ${message}`,
    hint: 'Reset and try again; "copy details" keeps what happened.',
    detail,
  };
}
