import { Duplex } from "node:stream";

/** The other side of a virtual stream. */
export interface VirtualPeer {
  receive(chunk: Buffer): void;
  /** The client went away, with or without a word. Called once. */
  disconnected(): void;
}

/** What `pg` takes for a socket: its other end is in this process. */
export class VirtualStream extends Duplex {
  /** Goes before what the client's start-up parameters say, in milliseconds. */
  statementTimeoutMs: number | undefined;
  readonly #peer: VirtualPeer;

  constructor(createPeer: (stream: VirtualStream) => VirtualPeer) {
    // As a socket does, it ends its own side when the other one has.
    super({ allowHalfOpen: false });
    this.#peer = createPeer(this);
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {
    // Answers are pushed as they come: the backend can't be held back in the midst of one.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#peer.receive(chunk);
    done();
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    for (const { chunk } of chunks) this.#peer.receive(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#peer.disconnected();
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
