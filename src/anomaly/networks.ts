import type * as tf from '@tensorflow/tfjs';
import { Block, Head, Parameters } from './blocks';
import { resize } from './resize';

/** Size and channels of one level of the teacher's features. */
export interface Level {
  readonly side: number;
  readonly channels: number;
}

/**
 * The denoising student: an encoder that halves the image down to half of the smallest level, and a decoder that doubles
 * it again and gives each level's features on its way up. Nothing passes from encoder to decoder but the smallest map, so
 * that a corruption has no way around it.
 */
export class StudentNetwork {
  readonly parameters: Parameters;
  private readonly encoder: readonly Block[];
  private readonly decoder: readonly Block[];
  private readonly levels: readonly Level[];

  /** @param levels of the teacher, the largest first, each half the size of the one before */
  constructor(side: number, levels: readonly Level[], seed: number) {
    this.levels = levels;
    this.parameters = new Parameters(seed);
    const last = levels.at(-1) as Level;
    const encoder: Block[] = [];
    let at = { side, channels: 3 };
    // The image may be as large as the first level, which then costs no step down.
    for (const level of [...levels, { side: last.side / 2, channels: last.channels }]) {
      const name = `student.down${encoder.length + 1}`;
      const stride = at.side / level.side;
      encoder.push(new Block(this.parameters, name, at.channels, level.channels, stride));
      at = level;
    }
    this.encoder = encoder;
    this.decoder = [...levels].reverse().map((level, i) => {
      const block = new Block(this.parameters, `student.up${i + 1}`, at.channels, level.channels);
      at = level;
      return block;
    });
  }

  /** Features of every level, the largest first. Call inside a tidy. */
  forward(x: tf.Tensor4D, training: boolean): tf.Tensor4D[] {
    const smallest = this.encoder.reduce((at, block) => block.apply(at, training), x);
    const out: tf.Tensor4D[] = [];
    let at = smallest;
    this.decoder.forEach((block, i) => {
      at = block.apply(resize(at, this.levels.at(-1 - i)?.side ?? 1), training);
      out.unshift(at);
    });
    return out;
  }
}

/** From the disagreement of teacher and student to logits of a fault, [n, h, w, channels] -> [n, h, w, 1]. */
export class SegmentationNetwork {
  readonly parameters: Parameters;
  private readonly blocks: readonly Block[];
  private readonly head: Head;

  constructor(levels: readonly Level[], seed: number) {
    const channels = levels.reduce((sum, level) => sum + level.channels, 0);
    const width = 2 * (levels[0]?.channels ?? 0);
    this.parameters = new Parameters(seed);
    this.blocks = [
      new Block(this.parameters, 'segmentation.block1', channels, width),
      new Block(this.parameters, 'segmentation.block2', width, width),
    ];
    this.head = new Head(this.parameters, 'segmentation.head', width);
  }

  /** Call inside a tidy. */
  forward(x: tf.Tensor4D, training: boolean): tf.Tensor4D {
    return this.head.apply(this.blocks.reduce((at, block) => block.apply(at, training), x));
  }
}
