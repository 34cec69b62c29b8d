import { BACKEND, IDLE, MESSAGE_HEADER } from "../wire/message-type.ts";
import { ANSWER, RECORD_HEADER, writeHeader } from "../wire/record.ts";

const CAPACITY = 128 * 1024;
/** Up to this many bytes, copying is cheaper than handing over the buffer and taking a new one. */
const COPY_LIMIT = 16 * 1024;
/** A message that is looked at is looked at this far: longer is only the value of a setting. It has to fit into the buffer. */
const LOOK_LIMIT = 16 * 1024;

/** ECMAScript 2024, which every supported Node has. */
interface ShrinkableBuffer extends ArrayBuffer {
  transfer(length: number): ArrayBuffer;
}

const newBuffer = (): Buffer => Buffer.from(new ArrayBuffer(CAPACITY));

/** What was seen in the answer to one batch. */
export interface AnswerSummary {
  /** Status of the last ReadyForQuery; undefined where there was none. */
  readonly status: "idle" | "transaction" | undefined;
  readonly failed: boolean;
  /** The last command's tag, e.g. `ROLLBACK`. */
  readonly tag: string;
  /** NotificationResponse messages, also those that the client was not to see. */
  readonly notifications: readonly Buffer[];
}

interface Answer {
  readonly client: number;
  hideParse: boolean;
  status: "idle" | "transaction" | undefined;
  failed: boolean;
  tag: string;
  readonly notifications: Buffer[];
}

export interface AnswerWriterOptions {
  readonly post: (records: ArrayBuffer) => void;
  /** Whether this client is to be told of the notification that its own batch has brought up. */
  readonly wantsNotification: (client: number, message: Buffer) => boolean;
  /** Gets the ParameterStatus messages, without what they have beyond 16 kB. Views of the buffer, valid during the call. */
  readonly onParameter: (message: Buffer) => void;
}

/**
 * Puts the backend's output into records, in one buffer for many answers. Long answers go out in pieces while they come.
 * Walks over the messages to leave out what is not for the client and to see how the batch ended.
 */
export class AnswerWriter {
  readonly #options: AnswerWriterOptions;
  #buffer = newBuffer();
  #length = 0;
  /** Where the current record's header is, and how far its messages have been walked over. */
  #record = 0;
  #walked = 0;
  /** Bytes to come of a message that has been walked over. */
  #skip = 0;
  #answer: Answer | undefined;

  constructor(options: AnswerWriterOptions) {
    this.#options = options;
  }

  begin(client: number, hideParse: boolean): void {
    this.#answer = { client, hideParse, status: undefined, failed: false, tag: "", notifications: [] };
    this.#openRecord();
  }

