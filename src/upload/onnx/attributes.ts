import { Unfit } from '../net/constant';
import type { Place, Rule } from '../net/convert';
import type { NodeProto } from './model';

export type At = Place<NodeProto>;
export type OnnxRule = Rule<NodeProto>;

/** Attributes of an operator by name, with what holds where the file says nothing. */
export const intOf = (at: At, name: string, usual: number): number =>
  at.step.attributes.get(name)?.int ?? usual;

export const floatOf = (at: At, name: string, usual: number): number =>
  at.step.attributes.get(name)?.float ?? usual;

export const textOf = (at: At, name: string, usual: string): string =>
  at.step.attributes.get(name)?.text ?? usual;

export const intsOf = (at: At, name: string): readonly number[] | null =>
  at.step.attributes.get(name)?.ints ?? null;

/** A list that older operator sets keep in an attribute and newer ones in an input; null where there is none. */
export function listOf(at: At, name: string, input: number): readonly number[] | null {
  const ints = intsOf(at, name);
  if (ints) return ints;
  const constant = at.optional(input);
  return constant && [...constant.values];
}

/** An axis counted from the end where it is negative. */
export function axisOf(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(place) || place < 0 || place >= rank)
    throw new Unfit(`works along axis ${axis} of ${rank}`);
  return place;
}

export const axesOf = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => axisOf(axis, rank));

/** @throws Unfit where an attribute has another value than the only one that is supported */
export function only(at: At, name: string, wanted: number): void {
  const found = intOf(at, name, wanted);
  if (found !== wanted) throw new Unfit(`has ${name} = ${found}, which is not supported`);
}
