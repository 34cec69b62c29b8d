import { MESSAGE_HEADER } from "./message-type.ts";

/** Longest message taken from a client: PostgreSQL's own limit. */
const LONGEST = 0x3fff_ffff;
const NOTHING = Buffer.alloc(0);

/** What a client sends, cut into messages: first untyped packets, then typed messages. */
export class FrontendFrames {
  readonly #onPacket: (packet: Buffer) => "again" | "typed";
  readonly #onMessage: (message: Buffer) => void;
  #pending: Buffer = NOTHING;
  /** Bytes of one message that came in several chunks, not yet joined. */
  #chunks: Buffer[] = [];
  #awaited = 0;
  #typed = false;

  constructor(onPacket: (packet: Buffer) => "again" | "typed", onMessage: (message: Buffer) => void) {
    this.#onPacket = onPacket;
    this.#onMessage = onMessage;
  }

  /** @throws Error where the length of a message can't be */
  feed(chunk: Buffer): void {
    const bytes = this.#join(chunk);
    if (bytes === undefined) return;
    let offset = 0;
    for (;;) {
      const length = this.#lengthAt(bytes, offset);
      if (length === undefined || offset + length > bytes.length) {
        this.#awaited = length ?? 0;
        break;
      }
      this.#take(bytes.subarray(offset, offset + length));
      offset += length;
    }
    this.#pending = bytes.subarray(offset);
  }

  /** A long message is joined once it is whole, not again with every chunk. */
  #join(chunk: Buffer): Buffer | undefined {
    if (this.#pending.length === 0) return chunk;
    this.#chunks.push(chunk);
    const length = this.#chunks.reduce((sum, { length: bytes }) => sum + bytes, this.#pending.length);
    if (length < this.#awaited) return undefined;
    const joined = Buffer.concat([this.#pending, ...this.#chunks], length);
    this.#chunks = [];
    return joined;
  }

  #lengthAt(bytes: Buffer, offset: number): number | undefined {
    const type = this.#typed ? 1 : 0;
    if (bytes.length - offset < (this.#typed ? MESSAGE_HEADER : 8)) return undefined;
    const length = bytes.readInt32BE(offset + type);
    if (length < (this.#typed ? 4 : 8) || length > LONGEST) throw new Error("invalid message length");
    return length + type;
  }

  #take(message: Buffer): void {
    if (this.#typed) this.#onMessage(message);
    else this.#typed = this.#onPacket(message) === "typed";
  }
}