  /** Takes output of the backend: a view of its memory, which is copied. */
  append(chunk: Uint8Array): void {
    for (let taken = 0; taken < chunk.length; ) {
      if (this.#length === CAPACITY) this.#rotate();
      const piece = Math.min(chunk.length - taken, CAPACITY - this.#length);
      this.#buffer.set(chunk.subarray(taken, taken + piece), this.#length);
      this.#length += piece;
      taken += piece;
      this.#walk();
    }
  }

  finish(): AnswerSummary {
    const answer = this.#current();
    this.#closeRecord(answer.client, ANSWER.done);
    this.#answer = undefined;
    return answer;
  }

  /** Ends the answer, if there is one, where it is. Its client is not done: it hears why when the thread has ended. */
  breakOff(): void {
    if (!this.#answer) return;
    this.#closeRecord(this.#answer.client, this.#skip > 0 || this.#walked < this.#length ? ANSWER.cut : 0);
    this.#answer = undefined;
  }

  /** A whole record: an answer, or something that no batch asked for. */
  write(client: number, head: number, body: Uint8Array): void {
    if (this.#length + RECORD_HEADER + body.length > CAPACITY) this.flush();
    writeHeader(this.#buffer, this.#length, client, head, body.length);
    this.#buffer.set(body, this.#length + RECORD_HEADER);
    this.#length += RECORD_HEADER + body.length;
  }

  /** Posts what there is. Between answers only. */
  flush(): void {
    if (this.#length > 0) this.#post();
  }

  /** Whether the answer has come to a ReadyForQuery. */
  get isReady(): boolean {
    return this.#answer?.status !== undefined;
  }

  get isLong(): boolean {
    return this.#length > CAPACITY / 2;
  }

  #post(): void {
    const whole = this.#buffer.buffer as ShrinkableBuffer;
    if (this.#length <= COPY_LIMIT) this.#options.post(whole.slice(0, this.#length));
    else {
      this.#options.post(whole.transfer(this.#length));
      this.#buffer = newBuffer();
    }
    this.#length = 0;
  }

  #openRecord(): void {
    if (this.#length + RECORD_HEADER > CAPACITY - RECORD_HEADER) this.flush();
    this.#record = this.#length;
    this.#length += RECORD_HEADER;
    this.#walked = this.#length;
  }

  #closeRecord(client: number, head: number): void {
    writeHeader(this.#buffer, this.#record, client, head, this.#length - this.#record - RECORD_HEADER);
  }

  /** Sends what is there of an answer that doesn't fit; a message that has yet to be looked at stays back. */
  #rotate(): void {
    const { client } = this.#current();
    const rest = Buffer.from(this.#buffer.subarray(this.#walked, this.#length));
    this.#length = this.#walked;
    this.#closeRecord(client, this.#skip > 0 ? ANSWER.cut : 0);
    this.#post();
    this.#openRecord();
    this.#buffer.set(rest, this.#length);
    this.#length += rest.length;
  }

  #walk(): void {
    for (;;) {
      const skipped = Math.min(this.#skip, this.#length - this.#walked);
      this.#walked += skipped;
      this.#skip -= skipped;
      const left = this.#length - this.#walked;
      if (this.#skip > 0 || left < MESSAGE_HEADER) return;
      const size = 1 + this.#buffer.readInt32BE(this.#walked + 1);
      const type = this.#buffer[this.#walked] as number;
      // It has no bound to its length, and its type says enough.
      if (type === BACKEND.error) this.#current().failed = true;
      const look = LOOK[type];
      const seen = Math.min(size, LOOK_LIMIT);
      if (look && left < seen) return;
      if (look && look(this, this.#buffer.subarray(this.#walked, this.#walked + seen), this.#current()) === "drop") this.#drop(size);
      else this.#skip = size;
    }
  }

  #drop(size: number): void {
    this.#buffer.copyWithin(this.#walked, this.#walked + size, this.#length);
    this.#length -= size;
  }

  #current(): Answer {
    if (!this.#answer) throw new Error("The backend answers though nothing was asked.");
    return this.#answer;
  }

  parameter(message: Buffer): "keep" {
    this.#options.onParameter(message);
    return "keep";
  }

  /** Keeps a copy of the notification for the clients that listen. */
  notified(message: Buffer, answer: Answer): "keep" | "drop" {
    const copy = Buffer.from(message);
    // The shared backend's number is no client's; the sender's is what PostgreSQL would give.
    copy.writeInt32BE(answer.client, MESSAGE_HEADER);
    copy.copy(message);
    answer.notifications.push(copy);
    return this.#options.wantsNotification(answer.client, copy) ? "keep" : "drop";
  }
}

/** Messages that are looked at, as far as `LOOK_LIMIT`. Those that may be dropped are shorter. The others pass unread. */
const LOOK: Readonly<Record<number, (writer: AnswerWriter, message: Buffer, answer: Answer) => "keep" | "drop">> = {
  [BACKEND.readyForQuery]: (_writer, message, answer) => {
    answer.status = message[MESSAGE_HEADER] === IDLE ? "idle" : "transaction";
    return "keep";
  },
  [BACKEND.commandComplete]: (_writer, message, answer) => {
    answer.tag = message.toString("latin1", MESSAGE_HEADER, message.length - 1);
    return "keep";
  },
  [BACKEND.parseComplete]: (_writer, _message, answer) => {
    const hidden = answer.hideParse;
    answer.hideParse = false;
    return hidden ? "drop" : "keep";
  },
  [BACKEND.parameterStatus]: (writer, message) => writer.parameter(message),
  [BACKEND.notification]: (writer, message, answer) => writer.notified(message, answer),
};
