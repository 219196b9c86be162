import { MockBuffer } from './mock-buffer';
import type { Dispatch, Ledger } from './mock-ledger';

export interface MockPipeline {
  readonly label: string;
  readonly shader: string;
  getBindGroupLayout(index: number): object;
}

export interface MockBindGroup {
  readonly label: string;
  readonly buffers: readonly MockBuffer[];
}

type Command = (ledger: Ledger) => void;

/** What an encoder recorded; may be submitted once. */
export class MockCommands {
  readonly label = '';
  private commands: readonly Command[] | null;

  constructor(commands: readonly Command[]) {
    this.commands = commands;
  }

  run(ledger: Ledger): void {
    const { commands } = this;
    if (!commands) throw new Error('a command buffer was submitted twice');
    this.commands = null;
    for (const command of commands) command(ledger);
  }
}

/** Records passes and copies; nothing counts before it is submitted. */
export class MockEncoder {
  readonly label: string;
  private readonly commands: Command[] = [];
  private state: 'open' | 'in a pass' | 'finished' = 'open';

  constructor(label: string) {
    this.label = label;
  }

  beginComputePass(): MockPass {
    this.enter('in a pass');
    this.commands.push((ledger) => ledger.add('passes'));
    return new MockPass(this.commands, () => {
      this.state = 'open';
    });
  }

  /** Also in the short form (source, target, size). */
  copyBufferToBuffer(
    source: MockBuffer,
    second: number | MockBuffer,
    third?: MockBuffer | number,
    fourth?: number,
    fifth?: number,
  ): void {
    this.enter('open');
    const short = second instanceof MockBuffer;
    const target = short ? second : third;
    const from = short ? 0 : second;
    const to = short ? 0 : (fourth ?? 0);
    const size = (short ? (third as number | undefined) : fifth) ?? source.size - from;
    if (!(target instanceof MockBuffer)) throw new Error('a copy has no target');
    if (from + size > source.size || to + size > target.size)
      throw new Error(`a copy of ${size} bytes leaves its buffers`);
    this.commands.push((ledger) => {
      source.check('unmapped');
      target.check('unmapped');
      ledger.add('bytesCopied', size);
      if (source.isKept || target.isKept) target.write(to, source.read(from, size));
    });
  }

  clearBuffer(buffer: MockBuffer, offset = 0, size = buffer.size - offset): void {
    this.enter('open');
    this.commands.push(() => {
      buffer.check('unmapped');
      if (buffer.isKept) buffer.write(offset, new Uint8Array(size));
    });
  }

  finish(): MockCommands {
    this.enter('finished');
    return new MockCommands(this.commands);
  }

  private enter(state: 'open' | 'in a pass' | 'finished'): void {
    if (this.state !== 'open') throw new Error(`an encoder that is ${this.state} was used`);
    this.state = state;
  }
}

/** A compute pass: it remembers pipeline and bind groups, as they are at each dispatch. */
export class MockPass {
  readonly label = '';
  private readonly commands: Command[];
  private readonly ended: () => void;
  private readonly groups = new Map<number, MockBindGroup>();
  private pipeline: MockPipeline | null = null;

  constructor(commands: Command[], ended: () => void) {
    this.commands = commands;
    this.ended = ended;
  }

  setPipeline(pipeline: MockPipeline): void {
    this.pipeline = pipeline;
  }

  /** Dynamic offsets do not matter to a count. */
  setBindGroup(index: number, group: MockBindGroup): void {
    this.groups.set(index, group);
  }

  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    if (!this.pipeline) throw new Error('a dispatch has no pipeline');
    const dispatch: Dispatch = { shader: this.pipeline.shader, workgroups: [x, y, z] };
    const groups = [...this.groups.values()];
    this.commands.push((ledger) => {
      for (const group of groups) for (const buffer of group.buffers) buffer.check('unmapped');
      ledger.dispatched(dispatch);
    });
  }

  pushDebugGroup(): void {}
  popDebugGroup(): void {}
  insertDebugMarker(): void {}

  end(): void {
    this.ended();
  }
}
