import type { RunEvent } from './events';
import type { Recipe } from './recipe';

/** The version of a recording's form. */
const RECORDING_VERSION = 1;

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

/** Bytes stand in `blobs` as base64, equal ones once; in the events they are {rgb: index} or {unit: index}. */
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
  'plane',
  'tested',
  'notice',
]);

/**
 * Turns a recorded run into plain data for JSON. To stay small it is lossy: pictures (RGBA bytes) keep 4 bits a colour
 * and no transparency, probabilities in a Float32Array keep 8 bits, other numbers 4 significant digits.
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
    if (value instanceof Float32Array) return { unit: place(packUnits(value)) };
    if (Array.isArray(value)) return value.map(pack);
    if (typeof value !== 'object' || value === null) return value;
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
    if ('unit' in part) return unpackUnits(bytes[Number(part.unit)] ?? new Uint8Array());
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

function packUnits(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
}

function unpackUnits(packed: Uint8Array): Float32Array {
  return Float32Array.from(packed, (byte) => byte / 255);
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
