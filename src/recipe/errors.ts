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

/** What makes a run smaller, by the names that settings and recipes have for it. */
export const LESS =
  'Take less at once: a smaller batch, narrower students (widths, hidden layers), fewer students or images.';

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

/**
 * What engines, drivers and TensorFlow.js say where memory has run out, or where one piece of it would be larger than may
 * be asked for: Chromium, Firefox, Safari, WebGPU, WebGL, WebAssembly.
 */
const MEMORY = [
  /out of (device |host )?memory/i,
  /\bOOM\b/,
  /allocation (size overflow|failed)|(failed to|could not) allocate/i,
  /invalid typed array length: \d+$/i,
  /invalid array buffer length|length out of range of buffer/i,
  /cannot enlarge memory|maximum memory size exceeded|memory could not grow/i,
  /createBuffer failed, size/i,
  /(exceeds|(larger|greater) than) [\w ]*max[\w ]*(buffer|binding|texture|workgroups)/i,
  /requested texture size .* greater than|unable to create webgltexture/i,
];

/** Whether something that was thrown, or that a device reports, says that memory has run out. */
export function saysMemory(said: unknown): boolean {
  if (said instanceof UserError) return false;
  if (typeof said === 'string') return MEMORY.some((words) => words.test(said));
  if (typeof said !== 'object' || said === null) return false;
  if (said.constructor.name === 'GPUOutOfMemoryError') return true;
  return 'message' in said && typeof said.message === 'string' && saysMemory(said.message);
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
  if (saysMemory(thrown))
    return {
      code: 'E_OUT_OF_MEMORY',
      message: 'There is not enough memory for this.',
      hint: `${LESS} Other tabs and programs give memory back when they are closed.`,
      detail,
    };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'E_UNEXPECTED',
    message: `Something went wrong that should not have: ${message}`,
    hint: 'Reset and try again; "copy details" keeps what happened.',
    detail,
  };
}
