import { Duplex } from "node:stream";
import type { Processors } from "./processors.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const message = (type: string, body: readonly number[]): Buffer => Buffer.from([type.charCodeAt(0), 0, 0, 0, 4 + body.length, ...body]);
const READY = message("Z", ["I".charCodeAt(0)]);
const WELCOME = Buffer.concat([message("R", [0, 0, 0, 0]), READY]);
const ANSWER = Buffer.concat([message("C", [0]), READY]);
const TERMINATE = "X".charCodeAt(0);

/** How long a server takes to be gone after it was told to. */
const LEAVING_MS = 1;

export interface ServerCosts {
  /** Processor time, client's side included. */
  readonly openMs: number;
  readonly queryMs: number;
}

/** A PostgreSQL that does nothing but take its time. */
export class PretendedServer {
  readonly #clock: VirtualClock;
  readonly #processors: Processors;
  readonly #costs: ServerCosts;
  connections = 0;
  mostConnections = 0;
  opens = 0;

  constructor(clock: VirtualClock, processors: Processors, costs: ServerCosts) {
    this.#clock = clock;
    this.#processors = processors;
    this.#costs = costs;
  }

  /** What `pg` takes for a socket. */
  connect(): Duplex {
    const stream = new PretendedSocket((chunk, isFirst) => {
      if (isFirst) this.#open(stream);
      else if (chunk[0] === TERMINATE) this.#leave(stream);
      else this.#processors.run(this.#costs.queryMs, () => stream.push(ANSWER));
    });
    return stream;
  }

  #open(stream: Duplex): void {
    this.opens++;
    this.mostConnections = Math.max(this.mostConnections, ++this.connections);
    this.#processors.run(this.#costs.openMs, () => stream.push(WELCOME));
  }

  #leave(stream: Duplex): void {
    this.#clock.after(LEAVING_MS, () => {
      this.connections--;
      stream.push(null);
      stream.destroy();
    });
  }
}

class PretendedSocket extends Duplex {
  readonly #onChunk: (chunk: Buffer, isFirst: boolean) => void;
  #isFirst = true;

  constructor(onChunk: (chunk: Buffer, isFirst: boolean) => void) {
    super({ allowHalfOpen: false });
    this.#onChunk = onChunk;
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {
    // Answers are pushed when they are due.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#onChunk(chunk, isFirst);
  }

  setNoDelay = (): this => this;
  setKeepAlive = (): this => this;
  ref = (): this => this;
  unref = (): this => this;
}
