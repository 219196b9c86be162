import type { PlaneGrid, RunEvent } from './events';
import type { Recipe } from './recipe';

/** The version of a recording's form. */
const RECORDING_VERSION = 2;
/** Side of the plane's grids in a recording. */
const GRID_SIDE = 32;

/** What a run told, and when: in seconds after its start. */
export interface TimedEvent {
  readonly at: number;
  readonly event: RunEvent;
}

/** A run as it once happened, to be shown again and named as recorded. */
export interface Recording {
  readonly preset: string;
  /** The device it was recorded on, as it ends "Recorded on ...". */
  readonly recordedOn: string;
  readonly recipe: Recipe;
  /** In the order of their time, 'prepared' first. */
  readonly events: readonly TimedEvent[];
}

/** Bytes stand in `blobs` as base64, equal ones once; in the events they are {rgb: index} or {grid: index}. */
interface Packed {
  readonly version: number;
  readonly preset: string;
  readonly recordedOn: string;
  readonly recipe: Recipe;
  readonly blobs: readonly string[];
  readonly events: readonly { readonly at: number; readonly event: unknown }[];
}

const EVENT_TYPES: ReadonlySet<unknown> = new Set<RunEvent['type']>([
  'prepared',
  'state',
  'metrics',
  'evaluated',
  'stage',
  'answers',
  'plane',
  'line',
  'tested',
  'notice',
]);

/**
 * Turns a recorded run into plain data for JSON. To stay small it is lossy: pictures (RGBA bytes) keep 4 bits a colour
 * and no transparency, grids of the plane keep 32 x 32 places and 8 bits a probability, other numbers 4 significant
 * digits.
 */
export function packRecording(recording: Recording): unknown {
  const blobs: string[] = [];
  const places = new Map<string, number>();
  const place = (bytes: Uint8Array): number => {
    const text = toBase64(bytes);
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, blobs.length);
    return blobs.push(text) - 1;
  };
  const pack = (value: unknown): unknown => {
    if (typeof value === 'number')
      return Number.isInteger(value) ? value : Number(value.toPrecision(4));
    if (value instanceof Uint8ClampedArray) return { rgb: place(packColours(value)) };
    if (Array.isArray(value)) return value.map(pack);
    if (typeof value !== 'object' || value === null) return value;
    if (isGrid(value)) return { grid: place(packGrid(value)), extent: value.extent };
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pack(part)]));
  };
  const events = recording.events.map(({ at, event }) => ({
    at: Math.round(at * 100) / 100,
    event: pack(event),
  }));
  const { preset, recordedOn, recipe } = recording;
  return { version: RECORDING_VERSION, preset, recordedOn, recipe, blobs, events } satisfies Packed;
}

/** Undoes packRecording; null where the value is no recording of this version. */
export function unpackRecording(value: unknown): Recording | null {
  if (!isPacked(value)) return null;
  const bytes = value.blobs.map(fromBase64);
  const unpack = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(unpack);
    if (typeof part !== 'object' || part === null) return part;
    if ('rgb' in part) return unpackColours(bytes[Number(part.rgb)] ?? new Uint8Array());
    if ('grid' in part && 'extent' in part)
      return unpackGrid(bytes[Number(part.grid)] ?? new Uint8Array(), Number(part.extent));
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, unpack(inner)]));
  };
  const events = value.events
    .map(({ at, event }) => ({ at, event: unpack(event) }))
    .filter((timed): timed is TimedEvent => isEvent(timed.event));
  const { preset, recordedOn, recipe } = value;
  return { preset, recordedOn, recipe, events };
}

function isPacked(value: unknown): value is Packed {
  if (typeof value !== 'object' || value === null) return false;
  const known = value as Partial<Record<keyof Packed, unknown>>;
  return (
    known.version === RECORDING_VERSION &&
    typeof known.preset === 'string' &&
    typeof known.recordedOn === 'string' &&
    typeof known.recipe === 'object' &&
    Array.isArray(known.blobs) &&
    Array.isArray(known.events)
  );
}

function isEvent(value: unknown): value is RunEvent {
  return (
    typeof value === 'object' && value !== null && 'type' in value && EVENT_TYPES.has(value.type)
  );
}

/** RGBA bytes to 12 bits a pixel, two pixels in three bytes. */
function packColours(pixels: Uint8ClampedArray): Uint8Array {
  const count = pixels.length / 4;
  const packed = new Uint8Array(Math.ceil((count * 3) / 2));
  for (let at = 0; at < count * 3; at += 1) {
    const value = pixels[Math.floor(at / 3) * 4 + (at % 3)] ?? 0;
    const nibble = Math.round(value / 17);
    packed[at >> 1] = (packed[at >> 1] ?? 0) | (at % 2 === 0 ? nibble << 4 : nibble);
  }
  return packed;
}

function unpackColours(packed: Uint8Array): Uint8ClampedArray {
  const count = Math.floor((packed.length * 2) / 3);
  const pixels = new Uint8ClampedArray(count * 4).fill(255);
  for (let at = 0; at < count * 3; at += 1) {
    const byte = packed[at >> 1] ?? 0;
    pixels[Math.floor(at / 3) * 4 + (at % 3)] = (at % 2 === 0 ? byte >> 4 : byte & 15) * 17;
  }
  return pixels;
}

function isGrid(value: object): value is PlaneGrid {
  return 'probabilities' in value && value.probabilities instanceof Float32Array;
}

/** The grid resampled to 32 x 32 places, a byte for each probability but the last class's, which is what is left. */
function packGrid({ side, probabilities }: PlaneGrid): Uint8Array {
  const classes = Math.round(probabilities.length / side ** 2);
  const packed = new Uint8Array(GRID_SIDE ** 2 * (classes - 1));
  // From centre to centre of the cells.
  const placeOf = (cell: number) =>
    Math.min(Math.max(((cell + 0.5) / GRID_SIDE) * side - 0.5, 0), side - 1);
  let at = 0;
  for (let row = 0; row < GRID_SIDE; row += 1)
    for (let column = 0; column < GRID_SIDE; column += 1)
      for (let k = 0; k < classes - 1; k += 1) {
        const value = between(side, placeOf(row), placeOf(column), (r, c) => {
          return probabilities[(r * side + c) * classes + k] ?? 0;
        });
        packed[at] = Math.round(value * 255);
        at += 1;
      }
  return packed;
}

/** A value between the four places of a grid around (row, column). */
function between(
  side: number,
  row: number,
  column: number,
  value: (row: number, column: number) => number,
): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [bottom, right] = [Math.min(top + 1, side - 1), Math.min(left + 1, side - 1)];
  const upper = value(top, left) + (value(top, right) - value(top, left)) * (column - left);
  const lower =
    value(bottom, left) + (value(bottom, right) - value(bottom, left)) * (column - left);
  return upper + (lower - upper) * (row - top);
}

function unpackGrid(packed: Uint8Array, extent: number): PlaneGrid {
  const stored = Math.round(packed.length / GRID_SIDE ** 2);
  const probabilities = new Float32Array(GRID_SIDE ** 2 * (stored + 1));
  for (let place = 0; place < GRID_SIDE ** 2; place += 1) {
    let left = 1;
    for (let k = 0; k < stored; k += 1) {
      const value = (packed[place * stored + k] ?? 0) / 255;
      probabilities[place * (stored + 1) + k] = value;
      left -= value;
    }
    probabilities[place * (stored + 1) + stored] = Math.max(0, left);
  }
  return { side: GRID_SIDE, extent, probabilities };
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
