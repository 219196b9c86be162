/** Pulls exact numbers of bytes out of a stream of chunks of any size. */
export class ByteReader {
  /** Bytes taken so far. */
  position = 0;
  private readonly source: ReadableStreamDefaultReader<Uint8Array>;
  private chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.source = stream.getReader();
  }

  /** The next `count` bytes, or all that are left where the stream ends earlier. Valid until the next call. */
  async take(count: number): Promise<Uint8Array> {
    if (this.chunk.length === 0) await this.pull();
    const taken = this.chunk.length < count ? await this.gather(count) : this.chunk;
    const bytes = taken.subarray(0, count);
    if (taken === this.chunk) this.chunk = this.chunk.subarray(count);
    this.position += bytes.length;
    return bytes;
  }

  /** The next `count` bytes (or all that are left) without taking them. */
  async peek(count: number): Promise<Uint8Array> {
    const head = await this.take(count);
    const whole = new Uint8Array(head.length + this.chunk.length);
    whole.set(head);
    whole.set(this.chunk, head.length);
    this.chunk = whole;
    this.position -= head.length;
    return whole.subarray(0, head.length);
  }

  /** Passes over `count` bytes; false where the stream ends earlier. */
  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0) {
      const passed = (await this.take(Math.min(left, 1 << 16))).length;
      if (passed === 0) return false;
      left -= passed;
    }
    return true;
  }

  /** Lets go of the stream. */
  async cancel(): Promise<void> {
    await this.source.cancel().catch(() => undefined);
  }

  /** Bytes from as many chunks as it takes, in a buffer of their own. */
  private async gather(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    do {
      const part = this.chunk.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.chunk = this.chunk.subarray(part.length);
    } while (filled < count && (await this.pull()));
    return bytes.subarray(0, filled);
  }

  /** Replaces the used-up chunk by the next one that is not empty; false at the end. */
  private async pull(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.source.read();
      if (done) return false;
      if (value.length === 0) continue;
      this.chunk = value;
      return true;
    }
  }
}
