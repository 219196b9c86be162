import { UserError } from '../../recipe/errors';
import type { Format, ReadNetwork, Reading } from '../given';
import { titleOf } from '../names';
import { refuse } from '../refuse';
import { answersOf, tapEnds } from './answers';
import type { NetBuilder } from './builder';
import { Unfit } from './constant';
import type { Conversion, Step } from './convert';

/** How a format's refusals are worded. */
interface Words {
  /** What sentences call the file. */
  readonly where: string;
  readonly code: string;
  /** What is said of a file that is damaged in a way that no rule names: "is not as ... files are". */
  readonly damaged: string;
  readonly hint: string;
}

/** Reads a file of operators; whatever goes wrong in it is a sentence about the file. Cancelling stays what it is. */
export async function asSentences(
  { where, code, damaged, hint }: Words,
  reading: Reading,
  read: () => Promise<ReadNetwork>,
): Promise<ReadNetwork> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof UserError || reading.signal?.aborted) throw cause;
    const why = cause instanceof Unfit ? cause.message : damaged;
    throw refuse(code, `${where} cannot be used: it ${why}.`, hint, cause);
  }
}

/** What is known of a file of operators beside its conversion. */
interface About {
  readonly format: Format;
  readonly path: string;
  readonly where: string;
  readonly layout: ReadNetwork['layout'];
  readonly repairs: readonly string[];
  /** Outputs that cannot be read are added to it. */
  readonly remarks: string[];
}

/** The network of a conversion: its outputs asked, which converts what they need, and the ends of layers as taps. */
export function convertedNetwork<S extends Step>(
  net: NetBuilder,
  conversion: Conversion<S>,
  steps: readonly S[],
  outputs: readonly string[],
  { format, path, where, layout, repairs, remarks }: About,
): ReadNetwork {
  const answers = answersOf(conversion, where, outputs, remarks);
  const [answer, ...others] = answers as [string, ...string[]];
  tapEnds(conversion, steps, answers);
  return {
    format,
    title: titleOf(path),
    ...net.finish(answer, others),
    outputs: answers,
    layout,
    layers: conversion.count,
    classes: null,
    repairs,
    remarks,
  };
}
